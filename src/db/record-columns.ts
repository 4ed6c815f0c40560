// Which column holds which value of a record: one table for the statements that write. Reading it back is
// `read-records.ts`.

import type { Usage } from "../core/chat/usage.ts";
import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import { createdAtOf } from "./created-at.ts";

export type SqlValue = string | number | bigint | null;

export type Row = SqlValue[];

/** Undefined is null. */
type ColumnValue = SqlValue | undefined;
type Columns<T> = Readonly<Record<string, (record: T) => ColumnValue>>;

export interface ColumnList<T> {
  readonly names: readonly string[];
  /** Adds the record's values to the row, in the order of the names. */
  write(record: T, row: Row): void;
}

/** A settlement with the time at which it came, in epoch milliseconds. */
export interface TimedSettlement {
  readonly settlement: Settlement;
  readonly settledAtMs: number;
}

const usageColumns = <T>(usageOf: (record: T) => Usage | undefined): Columns<T> => ({
  input_tokens: (record) => usageOf(record)?.input.total,
  input_tokens_uncached: (record) => usageOf(record)?.input.uncached,
  input_tokens_cache_read: (record) => usageOf(record)?.input.cacheRead,
  input_tokens_cache_write: (record) => usageOf(record)?.input.cacheWrite,
  input_tokens_audio: (record) => usageOf(record)?.input.audio,
  output_tokens: (record) => usageOf(record)?.output.total,
  output_tokens_text: (record) => usageOf(record)?.output.text,
  output_tokens_reasoning: (record) => usageOf(record)?.output.reasoning,
  output_tokens_audio: (record) => usageOf(record)?.output.audio,
  usage_source: (record) => usageOf(record)?.source,
});

/** Most calls have no label. */
function labelsJson(labels: NonNullable<OpenedCall["labels"]>): string | undefined {
  for (const _ in labels) return jsonOf(labels);
  return "{}";
}

/** Undefined for what JSON cannot hold, as an adapter of somebody else's may give: rows are made on a call's way. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

export const openedColumns = columnList<OpenedCall>({
  id: (call) => call.id,
  created_at: createdAtOf,
  tenant_id: (call) => call.tenantId,
  api_key_id: (call) => call.apiKeyId,
  user_id: (call) => call.userId,
  run_id: (call) => call.runId,
  correlation_id: (call) => call.correlationId,
  trace_id: (call) => call.traceId,
  idempotency_key: (call) => call.idempotencyKey,
  use_case: (call) => call.useCase,
  labels: (call) => (call.labels === undefined ? null : labelsJson(call.labels)),
  environment: (call) => call.environment,
  operation: (call) => call.operation,
  delivery: (call) => call.delivery,
  logging_policy: (call) => call.loggingPolicy,
  model_asked: (call) => call.modelAsked,
  message_count: (call) => call.messageCount,
  input_chars: (call) => call.inputChars,
});

export const settledColumns = columnList<TimedSettlement>({
  status: ({ settlement }) => settlement.status,
  error_code: ({ settlement }) => settlement.errorCode,
  route: ({ settlement }) => settlement.route,
  provider: ({ settlement }) => settlement.provider,
  model: ({ settlement }) => settlement.model,
  model_served: ({ settlement }) => settlement.modelServed,
  finish_reason: ({ settlement }) => settlement.finishReason,
  attempts: ({ settlement }) => settlement.attempts,
  cache_status: ({ settlement }) => settlement.cacheStatus,
  time_to_first_token_ms: ({ settlement }) => settlement.timeToFirstTokenMs,
  latency_ms: ({ settlement }) => settlement.latencyMs,
  ...usageColumns<TimedSettlement>(({ settlement }) => settlement.usage),
  cost_nanos: ({ settlement }) => settlement.costNanos,
  losses: ({ settlement: { losses } }) => (losses.length === 0 ? "[]" : jsonOf(losses)),
  output_chars: ({ settlement }) => settlement.outputChars,
  settled_at: ({ settledAtMs }) => settledAtMs,
});

export const attemptColumns = columnList<AttemptRecord>({
  id: (attempt) => attempt.id,
  request_id: (attempt) => attempt.callId,
  tenant_id: (attempt) => attempt.tenantId,
  number: (attempt) => attempt.number,
  reason: (attempt) => attempt.reason,
  provider: (attempt) => attempt.provider,
  kind: (attempt) => attempt.kind,
  model: (attempt) => attempt.model,
  model_served: (attempt) => attempt.modelServed,
  status: (attempt) => attempt.status,
  failure: (attempt) => attempt.failure,
  error_message: (attempt) => attempt.errorMessage,
  started_at: (attempt) => attempt.startedAtMs,
  time_to_first_token_ms: (attempt) => attempt.timeToFirstTokenMs,
  latency_ms: (attempt) => attempt.latencyMs,
  http_status: (attempt) => attempt.httpStatus,
  upstream_request_id: (attempt) => attempt.upstreamRequestId,
  credential_id: (attempt) => attempt.credentialId,
  ...usageColumns<AttemptRecord>((attempt) => attempt.usage),
  cost_nanos: (attempt) => attempt.costNanos,
  price_version: (attempt) => attempt.priceVersion,
});

/** A row of them is made by `createRowMaker`. */
export const bodyColumns = [
  "request_id",
  "created_at",
  "tenant_id",
  "request",
  "request_cut",
  "reply",
  "reply_cut",
] as const;

export function columnList<T>(columns: Columns<T>): ColumnList<T> {
  const values = Object.values(columns);
  return {
    names: Object.keys(columns),
    // Pushed: V8 takes a list that was made at its length, as by `map`, for one with holes, and looks up each of its
    // values on their way to another thread.
    write(record, row) {
      for (const valueOf of values) row.push(valueOf(record) ?? null);
    },
  };
}
