// What the process that measures resilience is asked and answers.

import { z } from "zod";

export const costsQuestion = z.object({
  ask: z.literal("costs"),
  rounds: z.int(),
  callsARound: z.int(),
  /** Of each chain. */
  warmUpCalls: z.int(),
});

/** CPU of a call in microseconds, of each round. */
export const costsReport = z.object({
  tell: z.literal("costs"),
  resilientUs: z.array(z.number()),
  plainUs: z.array(z.number()),
});

export type CostsQuestion = z.infer<typeof costsQuestion>;
export type CostsReport = z.infer<typeof costsReport>;
