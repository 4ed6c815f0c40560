// A response as a stream of server-sent events that is never silent for long.

import type { ServerResponse } from "node:http";
import type { Clock, Timer } from "../core/clock.ts";

export interface EventStream {
  /** Sends the headers; they go out with the first text. Nothing happens when they are sent already. */
  begin(headers: Readonly<Record<string, string>>, status?: number): void;
  /** False: the socket is full, wait for `drained`. */
  write(text: string): boolean;
  /** Resolves when the socket takes more; rejects when the signal is aborted or the reader takes too long. */
  drained(signal: AbortSignal): Promise<void>;
  /** Ends the heartbeats; whoever opened the stream calls it in any case. */
  stop(): void;
}

export interface EventStreamOptions {
  readonly response: ServerResponse;
  readonly clock: Clock;
  /** How long the stream may be silent, the time before its headers included. */
  readonly heartbeatMs: number;
  /** How long a reader that takes nothing keeps its connection. */
  readonly stalledMs: number;
  /** For the case that the first heartbeat comes before `begin`. */
  readonly earlyHeaders: Readonly<Record<string, string>>;
}

export const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // Asks nginx, and what follows its custom, not to hold events back.
  "x-accel-buffering": "no",
} as const;

export function openEventStream(options: EventStreamOptions): EventStream {
  const { response, clock, heartbeatMs, stalledMs } = options;
  let lastWriteMs = clock.monotonicMs();
  let timer: Timer = clock.setTimer(heartbeatMs, beat);

  // One timer that looks when the last write was costs nothing on the events' path.
  function beat(): void {
    const silentMs = clock.monotonicMs() - lastWriteMs;
    if (silentMs >= heartbeatMs && !response.writableNeedDrain) {
      begin(options.earlyHeaders);
      write(": heartbeat\n\n");
      timer = clock.setTimer(heartbeatMs, beat);
    } else {
      timer = clock.setTimer(Math.max(heartbeatMs - silentMs, 1), beat);
    }
  }

  function begin(headers: Readonly<Record<string, string>>, status = 200): void {
    if (!response.headersSent) response.writeHead(status, { ...headers, ...streamHeaders });
  }

  function write(text: string): boolean {
    lastWriteMs = clock.monotonicMs();
    return response.write(text);
  }

  function drained(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        stalled.cancel();
        response.off("drain", onDrain);
        signal.removeEventListener("abort", onAbort);
      };
      const onDrain = () => {
        done();
        resolve();
      };
      const onAbort = () => {
        done();
        reject(new Error("The reader has gone."));
      };
      const stalled = clock.setTimer(stalledMs, () => response.destroy());
      response.on("drain", onDrain);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  return { begin, write, drained, stop: () => timer.cancel() };
}
