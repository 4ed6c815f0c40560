// When batches are written: one at a time, soon after the first call or at once when there are enough, and
// later and later while the database fails.

import type { Clock, Timer } from "../core/clock.ts";

export interface WriteLoopOptions {
  readonly clock: Clock;
  /** Whether so many calls wait. */
  readonly waits: (calls: number) => boolean;
  /** Writes the oldest calls. Resolves with whether that went well; never rejects. */
  readonly write: () => Promise<boolean>;
  readonly batchSize: number;
  readonly flushDelayMs: number;
}

export interface WriteLoop {
  /** The last batch failed, and the next try is not under way. */
  readonly backingOff: boolean;
  /** To be called when a call has come. */
  schedule(): void;
  /** Writes a batch now, or waits for the one under way: whether that went well. */
  writeNow(): Promise<boolean>;
  /** Starts no batch by itself any more, and waits for the one under way. */
  stop(): Promise<void>;
}

const firstRetryMs = 100;
const longestRetryMs = 10_000;

export function createWriteLoop(options: WriteLoopOptions): WriteLoop {
  const { clock, waits, write, batchSize, flushDelayMs } = options;
  let failures = 0;
  let timer: Timer | undefined;
  /** Whether the timer is for a full batch: more calls must not put it off. */
  let urgent = false;
  let writing: Promise<boolean> | undefined;
  let stopped = false;

  function schedule(): void {
    if (stopped || writing !== undefined || (timer !== undefined && urgent) || !waits(1)) return;
    const full = failures === 0 && waits(batchSize);
    if (timer !== undefined && !full) return;
    timer?.cancel();
    urgent = full;
    const retryMs = Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);
    // Even a full batch is posted by a timer: never on the way of the answer that filled it.
    const delayMs = failures > 0 ? retryMs : full ? 0 : flushDelayMs;
    timer = clock.setTimer(delayMs, () => void writeNow());
  }

  function writeNow(): Promise<boolean> {
    timer?.cancel();
    timer = undefined;
    writing ??= write().then((written) => {
      failures = written ? 0 : failures + 1;
      writing = undefined;
      schedule();
      return written;
    });
    return writing;
  }

  return {
    get backingOff() {
      return failures > 0 && writing === undefined;
    },
    schedule,
    writeNow,
    async stop() {
      stopped = true;
      timer?.cancel();
      timer = undefined;
      await writing;
    },
  };
}
