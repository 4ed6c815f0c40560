// What a reply tells of its call and of the tokens used, from the core to protobuf.

import {
  CacheStatus as CacheStatusValue,
  Degraded as DegradedValue,
  type Loss as LossMessage,
  type ReplyMeta as ReplyMetaMessage,
  type Usage as UsageMessage,
  UsageSource as UsageSourceValue,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { Usage, UsageSource } from "../../core/chat/usage.ts";
import type { CacheStatus, Degraded, Loss, ReplyMeta } from "../../core/reply.ts";

const cacheStatuses = {
  hit: CacheStatusValue.HIT,
  semantic: CacheStatusValue.SEMANTIC,
  miss: CacheStatusValue.MISS,
  bypass: CacheStatusValue.BYPASS,
  stale: CacheStatusValue.STALE,
} as const satisfies Record<CacheStatus, CacheStatusValue>;

const degradations = {
  stale_answer: DegradedValue.STALE_ANSWER,
  fallback_message: DegradedValue.FALLBACK_MESSAGE,
} as const satisfies Record<Degraded, DegradedValue>;

const usageSources = {
  reported: UsageSourceValue.REPORTED,
  counted: UsageSourceValue.COUNTED,
  estimated: UsageSourceValue.ESTIMATED,
} as const satisfies Record<UsageSource, UsageSourceValue>;

export const fromReplyMeta = (meta: ReplyMeta): ReplyMetaMessage => ({
  $typeName: "sluice.v1.ReplyMeta",
  requestId: meta.requestId,
  correlationId: meta.correlationId ?? "",
  provider: meta.provider ?? "",
  model: meta.model ?? "",
  modelServed: meta.modelServed ?? "",
  route: meta.route ?? "",
  attempts: meta.attempts,
  cacheStatus: cacheStatuses[meta.cacheStatus],
  latencyMs: meta.latencyMs,
  costNanos: meta.costNanos ?? undefined,
  losses: meta.losses.map(fromLoss),
  degraded: meta.degraded === undefined ? DegradedValue.UNSPECIFIED : degradations[meta.degraded],
});

export const fromLoss = ({ field, detail }: Loss): LossMessage => ({
  $typeName: "sluice.v1.Loss",
  field,
  detail,
});

export const fromUsage = ({ input, output, source }: Usage): UsageMessage => ({
  $typeName: "sluice.v1.Usage",
  input: {
    $typeName: "sluice.v1.InputTokens",
    total: int64(input.total),
    uncached: int64(input.uncached),
    cacheRead: int64(input.cacheRead),
    cacheWrite: int64(input.cacheWrite),
    audio: int64(input.audio),
  },
  output: {
    $typeName: "sluice.v1.OutputTokens",
    total: int64(output.total),
    text: int64(output.text),
    reasoning: int64(output.reasoning),
    audio: int64(output.audio),
  },
  source: usageSources[source],
});

/** A count that is none (a fraction, NaN, beyond 2^53) counts as not known: it must not cost the answer. */
export const int64 = (count: number | undefined): bigint | undefined =>
  count !== undefined && Number.isSafeInteger(count) ? BigInt(count) : undefined;
