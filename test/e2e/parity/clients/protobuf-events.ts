// The contract's answers in the core's words. In protobuf the empty text means absent.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  CacheStatus as CacheStatusValue,
  type ChatEvent as ChatEventMessage,
  type ChatResponse,
  FinishReason as FinishReasonValue,
  type PartStarted,
  type ReplyMeta as ReplyMetaMessage,
  type ReplyPart as ReplyPartMessage,
  SeamPolicy,
  type Usage as UsageMessage,
  UsageSource,
} from "../../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ChatEvent, FinishReason, PartStart, Seam } from "../../../../src/core/chat/events.ts";
import type { ReplyPart } from "../../../../src/core/chat/gather.ts";
import type { Usage } from "../../../../src/core/chat/usage.ts";
import type { CacheStatus, Numbered, ReplyMeta } from "../../../../src/core/reply.ts";
import type { Outcome } from "../client.ts";
import { outcomeOfReply } from "../gather-outcome.ts";

export function outcomeOfResponse(response: ChatResponse): Outcome {
  return outcomeOfReply({
    parts: response.parts.map(replyPart),
    finishReason: reasonOf(response.finishReason),
    rawReason: given(response.rawReason),
    stopSequence: given(response.stopSequence),
    usage: response.usage && usageOf(response.usage),
    meta: metaOf(response.meta),
  });
}

export function coreEvent({ sequence, event }: ChatEventMessage): Numbered<ChatEvent> {
  return { sequence: Number(sequence), ...unnumbered(event) };
}

function unnumbered(event: ChatEventMessage["event"]): ChatEvent {
  switch (event.case) {
    case "started": {
      const { id, provider, model, createdAt, meta } = event.value;
      const createdAtMs = createdAt === undefined ? Number.NaN : timestampMs(createdAt);
      return { type: "started", id, provider, model, createdAtMs, meta: metaOf(meta) };
    }
    case "partStarted":
      return { type: "part_started", index: event.value.index, part: startOf(event.value.part) };
    case "partDelta":
      return { type: "part_delta", index: event.value.index, text: event.value.text };
    case "partFinished":
      return {
        type: "part_finished",
        index: event.value.index,
        signature: given(event.value.signature),
        redactedData: given(event.value.redactedData),
        vendor: given(event.value.vendor),
      };
    case "usage":
      return { type: "usage", usage: usageOf(event.value) };
    case "seam": {
      const { provider, model, policy, losses } = event.value;
      return {
        type: "seam",
        provider,
        model,
        policy: named(seamPolicies[policy]),
        losses: losses.map(({ field, detail }) => ({ field, detail })),
      };
    }
    case "finished":
      return {
        type: "finished",
        reason: reasonOf(event.value.reason),
        rawReason: given(event.value.rawReason),
        stopSequence: given(event.value.stopSequence),
        meta: metaOf(event.value.meta),
      };
    case undefined:
      throw new Error("An event came that holds nothing.");
  }
}

function startOf(part: PartStarted["part"]): PartStart {
  if (part.case === "toolCall") return { kind: "tool_call", id: part.value.id, name: part.value.name };
  if (part.case === "text" || part.case === "reasoning" || part.case === "refusal") {
    return { kind: part.case };
  }
  throw new Error(`A part came that no chat of the suite asks for: ${part.case ?? "none"}.`);
}

function replyPart({ content }: ReplyPartMessage): ReplyPart {
  switch (content.case) {
    case "text":
    case "refusal":
      return { kind: content.case, text: content.value };
    case "reasoning":
      return {
        kind: "reasoning",
        text: content.value.text,
        signature: given(content.value.signature),
        redactedData: given(content.value.redactedData),
        vendor: given(content.value.vendor),
      };
    case "toolCall": {
      const { id, name, argumentsJson, signature, vendor } = content.value;
      return {
        kind: "tool_call",
        id,
        name,
        argumentsJson,
        signature: given(signature),
        vendor: given(vendor),
      };
    }
    case "citation":
    case "image":
    case "opaque":
    case undefined:
      throw new Error(`A part came that no chat of the suite asks for: ${content.case ?? "none"}.`);
  }
}

const reasons: Partial<Record<FinishReasonValue, FinishReason>> = {
  [FinishReasonValue.STOP]: "stop",
  [FinishReasonValue.LENGTH]: "length",
  [FinishReasonValue.TOOL_CALLS]: "tool_calls",
  [FinishReasonValue.CONTENT_FILTER]: "content_filter",
  [FinishReasonValue.REFUSAL]: "refusal",
};

const cacheStatuses: Partial<Record<CacheStatusValue, CacheStatus>> = {
  [CacheStatusValue.HIT]: "hit",
  [CacheStatusValue.SEMANTIC]: "semantic",
  [CacheStatusValue.MISS]: "miss",
  [CacheStatusValue.BYPASS]: "bypass",
  [CacheStatusValue.STALE]: "stale",
};

const seamPolicies: Partial<Record<SeamPolicy, Seam["policy"]>> = {
  [SeamPolicy.RESTART]: "restart",
  [SeamPolicy.CONTINUE]: "continue",
};

const sources: Partial<Record<UsageSource, Usage["source"]>> = {
  [UsageSource.REPORTED]: "reported",
  [UsageSource.COUNTED]: "counted",
  [UsageSource.ESTIMATED]: "estimated",
};

const reasonOf = (value: FinishReasonValue): FinishReason => named(reasons[value]);

function named<T>(word: T | undefined): T {
  if (word === undefined) throw new Error("An enum's value came that is never sent.");
  return word;
}

const given = (text: string): string | undefined => (text === "" ? undefined : text);

const count = (value: bigint | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

export const usageOf = ({ input, output, source }: UsageMessage): Usage => ({
  input: {
    total: count(input?.total),
    uncached: count(input?.uncached),
    cacheRead: count(input?.cacheRead),
    cacheWrite: count(input?.cacheWrite),
    audio: count(input?.audio),
  },
  output: {
    total: count(output?.total),
    text: count(output?.text),
    reasoning: count(output?.reasoning),
    audio: count(output?.audio),
  },
  source: named(sources[source]),
});

export function metaOf(meta: ReplyMetaMessage | undefined): ReplyMeta {
  if (meta === undefined) throw new Error("A meta is missing.");
  return {
    requestId: meta.requestId,
    correlationId: given(meta.correlationId),
    provider: given(meta.provider),
    model: given(meta.model),
    modelServed: given(meta.modelServed),
    route: given(meta.route),
    attempts: meta.attempts,
    cacheStatus: named(cacheStatuses[meta.cacheStatus]),
    latencyMs: meta.latencyMs,
    costNanos: meta.costNanos,
    losses: meta.losses.map(({ field, detail }) => ({ field, detail })),
  };
}
