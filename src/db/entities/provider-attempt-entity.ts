// Table `provider_attempts`: every try of a run at one target. It names its request without a foreign key,
// so that either may be written, kept or removed without the other.

import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { AttemptRecord, RoutingChoice, SkipCause } from "../../core/usage/ledger.ts";
import type { UsageSource } from "../../core/chat/usage.ts";
import { Milliseconds } from "./milliseconds.ts";
import { NanoDollars } from "./nano-dollars.ts";

export const ProviderAttemptEntity = defineEntity({
  name: "ProviderAttempt",
  tableName: "provider_attempts",
  properties: {
    id: p.uuid().primary(),
    requestId: p.uuid(),
    tenantId: p.text(),
    number: p.integer(),
    reason: p.text().$type<AttemptRecord["reason"]>(),
    provider: p.text(),
    kind: p.text(),
    model: p.text(),
    modelServed: p.text().nullable(),
    status: p.text().$type<AttemptRecord["status"]>(),
    /** Why a skipped attempt was not made. */
    skipCause: p.text().$type<SkipCause>().nullable(),
    /** How a call's strategy came to its order. */
    choice: p.json<RoutingChoice>().nullable(),
    failure: p.text().$type<NonNullable<AttemptRecord["failure"]>>().nullable(),
    errorMessage: p.text().nullable(),
    /** Epoch milliseconds. */
    startedAt: p.bigint("number"),
    timeToFirstTokenMs: p.type(Milliseconds).nullable(),
    latencyMs: p.type(Milliseconds),
    httpStatus: p.integer().nullable(),
    upstreamRequestId: p.text().nullable(),
    credentialId: p.text().nullable(),
    inputTokens: p.bigint("number").nullable(),
    inputTokensUncached: p.bigint("number").nullable(),
    inputTokensCacheRead: p.bigint("number").nullable(),
    inputTokensCacheWrite: p.bigint("number").nullable(),
    inputTokensAudio: p.bigint("number").nullable(),
    outputTokens: p.bigint("number").nullable(),
    outputTokensText: p.bigint("number").nullable(),
    outputTokensReasoning: p.bigint("number").nullable(),
    outputTokensAudio: p.bigint("number").nullable(),
    usageSource: p.text().$type<UsageSource>().nullable(),
    costNanos: p.type(NanoDollars).$type<bigint>().nullable(),
    priceVersion: p.text().nullable(),
  },
  indexes: [
    { name: "provider_attempts_request", properties: ["requestId", "costNanos"] },
    {
      name: "provider_attempts_fallback",
      properties: ["requestId"],
      where: { reason: { $in: ["fallback", "continue", "restart"] } },
    },
  ],
});

export type ProviderAttemptRow = InferEntity<typeof ProviderAttemptEntity>;
