// GraphQL's results in the core's words.

import { z } from "zod";
import type { ChatEvent, PartStart } from "../../../../src/core/chat/events.ts";
import type { ReplyPart } from "../../../../src/core/chat/gather.ts";
import type { Numbered } from "../../../../src/core/reply.ts";
import type { Outcome } from "../client.ts";
import { type EventGatherer, type Failure, outcomeOfFailure, outcomeOfReply } from "../gather-outcome.ts";
import {
  attemptsSchema,
  cacheStatusSchema,
  finishReasonSchema,
  lossesSchema,
  maybe,
} from "./wire-schemas.ts";

const inCoreWords = z.string().transform((word) => word.toLowerCase());
const reason = inCoreWords.pipe(finishReasonSchema);
const count = maybe(z.string().regex(/^\d+$/).transform(Number));

export const metaSchema = z.object({
  requestId: z.string(),
  correlationId: maybe(z.string()),
  provider: maybe(z.string()),
  model: maybe(z.string()),
  modelServed: maybe(z.string()),
  route: maybe(z.string()),
  attempts: z.number(),
  cacheStatus: inCoreWords.pipe(cacheStatusSchema),
  latencyMs: maybe(z.number()),
  costNanos: maybe(z.string().transform(BigInt)),
  losses: lossesSchema,
});

export const usageSchema = z.object({
  input: z.object({ total: count, uncached: count, cacheRead: count, cacheWrite: count, audio: count }),
  output: z.object({ total: count, text: count, reasoning: count, audio: count }),
  source: inCoreWords.pipe(z.enum(["reported", "counted", "estimated"])),
});

const sequence = z.number();
const index = z.number();

const eventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("Started"),
    sequence,
    id: z.string(),
    provider: z.string(),
    model: z.string(),
    createdAt: z.iso.datetime(),
    meta: metaSchema,
  }),
  z.object({
    type: z.literal("PartStarted"),
    sequence,
    index,
    kind: z.enum(["TEXT", "REASONING", "REFUSAL", "TOOL_CALL"]),
    tool: maybe(z.object({ id: z.string(), name: z.string() })),
  }),
  z.object({ type: z.literal("PartDelta"), sequence, index, text: z.string() }),
  z.object({
    type: z.literal("PartFinished"),
    sequence,
    index,
    signature: maybe(z.string()),
    redactedData: maybe(z.string()),
    vendor: maybe(z.string()),
  }),
  usageSchema.extend({ type: z.literal("Usage"), sequence }),
  z.object({
    type: z.literal("Seam"),
    sequence,
    provider: z.string(),
    model: z.string(),
    policy: inCoreWords.pipe(z.enum(["restart", "continue"])),
    losses: lossesSchema,
  }),
  z.object({
    type: z.literal("Finished"),
    sequence,
    reason,
    rawReason: maybe(z.string()),
    stopSequence: maybe(z.string()),
    meta: metaSchema,
  }),
]);

const replySchema = z.object({
  text: z.string(),
  parts: z.array(
    z.object({
      kind: z.enum(["TEXT", "REASONING", "REFUSAL", "TOOL_CALL"]),
      text: maybe(z.string()),
      reasoning: maybe(
        z.object({
          text: z.string(),
          signature: maybe(z.string()),
          redactedData: maybe(z.string()),
          vendor: maybe(z.string()),
        }),
      ),
      refusal: maybe(z.string()),
      toolCall: maybe(
        z.object({
          id: z.string(),
          name: z.string(),
          argumentsJson: z.string(),
          signature: maybe(z.string()),
          vendor: maybe(z.string()),
        }),
      ),
    }),
  ),
  finishReason: reason,
  rawReason: maybe(z.string()),
  stopSequence: maybe(z.string()),
  usage: maybe(usageSchema),
  meta: metaSchema,
});

const errorSchema = z.object({
  message: z.string(),
  extensions: z.object({
    code: z.string(),
    http: z.object({ status: z.number() }),
    field: z.string().optional(),
    requestId: z.string().optional(),
    retryAfterMs: z.number().optional(),
    attempts: attemptsSchema.optional(),
    meta: metaSchema.optional(),
  }),
});

const resultSchema = z.object({
  data: maybe(z.object({ chat: z.unknown() })),
  errors: z.unknown().optional(),
});

/** Hands a subscription's result to the gatherer; a failure ends the stream. */
export function addResult(gatherer: EventGatherer, result: unknown): Failure | undefined {
  const { data, errors } = resultSchema.parse(result);
  if (errors !== undefined) return failureOf(errors);
  gatherer.add(coreEvent(eventSchema.parse(data?.chat)));
  return undefined;
}

export function outcomeOfResult(result: unknown): Outcome {
  const { data, errors } = resultSchema.parse(result);
  if (errors !== undefined) return outcomeOfFailure(failureOf(errors));
  const reply = replySchema.parse(data?.chat);
  const outcome = outcomeOfReply({ ...reply, parts: reply.parts.map(replyPart) });
  if (outcome.text !== reply.text) throw new Error("`text` is not the text of all parts.");
  return outcome;
}

/** `found` is a result's list of errors. */
export function failureOf(found: unknown): Failure {
  const [{ message, extensions }] = z.tuple([errorSchema]).parse(found);
  const { http, attempts = [], meta, ...same } = extensions;
  return { meta, error: { ...same, message, attempts, http: http.status } };
}

function coreEvent({ sequence, ...event }: z.infer<typeof eventSchema>): Numbered<ChatEvent> {
  return { sequence, ...unnumbered(event) };
}

type Unnumbered<E> = E extends unknown ? Omit<E, "sequence"> : never;

function unnumbered(event: Unnumbered<z.infer<typeof eventSchema>>): ChatEvent {
  switch (event.type) {
    case "Started":
      return { ...event, type: "started", createdAtMs: Date.parse(event.createdAt) };
    case "PartStarted":
      return { type: "part_started", index: event.index, part: partStart(event) };
    case "PartDelta":
      return { type: "part_delta", index: event.index, text: event.text };
    case "PartFinished":
      return { ...event, type: "part_finished" };
    case "Usage":
      return { type: "usage", usage: usageOf(event) };
    case "Seam":
      return { ...event, type: "seam" };
    case "Finished":
      return { ...event, type: "finished" };
  }
}

const usageOf = ({ input, output, source }: z.infer<typeof usageSchema>) => ({ input, output, source });

type PartStarted = Unnumbered<Extract<z.infer<typeof eventSchema>, { type: "PartStarted" }>>;

function partStart({ kind, tool }: PartStarted): PartStart {
  if (kind === "TOOL_CALL") {
    if (tool === undefined) throw new Error("A tool call came without its id and name.");
    return { kind: "tool_call", ...tool };
  }
  return { kind: ({ TEXT: "text", REASONING: "reasoning", REFUSAL: "refusal" } as const)[kind] };
}

function replyPart(part: z.infer<typeof replySchema>["parts"][number]): ReplyPart {
  if (part.kind === "TEXT" && part.text !== undefined) return { kind: "text", text: part.text };
  if (part.kind === "REFUSAL" && part.refusal !== undefined) return { kind: "refusal", text: part.refusal };
  if (part.kind === "REASONING" && part.reasoning !== undefined) {
    return { kind: "reasoning", ...part.reasoning };
  }
  if (part.kind === "TOOL_CALL" && part.toolCall !== undefined) {
    return { kind: "tool_call", ...part.toolCall };
  }
  throw new Error(`A part of the kind ${part.kind} came without its content.`);
}
