// Which column holds which value of a record: beside each list of columns, the function that makes their values in
// the same order. Reading them back is `record-of-row.ts`.
//
// Each function is one plain list and not a walk over a table: rows are made on the way of every call, where a
// function for each column costs four times as much.

import type { Usage } from "../core/chat/usage.ts";
import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { KeptBody } from "./kept-body.ts";

export type SqlValue = string | number | bigint | null;

export type Row = SqlValue[];

const usageColumns = [
  "input_tokens",
  "input_tokens_uncached",
  "input_tokens_cache_read",
  "input_tokens_cache_write",
  "input_tokens_audio",
  "output_tokens",
  "output_tokens_text",
  "output_tokens_reasoning",
  "output_tokens_audio",
  "usage_source",
] as const;

function addUsage(row: Row, usage: Usage | undefined): void {
  if (usage === undefined) {
    row.push(null, null, null, null, null, null, null, null, null, null);
    return;
  }
  const { input, output, source } = usage;
  row.push(
    input.total ?? null,
    input.uncached ?? null,
    input.cacheRead ?? null,
    input.cacheWrite ?? null,
    input.audio ?? null,
    output.total ?? null,
    output.text ?? null,
    output.reasoning ?? null,
    output.audio ?? null,
    source,
  );
}

export const openedColumns = [
  "id",
  "created_at",
  "tenant_id",
  "api_key_id",
  "user_id",
  "run_id",
  "correlation_id",
  "trace_id",
  "idempotency_key",
  "use_case",
  "labels",
  "environment",
  "operation",
  "delivery",
  "logging_policy",
  "model_asked",
  "message_count",
  "input_chars",
  "acting_from",
] as const;

export const openedRow = (call: OpenedCall, createdAtMs: number): Row => [
  call.id,
  createdAtMs,
  call.tenantId,
  call.apiKeyId ?? null,
  call.userId ?? null,
  call.runId,
  call.correlationId ?? null,
  call.traceId ?? null,
  call.idempotencyKey ?? null,
  call.useCase ?? null,
  call.labels === undefined ? null : labelsJson(call.labels),
  call.environment,
  call.operation,
  call.delivery,
  call.loggingPolicy,
  call.modelAsked ?? null,
  call.messageCount ?? null,
  call.inputChars ?? null,
  call.actingFrom ?? null,
];

export const settledColumns = [
  "status",
  "error_code",
  "route",
  "provider",
  "model",
  "model_served",
  "finish_reason",
  "attempts",
  "cache_status",
  "time_to_first_token_ms",
  "latency_ms",
  "cost_nanos",
  "losses",
  "output_chars",
  "settled_at",
  "saved_nanos",
  "answered_from",
  ...usageColumns,
] as const;

export function settledRow(settlement: Settlement): Row {
  const row: Row = [
    settlement.status,
    settlement.errorCode ?? null,
    settlement.route ?? null,
    settlement.provider ?? null,
    settlement.model ?? null,
    settlement.modelServed ?? null,
    settlement.finishReason ?? null,
    settlement.attempts,
    settlement.cacheStatus,
    settlement.timeToFirstTokenMs ?? null,
    settlement.latencyMs,
    settlement.costNanos,
    settlement.losses.length === 0 ? "[]" : jsonOf(settlement.losses),
    settlement.outputChars ?? null,
    Math.round(settlement.createdAtMs + settlement.latencyMs),
    settlement.savedNanos ?? null,
    settlement.answeredFrom ?? null,
  ];
  addUsage(row, settlement.usage);
  return row;
}

export const attemptColumns = [
  "id",
  "request_id",
  "tenant_id",
  "number",
  "reason",
  "provider",
  "kind",
  "model",
  "model_served",
  "status",
  "skip_cause",
  "choice",
  "failure",
  "error_message",
  "started_at",
  "time_to_first_token_ms",
  "latency_ms",
  "http_status",
  "upstream_request_id",
  "credential_id",
  "cost_nanos",
  "price_version",
  ...usageColumns,
] as const;

export function attemptRow(attempt: AttemptRecord): Row {
  const row: Row = [
    attempt.id,
    attempt.callId,
    attempt.tenantId,
    attempt.number,
    attempt.reason,
    attempt.provider,
    attempt.kind,
    attempt.model,
    attempt.modelServed ?? null,
    attempt.status,
    attempt.skipCause ?? null,
    attempt.choice === undefined ? null : jsonOf(attempt.choice),
    attempt.failure ?? null,
    attempt.errorMessage ?? null,
    attempt.startedAtMs,
    attempt.timeToFirstTokenMs ?? null,
    attempt.latencyMs,
    attempt.httpStatus ?? null,
    attempt.upstreamRequestId ?? null,
    attempt.credentialId ?? null,
    attempt.costNanos,
    attempt.priceVersion ?? null,
  ];
  addUsage(row, attempt.usage);
  return row;
}

export const bodyColumns = [
  "request_id",
  "created_at",
  "tenant_id",
  "request",
  "request_cut",
  "reply",
  "reply_cut",
] as const;

/** Whose bodies they are. */
export interface BodyOwner {
  readonly id: string;
  readonly createdAtMs: number;
  readonly tenantId: string;
}

export const bodyRow = (owner: BodyOwner, request: KeptBody, reply: KeptBody): Row => [
  owner.id,
  owner.createdAtMs,
  owner.tenantId,
  request.text,
  Number(request.cut),
  reply.text,
  Number(reply.cut),
];

/** Most calls have no label. */
function labelsJson(labels: NonNullable<OpenedCall["labels"]>): string | null {
  for (const _ in labels) return jsonOf(labels);
  return "{}";
}

/** Null for what JSON cannot hold, as an adapter of somebody else's may give: rows are made on a call's way. */
function jsonOf(value: object): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}
