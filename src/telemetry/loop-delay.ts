// How late the event loop is. A timer of our own and not `monitorEventLoopDelay`: from that one's histogram only
// percentiles since the start can be had, and neither added up over processes nor taken of the last minutes.

import type { Clock, Timer } from "../core/clock.ts";
import { Histogram } from "../core/metrics/histogram.ts";
import type { HistogramSample } from "../core/metrics/metric-family.ts";

const everyMs = 20;

/** Timers are on time to about a millisecond. */
const bucketSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface LoopDelay {
  /** Begins to watch when it is first asked: a process that nobody monitors is not woken for it. */
  sample(): HistogramSample;
  close(): void;
}

export function createLoopDelay(clock: Clock): LoopDelay {
  const histogram = new Histogram(bucketSeconds);
  let timer: Timer | undefined;
  let closed = false;
  const wait = (): void => {
    const dueMs = clock.monotonicMs() + everyMs;
    timer = clock.setTimer(everyMs, () => {
      histogram.observe(Math.max(0, clock.monotonicMs() - dueMs) / 1000);
      wait();
    });
  };
  return {
    sample() {
      if (timer === undefined && !closed) wait();
      return histogram.sample({});
    },
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
