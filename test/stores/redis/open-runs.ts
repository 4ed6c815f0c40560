// Gateways' runs in a Redis of the test's own, and what a reader of them gets.

import { randomFillSync } from "node:crypto";
import type { Clock } from "../../../src/core/clock.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import type { RunHead, SharedRun, SharedRunStep, SharedRuns } from "../../../src/core/runs/shared-runs.ts";
import { createRedisRuns, type RedisRunsOptions } from "../../../src/stores/redis/redis-runs.ts";
import { systemClock } from "../../../src/system-clock.ts";

/** The parts of the time for an answer, and that time as a whole, which is also how often readers look for more. */
const longerMs: ReadonlyMap<number, number> = new Map([
  [40, 800],
  [10, 200],
  [50, 250],
]);
const retryMs = 1_000;

/** Waits longer for answers than calls should, for this machine may be busy; tries sooner whether Redis is back. */
export const runsClock: Clock = {
  ...systemClock,
  setTimer(delayMs, run) {
    if (delayMs === retryMs) return systemClock.setTimer(20, run);
    return systemClock.setTimer(longerMs.get(delayMs) ?? delayMs, run);
  },
};

export const openRuns = (url: string, more: Partial<RedisRunsOptions> = {}): SharedRuns =>
  createRedisRuns({
    url,
    clock: runsClock,
    tell() {},
    reportFault(error) {
      throw error;
    },
    maxBytes: 1_000_000,
    keepSeconds: 60,
    ...more,
  });

const newId = createIdSource({ clock: systemClock, fillRandom: (bytes) => void randomFillSync(bytes) });

export const newHead = (more: Partial<RunHead> = {}): RunHead => ({
  id: newId(),
  operation: "chat",
  tenantId: "acme",
  owner: "key:1",
  resumable: true,
  ...more,
});

export const keyOf = (id: string): string => `sluice:run:{${id}}`;

/** Until it is there, and has given so many. */
export async function foundRun(runs: SharedRuns, id: string, nextSequence = 0): Promise<SharedRun> {
  const deadlineMs = performance.now() + 4_000;
  for (;;) {
    const run = await runs.find(id);
    if (run !== undefined && run.nextSequence >= nextSequence) return run;
    if (performance.now() > deadlineMs) throw new Error(`The run is not there: ${JSON.stringify(run)}.`);
    await new Promise(setImmediate);
  }
}

export const never = new AbortController().signal;

/** All steps to the last. */
export async function stepsOf(run: SharedRun, afterSequence = -1): Promise<readonly SharedRunStep[]> {
  const steps: SharedRunStep[] = [];
  for await (const step of run.steps(afterSequence, never)) steps.push(step);
  return steps;
}

export const eventStep = (sequence: number): SharedRunStep => ({
  type: "event",
  sequence,
  event: eventText(sequence),
});

export const eventText = (n: number): string => JSON.stringify({ n, text: "Grüße" });

export const eventSteps = (first: number, end: number): SharedRunStep[] =>
  Array.from({ length: end - first }, (_, at) => eventStep(first + at));
