// What holds of runs where nothing else is set: the defaults of their settings.

import type { RunLimits } from "./run.ts";

export interface KeptLimits {
  /** The longest reply that is kept for its idempotency key. */
  readonly replyMaxBytes: number;
  /** How long an idempotency key is known. */
  readonly keyMs: number;
  /** How long an ended run can be resumed. */
  readonly resumeMs: number;
  /** Of the logs of ended runs, together. */
  readonly endedMaxBytes: number;
}

export const defaultRunLimits: RunLimits = { logMaxBytes: 4_194_304, awayMs: 60_000 };

export const defaultKeptLimits: KeptLimits = {
  replyMaxBytes: 1_048_576,
  keyMs: 86_400_000,
  resumeMs: 300_000,
  endedMaxBytes: 134_217_728,
};
