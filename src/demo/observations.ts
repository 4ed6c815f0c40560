/** What a test may know of the requests that the demo upstream was sent. */
import type { IncomingHttpHeaders } from "node:http";

export interface ReceivedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined when there is none, or when it is larger than 256 KiB. */
  readonly body: unknown;
  /** The client closed the connection before its answer was whole. */
  readonly closedEarly: boolean;
  /** SSE events handed to the socket so far. */
  readonly eventsSent: number;
}

/** Counted since the start. */
export interface DemoCounts {
  /** Requests whose body was read. */
  readonly received: number;
  /** Requests whose answer is not over, or whose connection is not gone, yet. */
  readonly open: number;
  readonly closedEarly: number;
}

export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Observations {
  readonly received: readonly ReceivedRequest[];
  readonly counts: DemoCounts;
  opened(): void;
  add(request: ReceivedRequest): void;
  closed(early: boolean): void;
  waitUntil(reached: (counts: DemoCounts) => boolean): Promise<void>;
  /** Rejects those who still wait. */
  end(): void;
}

const maxReceived = 256;

interface Waiter {
  readonly reached: (counts: DemoCounts) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export function createObservations(): Observations {
  const received: ReceivedRequest[] = [];
  const counts: Writable<DemoCounts> = { received: 0, open: 0, closedEarly: 0 };
  let waiters: Waiter[] = [];
  const changed = (): void => {
    if (waiters.length === 0) return;
    const still = waiters.filter((waiter) => !waiter.reached(counts));
    const done = waiters.filter((waiter) => !still.includes(waiter));
    waiters = still;
    for (const waiter of done) waiter.resolve();
  };
  return {
    received,
    counts,
    opened() {
      counts.open += 1;
      changed();
    },
    add(request) {
      received.push(request);
      if (received.length > maxReceived) received.shift();
      counts.received += 1;
      changed();
    },
    closed(early) {
      counts.open -= 1;
      if (early) counts.closedEarly += 1;
      changed();
    },
    waitUntil: (reached) =>
      new Promise((resolve, reject) => {
        if (reached(counts)) resolve();
        else waiters.push({ reached, resolve, reject });
      }),
    end() {
      const left = waiters;
      waiters = [];
      const seen = `received ${counts.received}, open ${counts.open}, closed early ${counts.closedEarly}`;
      for (const waiter of left) {
        waiter.reject(
          new Error(`The demo upstream was closed before what you waited for happened (${seen}).`),
        );
      }
    },
  };
}
