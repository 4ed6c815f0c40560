// What holds of runs where nothing else is set: the defaults of their settings.

import type { RunLimits } from "./run.ts";
import type { KeptLimits } from "./runs.ts";

export const defaultRunLimits: RunLimits = { logMaxBytes: 4_194_304, awayMs: 60_000 };

export const defaultKeptLimits: KeptLimits = {
  replyMaxBytes: 1_048_576,
  keyMs: 86_400_000,
  resumeMs: 300_000,
  endedMaxBytes: 134_217_728,
};
