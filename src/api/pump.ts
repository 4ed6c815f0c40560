// From events to a socket, no faster than the socket takes them.

export interface PumpOptions<E> {
  readonly events: AsyncIterable<E>;
  /** Hands an event to the socket; false: it is full, wait for `drained`. */
  readonly write: (event: E) => boolean;
  /** Resolves when the socket takes more; rejects when the signal is aborted. */
  readonly drained: (signal: AbortSignal) => Promise<void>;
  /** Aborted when the reader has gone. */
  readonly signal: AbortSignal;
}

/** Resolves after the last event; throws what the stream throws. A reader that goes ends the call. */
export async function pump<E>({ events, write, drained, signal }: PumpOptions<E>): Promise<void> {
  for await (const event of events) {
    if (signal.aborted) return;
    if (!write(event)) {
      await drained(signal);
      if (signal.aborted) return;
    }
  }
}
