// Rows as the core knows them: null is undefined, but for a cost, where null says "not known".

import type { Usage } from "../core/chat/usage.ts";
import type { Price } from "../core/pricing/price.ts";
import type { AttemptRecord } from "../core/usage/ledger.ts";
import type { RequestRecord } from "../core/usage/records.ts";
import type { ProviderAttemptRow } from "./entities/provider-attempt-entity.ts";
import type { RequestRow } from "./entities/request-entity.ts";

const known = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

/** While a call is open, what only its end tells is undefined. */
export function recordOf(row: RequestRow, attemptRecords: readonly AttemptRecord[]): RequestRecord {
  const opened = {
    id: row.id,
    createdAtMs: row.createdAt,
    tenantId: row.tenantId,
    actingFrom: known(row.actingFrom),
    apiKeyId: known(row.apiKeyId),
    userId: known(row.userId),
    environment: row.environment,
    runId: row.runId,
    correlationId: known(row.correlationId),
    traceId: known(row.traceId),
    idempotencyKey: known(row.idempotencyKey),
    operation: row.operation,
    delivery: row.delivery,
    loggingPolicy: row.loggingPolicy,
    modelAsked: known(row.modelAsked),
    useCase: known(row.useCase),
    labels: known(row.labels),
    messageCount: known(row.messageCount),
    inputChars: known(row.inputChars),
    status: row.status,
    attemptRecords,
  };
  if (row.status === "open" || row.status === "interrupted") return opened;
  const answeredFrom = known(row.answeredFrom);
  return {
    ...opened,
    errorCode: known(row.errorCode),
    route: known(row.route),
    provider: known(row.provider),
    model: known(row.model),
    modelServed: known(row.modelServed),
    finishReason: known(row.finishReason),
    attempts: known(row.attempts),
    cacheStatus: known(row.cacheStatus),
    timeToFirstTokenMs: known(row.timeToFirstTokenMs),
    latencyMs: known(row.latencyMs),
    usage: usageOf(row),
    costNanos: row.costNanos ?? null,
    savedNanos: row.savedNanos ?? (answeredFrom === undefined ? undefined : null),
    answeredFrom,
    losses: row.losses ?? [],
    outputChars: known(row.outputChars),
  };
}

export function attemptOf(row: ProviderAttemptRow, price: Price | undefined): AttemptRecord {
  return {
    id: row.id,
    callId: row.requestId,
    tenantId: row.tenantId,
    number: row.number,
    reason: row.reason,
    provider: row.provider,
    kind: row.kind,
    model: row.model,
    modelServed: known(row.modelServed),
    status: row.status,
    skipCause: known(row.skipCause),
    choice: known(row.choice),
    failure: known(row.failure),
    errorMessage: known(row.errorMessage),
    startedAtMs: row.startedAt,
    timeToFirstTokenMs: known(row.timeToFirstTokenMs),
    latencyMs: row.latencyMs,
    httpStatus: known(row.httpStatus),
    upstreamRequestId: known(row.upstreamRequestId),
    credentialId: known(row.credentialId),
    usage: usageOf(row),
    costNanos: row.costNanos ?? null,
    priceVersion: known(row.priceVersion),
    price,
  };
}

function usageOf(row: RequestRow | ProviderAttemptRow): Usage | undefined {
  if (row.usageSource === null || row.usageSource === undefined) return undefined;
  return {
    input: {
      total: known(row.inputTokens),
      uncached: known(row.inputTokensUncached),
      cacheRead: known(row.inputTokensCacheRead),
      cacheWrite: known(row.inputTokensCacheWrite),
      audio: known(row.inputTokensAudio),
    },
    output: {
      total: known(row.outputTokens),
      text: known(row.outputTokensText),
      reasoning: known(row.outputTokensReasoning),
      audio: known(row.outputTokensAudio),
    },
    source: row.usageSource,
  };
}
