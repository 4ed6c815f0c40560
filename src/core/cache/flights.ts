// Single flight: calls that would be given the same answer share one execution. The first leads: attempts, cost and
// what is reserved are its own. The others follow with records of their own, and pay nothing.

import type { Call } from "../call.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";
import { EventsAtOnce } from "../events-at-once.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Reply } from "../reply.ts";
import type { Seat } from "../runs/seat.ts";
import { nobodyReads, SharedExecution } from "../runs/shared-execution.ts";
import { allOf, type Watcher, watchEvents } from "../watch-events.ts";
import { ServedEvents } from "./served-events.ts";

export interface FlightOptions {
  /** What a flight's log holds for those who follow later, or more slowly. */
  readonly logMaxBytes: number;
}

interface Flight<S extends OperationShape> {
  readonly leader: Call<S>;
  readonly execution: SharedExecution<S["event"]>;
}

/** What ended the leader alone: it says nothing of what others may have. */
const leadersOwn: ReadonlySet<ErrorCode> = new Set([
  "cancelled",
  "deadline_exceeded",
  "unauthenticated",
  "permission_denied",
  "rate_limited",
  "budget_exceeded",
]);

/** How many leaders that were refused one call waits for. */
const mostRefused = 2;

/** Of one operation. */
export class Flights<S extends OperationShape> {
  readonly #options: FlightOptions;
  readonly #byKey = new Map<string, Flight<S>>();

  constructor(options: FlightOptions) {
    this.#options = options;
  }

  /** The reply of the flight with that key; where there is none, `fly` makes it, once. */
  async share(call: Call<S>, key: string, fly: () => Promise<Reply<S["event"]>>): Promise<Reply<S["event"]>> {
    // It may have ended while its answer was looked for: nobody would hear of its end again.
    call.signal.throwIfAborted();
    let refused = 0;
    for (let flight = this.#byKey.get(key); flight !== undefined; flight = this.#byKey.get(key)) {
      // Whoever waited for one leader after the other would wait for all of them.
      if (refused === mostRefused) return fly();
      const seat = flight.execution.join();
      // Its beginning is no longer there: this call has to ask for itself.
      if (typeof seat === "string") return fly();
      const followed = await follow(call, flight, seat);
      if (followed !== undefined) return followed;
      refused += 1;
    }
    return this.#lead(call, key, fly);
  }

  async #lead(call: Call<S>, key: string, fly: () => Promise<Reply<S["event"]>>): Promise<Reply<S["event"]>> {
    const { operation } = call;
    /** Why the leader's caller has left its own flight. */
    let left: GatewayError | undefined;
    const execution: SharedExecution<S["event"]> = new SharedExecution({
      maxBytes: this.#options.logMaxBytes,
      bytesOf: (event) => operation.bytesOf(event),
      isLast: (event) => operation.ends(event),
      abandoned() {
        call.recordWaits = false;
        call.abort(left ?? nobodyReads());
      },
      ended: () => {
        if (this.#byKey.get(key)?.execution === execution) this.#byKey.delete(key);
        // Its record waited for what the flight has cost.
        call.recordWaits = false;
        if (left !== undefined) call.abort(left);
      },
    });
    const seat = execution.join();
    if (typeof seat === "string") return fly();
    call.keptBy((reason) => {
      if (execution.over || execution.others(seat) === 0) return false;
      left ??= reason;
      call.recordWaits = true;
      seat.endWith(reason);
      return true;
    });
    // Not by its release, which comes before its signal.
    call.signal.addEventListener("abort", () => execution.end(call.signal.reason), { once: true });
    this.#byKey.set(key, { leader: call, execution });
    execution.begin(fly());
    const { ownCopy } = operation;
    return {
      meta: await seat.opened,
      events: ownCopy === undefined ? seat : watchEvents(seat, copyingBy<S["event"]>(ownCopy)),
    };
  }
}

/** For the leader: what it does to its events, those who follow later must not see. */
const copyingBy = <E>(ownCopy: (event: E) => E): Watcher<E, E> => ({
  event: ownCopy,
  ended() {},
  failed: (error) => error,
  left() {},
});

/** Undefined: the flight has ended with what is its leader's own, or what comes whole has broken off. */
async function follow<S extends OperationShape>(
  call: Call<S>,
  { leader, execution }: Flight<S>,
  seat: Seat<S["event"]>,
): Promise<Reply<S["event"]> | undefined> {
  leader.deadlineMs = Math.max(leader.deadlineMs, call.deadlineMs);
  call.signal.addEventListener("abort", () => seat.endWith(call.signal.reason), { once: true });
  let events: AsyncIterable<S["event"]> = seat;
  try {
    await seat.opened;
    if (call.delivery === "unary") events = await whole(call, seat);
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    const nothingGiven = execution.log !== undefined && call.delivery === "unary";
    if (nothingGiven || (error instanceof GatewayError && leadersOwn.has(error.code))) return undefined;
    call.account.answeredFrom({ requestId: leader.id, costNanos: null });
    throw error;
  }
  const { cacheStatus } = leader.account;
  call.account.cacheStatus = cacheStatus === "semantic" ? cacheStatus : "hit";
  // What it costs is told by its end.
  call.account.answeredFrom({ requestId: leader.id, costNanos: null });
  return { meta: call.account.meta(), events: watchEvents(events, following(call, leader, execution)) };
}

/** Of an answer that breaks off, a caller who wants it whole has had nothing yet. */
async function whole<S extends OperationShape>(
  { operation }: Call<S>,
  seat: Seat<S["event"]>,
): Promise<EventsAtOnce<S["event"]>> {
  const events = await allOf(seat, (event) => operation.ends(event));
  return new EventsAtOnce(() => Promise.resolve(events));
}

function following<S extends OperationShape>(
  call: Call<S>,
  leader: Call<S>,
  { meta }: SharedExecution<S["event"]>,
): ServedEvents<S, S["event"]> {
  const { provider = "", model = "", modelServed, losses = [] } = meta ?? {};
  return new ServedEvents<S, S["event"]>({
    call,
    source: { provider, model, modelServed, losses },
    stamped(event, served) {
      if (call.operation.ends(event)) noteEnd(call, leader, served);
      return call.operation.restamp(event, served);
    },
  });
}

/** By the end another target may have answered than at first. */
function noteEnd<S extends OperationShape>(
  call: Call<S>,
  leader: Call<S>,
  served: ServedEvents<S, S["event"]>,
): void {
  const sum = leader.account.sum();
  const { provider = served.provider, model = served.model, modelServed, finishReason, losses } = sum;
  Object.assign(served.answering, { provider, model, modelServed, finishReason, losses });
  // Where the leader's own answer is another call's, that one has paid for it.
  call.account.answeredFrom(sum.answeredFrom ?? { requestId: leader.id, costNanos: sum.answeringNanos });
}
