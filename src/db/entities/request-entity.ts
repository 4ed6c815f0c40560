// Table `requests`: what is kept of a call, without its content. One definition for every database.

import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { OpenedCall, RequestStatus, Settlement } from "../../core/usage/ledger.ts";
import type { UsageSource } from "../../core/chat/usage.ts";
import { Milliseconds } from "./milliseconds.ts";
import { NanoDollars } from "./nano-dollars.ts";

export const RequestEntity = defineEntity({
  name: "Request",
  tableName: "requests",
  properties: {
    id: p.uuid().primary(),
    /** Epoch milliseconds: the id's time. */
    createdAt: p.bigint("number"),
    tenantId: p.text(),
    actingFrom: p.text().nullable(),
    apiKeyId: p.text().nullable(),
    userId: p.text().nullable(),
    runId: p.uuid(),
    correlationId: p.text().nullable(),
    traceId: p.text().nullable(),
    idempotencyKey: p.text().nullable(),
    useCase: p.text().nullable(),
    labels: p.json<Readonly<Record<string, string>>>().nullable(),
    environment: p.text().$type<OpenedCall["environment"]>(),
    operation: p.text().$type<OpenedCall["operation"]>(),
    delivery: p.text().$type<OpenedCall["delivery"]>(),
    loggingPolicy: p.text().$type<OpenedCall["loggingPolicy"]>(),
    modelAsked: p.text().nullable(),
    messageCount: p.integer().nullable(),
    inputChars: p.bigint("number").nullable(),
    status: p.text().$type<RequestStatus>(),
    errorCode: p.text().$type<NonNullable<Settlement["errorCode"]>>().nullable(),
    route: p.text().nullable(),
    provider: p.text().nullable(),
    model: p.text().nullable(),
    modelServed: p.text().nullable(),
    finishReason: p.text().nullable(),
    attempts: p.integer().nullable(),
    cacheStatus: p.text().$type<Settlement["cacheStatus"]>().nullable(),
    timeToFirstTokenMs: p.type(Milliseconds).nullable(),
    latencyMs: p.type(Milliseconds).nullable(),
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
    losses: p.json<Settlement["losses"]>().nullable(),
    outputChars: p.bigint("number").nullable(),
    settledAt: p.bigint("number").nullable(),
    savedNanos: p.type(NanoDollars).$type<bigint>().nullable(),
    answeredFrom: p.text().nullable(),
  },
  indexes: [
    { name: "requests_tenant_created", properties: ["tenantId", "createdAt", "id", "apiKeyId", "userId"] },
    { name: "requests_open", properties: ["id"], where: { status: "open" } },
    {
      name: "requests_acting",
      properties: ["actingFrom", "createdAt", "id", "apiKeyId", "userId"],
      where: { actingFrom: { $ne: null } },
    },
  ],
});

export type RequestRow = InferEntity<typeof RequestEntity>;
