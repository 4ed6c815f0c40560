// Where calls are recorded, what is kept of them, and what is logged.

import { define } from "../setting.ts";
import { integer, oneOf, optional, text } from "../setting-values.ts";

export const recordSettings = {
  databaseUrl: define({
    variable: "DATABASE_URL",
    kind: text,
    fallback: "sqlite:./sluice.db",
    purpose: "where calls are recorded: sqlite:<file>, sqlite::memory: or postgresql://…",
  }),
  databasePoolMax: define({
    variable: "DATABASE_POOL_MAX",
    kind: integer(2, 1_000),
    fallback: 10,
    purpose: "connections that the process may hold to PostgreSQL",
  }),
  loggingPolicy: define({
    variable: "LOGGING_POLICY",
    kind: optional(oneOf("full", "metadata", "none")),
    fallback: undefined,
    purpose:
      "what records keep: bodies (full, while keyless), labels and lengths (metadata, with keys), or neither",
  }),
  bodyKeepMaxBytes: define({
    variable: "BODY_KEEP_MAX_BYTES",
    kind: integer(0, 16_777_216),
    fallback: 262_144,
    purpose: "the most that is kept of a request's or a reply's body",
  }),
  recordQueueMax: define({
    variable: "RECORD_QUEUE_MAX",
    kind: integer(100, 1_000_000),
    fallback: 10_000,
    purpose: "calls whose records may wait for the database; more are counted and refused",
  }),
  logLevel: define({
    variable: "LOG_LEVEL",
    kind: oneOf("debug", "info", "warn", "error", "silent"),
    fallback: "info",
    purpose: "the least severe log line that is written",
  }),
} as const;
