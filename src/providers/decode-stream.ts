// From a vendor's frames to the core's events: the one async step between the socket and the core.

import type { ProviderChatEvent, UsageTold } from "../core/chat/events.ts";
import { ProviderError } from "../core/provider-error.ts";
import { type EventReader, over, PulledEvents, pullNext } from "../core/pulled-events.ts";

/** What an adapter knows of its vendor's stream: pure, it holds the state of one stream. */
export interface StreamDecoder<F> {
  /** @throws ProviderError for an error event of the vendor's, or a frame that is not of its format */
  decode(frame: F): readonly ProviderChatEvent[];
  /** True when the terminal event has been read: what follows is of no interest. */
  isComplete(): boolean;
  /**
   * The body has ended. For a vendor whose stream has no terminal event: what comes last; `isComplete` then
   * tells whether the reply is whole.
   */
  end?(): readonly ProviderChatEvent[];
  /** What the vendor has counted, if that has not been told by a `usage` event yet. */
  untoldUsage(): UsageTold | undefined;
}

/** Throws `broken_reply` for a stream without its terminal event, after the usage where that is known. */
export const decodeStream = <F>(
  batches: AsyncIterable<readonly F[]>,
  decoder: StreamDecoder<F>,
): AsyncIterableIterator<ProviderChatEvent> => new DecodedStream(batches[Symbol.asyncIterator](), decoder);

class DecodedStream<F> extends PulledEvents<ProviderChatEvent> implements EventReader<readonly F[]> {
  readonly #batches: AsyncIterator<readonly F[]>;
  readonly #decoder: StreamDecoder<F>;
  #frames: readonly F[] = [];
  #nextFrame = 0;
  #events: readonly ProviderChatEvent[] = [];
  #nextEvent = 0;
  #failure: { readonly error: unknown } | undefined;
  #over = false;
  #ended = false;
  #reader: EventReader<ProviderChatEvent> | undefined;
  #handingOut = false;
  #awaitsBatch = false;

  constructor(batches: AsyncIterator<readonly F[]>, decoder: StreamDecoder<F>) {
    super();
    this.#batches = batches;
    this.#decoder = decoder;
  }

  pull(reader: EventReader<ProviderChatEvent>): void {
    this.#reader = reader;
    this.#handOut();
  }

  async return(): Promise<IteratorResult<ProviderChatEvent>> {
    this.#over = true;
    this.#awaitsBatch = false;
    this.#handOut();
    await this.#batches.return?.();
    return over;
  }

  event(batch: readonly F[]): void {
    this.#awaitsBatch = false;
    this.#frames = batch;
    this.#nextFrame = 0;
    this.#handOut();
  }

  /** The body has ended. */
  end(): void {
    this.#awaitsBatch = false;
    try {
      if (!this.#ended && this.#decoder.end !== undefined) {
        this.#ended = true;
        this.#events = this.#decoder.end();
        this.#nextEvent = 0;
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#ended && this.#decoder.isComplete()) {
      this.#handOut();
      return;
    }
    const message = "The provider's stream ended before its terminal event.";
    this.fail(new ProviderError({ failure: "broken_reply", message, ownWords: true }));
  }

  /** What was counted goes out first, the error with the next event that is asked for. */
  fail(error: unknown): void {
    this.#awaitsBatch = false;
    if (!this.#over) {
      this.#events = [];
      this.#frames = [];
      void this.#batches.return?.();
      const usage = this.#decoder.untoldUsage();
      if (usage !== undefined) this.#events = [usage];
      this.#nextEvent = 0;
    }
    this.#failure = { error };
    this.#handOut();
  }

  /**
   * Reads on while a reader waits. Readers ask again as soon as they have an event, and a batch may come as soon as
   * it is asked for: one loop serves them all, whatever the depth that it is called from.
   */
  #handOut(): void {
    if (this.#handingOut) return;
    this.#handingOut = true;
    while (this.#reader !== undefined && !this.#awaitsBatch) this.#step(this.#reader);
    this.#handingOut = false;
  }

  #step(reader: EventReader<ProviderChatEvent>): void {
    const event = this.#over ? undefined : this.#events[this.#nextEvent];
    if (event !== undefined) {
      this.#nextEvent += 1;
      this.#reader = undefined;
      reader.event(event);
      return;
    }
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      this.#over = true;
      this.#reader = undefined;
      reader.fail(error);
      return;
    }
    if (this.#over || this.#decoder.isComplete()) {
      if (!this.#over) void this.return();
      this.#reader = undefined;
      reader.end();
      return;
    }
    const frame = this.#frames[this.#nextFrame];
    if (frame === undefined) {
      this.#awaitsBatch = true;
      pullNext(this.#batches, this);
      return;
    }
    this.#nextFrame += 1;
    try {
      this.#events = this.#decoder.decode(frame);
      this.#nextEvent = 0;
    } catch (error) {
      this.fail(error);
    }
  }
}
