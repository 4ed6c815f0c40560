// Shapes that several wire formats share in JSON.

import { z } from "zod";

/** In GraphQL and JSON texts null means absent. */
export const maybe = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value) => value ?? undefined);

export const attemptsSchema = z.array(
  z.strictObject({
    provider: z.string(),
    model: z.string(),
    failure: z.string(),
    message: z.string(),
    httpStatus: z.number().optional(),
  }),
);

export const lossesSchema = z.array(z.strictObject({ field: z.string(), detail: z.string() }));

export const cacheStatusSchema = z.enum(["hit", "semantic", "miss", "bypass", "stale"]);

export const finishReasonSchema = z.enum(["stop", "length", "tool_calls", "content_filter", "refusal"]);
