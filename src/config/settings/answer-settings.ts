// What is kept of answers: for equal calls, for calls that are repeated, for readers that come back.

import type { CacheMode } from "../../core/cache/cache-policy.ts";
import { maxCacheTtlSeconds } from "../../core/call.ts";
import { cacheModes } from "../cache-modes.ts";
import { define } from "../setting.ts";
import { boolean, integer, oneOf } from "../setting-values.ts";

const kib = 1_024;
const mib = 1_024 * kib;
/** More than any machine holds: nothing but typing errors is beyond it. */
const tib = 1_024 * 1_024 * mib;

export const answerSettings = {
  cacheEnabled: define({
    variable: "CACHE_ENABLED",
    kind: boolean,
    fallback: true,
    purpose: "false is the same as CACHE_MODE=off",
  }),
  cacheMode: define<CacheMode>({
    variable: "CACHE_MODE",
    kind: oneOf(...cacheModes),
    fallback: "deterministic",
    purpose:
      "whose answers are cached where no route or use case says: deterministic (temperature 0), all, or off, which is final",
  }),
  cacheTtlSeconds: define({
    variable: "CACHE_TTL_SECONDS",
    kind: integer(0, maxCacheTtlSeconds),
    fallback: 3_600,
    purpose: "how long an answer is cached of which nothing else is said; 0: not at all",
  }),
  cacheMaxEntries: define({
    variable: "CACHE_MAX_ENTRIES",
    kind: integer(1, 10_000_000),
    fallback: 1_000,
    purpose: "answers that are cached in memory; the one used least lately gives way",
  }),
  cacheMaxBytes: define({
    variable: "CACHE_MAX_BYTES",
    kind: integer(mib, tib),
    fallback: 256 * mib,
    purpose: "what cached answers take in memory together",
  }),
  idempotencyMaxBytes: define({
    variable: "IDEMPOTENCY_MAX_BYTES",
    kind: integer(kib, 64 * mib),
    fallback: mib,
    purpose: "the longest reply that is kept for its idempotency key",
  }),
  runLogMaxBytes: define({
    variable: "RUN_LOG_MAX_BYTES",
    kind: integer(64 * kib, 256 * mib),
    fallback: 4 * mib,
    purpose: "what the log of one run holds; beyond it a stream waits for its readers",
  }),
  runLogsMaxBytes: define({
    variable: "RUN_LOGS_MAX_BYTES",
    kind: integer(mib, tib),
    fallback: 128 * mib,
    purpose: "what logs of ended runs hold together in memory",
  }),
  resumeAwaySeconds: define({
    variable: "RESUME_AWAY_SECONDS",
    kind: integer(0, 3_600),
    fallback: 60,
    purpose: "how long a resumable call goes on while nobody reads it",
  }),
  resumeKeepSeconds: define({
    variable: "RESUME_KEEP_SECONDS",
    kind: integer(1, 86_400),
    fallback: 300,
    purpose: "how long the stream of a resumable call that has ended can be resumed",
  }),
} as const;
