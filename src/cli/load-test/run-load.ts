// One load test: calls at their rate, and what became of them.

import type { Clock } from "../../core/clock.ts";
import { type ArrivalEnds, runArrivals } from "./arrivals.ts";
import type { LoadCaller } from "./load-caller.ts";
import { createLoadMeasuring, type LoadFigures } from "./load-figures.ts";
import type { LoadOptions } from "./load-options.ts";

const inFlightMax = 10_000;
/** How long answers are waited for when the last call was sent. */
const graceMs = 30_000;

export interface LoadRun {
  readonly caller: LoadCaller;
  readonly clock: Clock;
  /** Ends it early: what is under way then counts as unfinished. */
  readonly signal: AbortSignal;
}

export async function runLoad(
  { rate, seconds }: Pick<LoadOptions, "rate" | "seconds">,
  { caller, clock, signal }: LoadRun,
): Promise<LoadFigures> {
  const measuring = createLoadMeasuring(clock.monotonicMs());
  const ending = new AbortController();
  const calls = new Set<Promise<void>>();
  // One listener for all calls: each of them has its own controller.
  const open = new Set<AbortController>();
  const endAll = (): void => {
    for (const controller of open) controller.abort();
  };
  ending.signal.addEventListener("abort", endAll, { once: true });
  signal.addEventListener("abort", () => ending.abort(), { once: true });

  const send = async (dueMs: number): Promise<void> => {
    const controller = new AbortController();
    open.add(controller);
    measuring.sent(dueMs, clock.monotonicMs());
    const end = await caller.call(controller.signal);
    open.delete(controller);
    measuring.ended(dueMs, { ...end, atMs: clock.monotonicMs() });
  };
  const ends: ArrivalEnds = {
    clock,
    signal,
    notSent: () => measuring.notSent(),
    send(dueMs) {
      const call = send(dueMs).finally(() => calls.delete(call));
      calls.add(call);
      return call;
    },
  };
  await runArrivals({ rate, seconds, inFlightMax }, ends);
  const timer = clock.setTimer(graceMs, () => ending.abort());
  await Promise.all(calls);
  timer.cancel();
  return measuring.figures();
}
