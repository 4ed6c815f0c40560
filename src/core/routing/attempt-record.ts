// What is written down of an attempt at its end.

import type { Call } from "../call.ts";
import type { Usage } from "../chat/usage.ts";
import { redactCredentials } from "../guardrails/credentials/redact-credentials.ts";
import { loggingOf } from "../logging-of.ts";
import type { OperationShape } from "../operation-shape.ts";
import { costNanos, type Price } from "../pricing/price.ts";
import type { ProviderReply } from "../provider.ts";
import type { ProviderError } from "../provider-error.ts";
import type { Target } from "../snapshot.ts";
import type { AttemptReason, AttemptRecord, AttemptStatus, RoutingChoice } from "../usage/ledger.ts";

export interface EndedAttempt<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly id: string;
  readonly number: number;
  readonly reason: AttemptReason;
  readonly choice: RoutingChoice | undefined;
  readonly startedAtMs: number;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly credentialId: string | undefined;
  /** Undefined: it never got an answer. */
  readonly reply: ProviderReply<unknown> | undefined;
  readonly modelServed: string | undefined;
  readonly usage: Usage | undefined;
  readonly status: AttemptStatus;
  readonly error: ProviderError | undefined;
}

export function attemptRecord<S extends OperationShape>(ended: EndedAttempt<S>): AttemptRecord {
  const { call, target, reply, error } = ended;
  const cost = costOf(ended);
  return {
    id: ended.id,
    callId: call.id,
    tenantId: call.principal.tenantId,
    number: ended.number,
    reason: ended.reason,
    provider: target.provider.name,
    kind: target.provider.kind,
    model: target.model,
    modelServed: ended.modelServed,
    status: ended.status,
    choice: ended.choice,
    failure: error?.failure,
    errorMessage: error === undefined ? undefined : keptMessage(call, error),
    startedAtMs: ended.startedAtMs,
    timeToFirstTokenMs: ended.timeToFirstTokenMs,
    latencyMs: ended.latencyMs,
    httpStatus: reply?.httpStatus ?? error?.httpStatus,
    upstreamRequestId: reply?.upstreamRequestId ?? error?.upstreamRequestId,
    credentialId: reply?.credentialId ?? ended.credentialId,
    usage: ended.usage,
    costNanos: cost.nanos,
    priceVersion: cost.price?.version,
    price: cost.price,
  };
}

/** Vendors quote what they were asked: their words are kept where that is. */
function keptMessage<S extends OperationShape>(
  call: Call<S>,
  { message, ownWords }: ProviderError,
): string | undefined {
  if (ownWords) return message;
  const { bodies, redact } = loggingOf(call);
  if (bodies !== "full") return undefined;
  return redact ? redactCredentials(message) : message;
}

/** An attempt that never got an answer was charged nothing; one that did, and told no usage, is unknown. */
function costOf<S extends OperationShape>(
  ended: EndedAttempt<S>,
): {
  readonly nanos: bigint | null;
  readonly price: Price | undefined;
} {
  const { call, target, usage } = ended;
  if (usage === undefined) return { nanos: ended.reply === undefined ? 0n : null, price: undefined };
  const price = call.snapshot.prices.find({
    provider: target.provider.name,
    kind: target.provider.kind,
    model: target.model,
    modelServed: ended.modelServed,
    atMs: ended.startedAtMs,
    inputTokens: usage.input.total,
  });
  return { nanos: price === undefined ? null : (costNanos(usage, price) ?? null), price };
}
