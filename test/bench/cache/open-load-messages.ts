// What the bench asks of the callers who come at a constant rate, and what they answer.

import { z } from "zod";

const openLoad = z.object({
  port: z.int(),
  path: z.string(),
  body: z.string(),
  /** Stands in every answer. */
  expect: z.string(),
  /** A call that finds none free waits for one; its time runs. */
  connections: z.int(),
  callsPerSecond: z.number(),
  durationMs: z.number(),
});

export const openLoadQuestion = z.object({ ask: z.literal("arrive"), load: openLoad });

const quantiles = z.object({ p50: z.number(), p99: z.number(), max: z.number() });

export const openLoadReport = z.object({
  tell: z.literal("arrived"),
  calls: z.int(),
  wallMs: z.number(),
  /** From the moment that a call came to its whole answer. */
  tookMs: quantiles,
  /** How much later than it was due a call came: the callers' own doing, and that of who else uses the machine. */
  lateMs: quantiles,
});

export type OpenLoad = z.infer<typeof openLoad>;
export type OpenLoadQuestion = z.infer<typeof openLoadQuestion>;
export type OpenLoadReport = z.infer<typeof openLoadReport>;
