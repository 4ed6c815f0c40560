// Chat Completions answers in the core's words.

import { z } from "zod";
import type { Usage } from "../../../../src/core/chat/usage.ts";
import type { ReplyMeta } from "../../../../src/core/reply.ts";
import type { Failure } from "../gather-outcome.ts";
import { detailsSchema, extraSchema } from "./openai-proofs.ts";
import { cacheStatusSchema, finishReasonSchema, lossesSchema, maybe } from "./wire-schemas.ts";

const seamSchema = z.object({
  provider: z.string(),
  model: z.string(),
  policy: z.enum(["restart", "continue"]),
  losses: lossesSchema,
});

export const sluiceSchema = z.object({
  request_id: z.string(),
  correlation_id: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  model_served: z.string().optional(),
  route: z.string().optional(),
  attempts: z.number(),
  cache_status: cacheStatusSchema,
  latency_ms: z.number().optional(),
  cost_nanos: maybe(z.string().transform(BigInt)),
  losses: lossesSchema,
  seams: z.array(seamSchema).optional(),
});

export const usageSchema = z.object({
  prompt_tokens: z.number().optional(),
  completion_tokens: z.number().optional(),
  total_tokens: z.number().optional(),
  prompt_tokens_details: z
    .object({ cached_tokens: z.number().optional(), audio_tokens: z.number().optional() })
    .optional(),
  completion_tokens_details: z
    .object({ reasoning_tokens: z.number().optional(), audio_tokens: z.number().optional() })
    .optional(),
});

const functionSchema = z.object({ name: z.string().optional(), arguments: z.string().optional() });

export const completionSchema = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  model: z.string(),
  choices: z.tuple([
    z.object({
      index: z.literal(0),
      finish_reason: finishReasonSchema,
      message: z.object({
        role: z.literal("assistant"),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        reasoning_content: z.string().optional(),
        reasoning_details: detailsSchema.optional(),
        tool_calls: z
          .array(
            z.object({
              id: z.string(),
              type: z.literal("function"),
              function: functionSchema.required(),
              extra_content: extraSchema.optional(),
            }),
          )
          .optional(),
      }),
    }),
  ]),
  usage: usageSchema.optional(),
  sluice: sluiceSchema,
});

export const chunkSchema = z.object({
  id: z.string(),
  object: z.literal("chat.completion.chunk"),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.literal(0),
      finish_reason: finishReasonSchema.nullable(),
      delta: z.object({
        role: z.string().optional(),
        content: z.string().nullish(),
        refusal: z.string().nullish(),
        reasoning_content: z.string().optional(),
        reasoning_details: detailsSchema.optional(),
        tool_calls: z
          .array(
            z.object({
              index: z.number(),
              id: z.string().optional(),
              function: functionSchema.optional(),
              extra_content: extraSchema.optional(),
            }),
          )
          .optional(),
      }),
    }),
  ),
  usage: usageSchema.nullish(),
  sluice: z.union([z.strictObject({ seam: seamSchema }), sluiceSchema]).optional(),
});

export const embeddingsSchema = z.object({
  object: z.literal("list"),
  model: z.string(),
  data: z.array(
    z.object({ object: z.literal("embedding"), index: z.number(), embedding: z.array(z.number()) }),
  ),
  usage: usageSchema.optional(),
  sluice: sluiceSchema,
});

const errorSchema = z.object({
  message: z.string(),
  type: z.string(),
  param: z.string().nullable(),
  code: z.string(),
  attempts: z
    .array(
      z.strictObject({
        provider: z.string(),
        model: z.string(),
        failure: z.string(),
        message: z.string(),
        http_status: z.number().optional(),
      }),
    )
    .optional(),
  request_id: z.string().optional(),
  retry_after_ms: z.number().optional(),
});

export interface AnsweredBy {
  /** Absent where the error came in a stream. */
  readonly http?: number | undefined;
  readonly retryAfterSeconds?: string | null | undefined;
}

export function openAiFailure(found: unknown, { http, retryAfterSeconds }: AnsweredBy = {}): Failure {
  const told = errorSchema.parse(found);
  const { message, param, code, attempts = [], request_id: requestId, retry_after_ms: retryAfterMs } = told;
  if (http !== undefined) {
    const wholeSeconds = retryAfterMs === undefined ? null : String(Math.ceil(retryAfterMs / 1000));
    if ((retryAfterSeconds ?? null) !== wholeSeconds) throw new Error("The header tells another wait.");
  }
  return {
    error: {
      code,
      message,
      field: param ?? undefined,
      retryAfterMs,
      attempts: attempts.map(({ provider, model, failure, message: words, http_status: httpStatus }) => ({
        provider,
        model,
        failure,
        message: words,
        httpStatus,
      })),
      requestId,
      http,
    },
  };
}

export const metaOf = (told: z.infer<typeof sluiceSchema>): ReplyMeta => ({
  requestId: told.request_id,
  correlationId: told.correlation_id,
  provider: told.provider,
  model: told.model,
  modelServed: told.model_served,
  route: told.route,
  attempts: told.attempts,
  cacheStatus: told.cache_status,
  latencyMs: told.latency_ms,
  costNanos: told.cost_nanos,
  losses: told.losses,
});

/** Without a source: the face does not tell it. */
export const usageOf = (told: z.infer<typeof usageSchema>): Usage => ({
  input: {
    total: told.prompt_tokens,
    cacheRead: told.prompt_tokens_details?.cached_tokens,
    audio: told.prompt_tokens_details?.audio_tokens,
  },
  output: {
    total: told.completion_tokens,
    reasoning: told.completion_tokens_details?.reasoning_tokens,
    audio: told.completion_tokens_details?.audio_tokens,
  },
  source: "reported",
});
