// What is written down of a target that was passed over.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Target } from "../snapshot.ts";
import type { AttemptReason, AttemptRecord, SkipCause } from "../usage/ledger.ts";
import type { AttemptPorts } from "./attempt.ts";
import { skipMessages } from "./failures.ts";

export interface Skipped<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly skipped: SkipCause;
  readonly reason: AttemptReason;
}

export const skippedRecord = <S extends OperationShape>(
  { call, target, skipped, reason }: Skipped<S>,
  { newId, clock }: Pick<AttemptPorts, "newId" | "clock">,
): AttemptRecord => ({
  id: newId(),
  callId: call.id,
  tenantId: call.principal.tenantId,
  number: call.account.skipTarget(),
  reason,
  provider: target.provider.name,
  kind: target.provider.kind,
  model: target.model,
  modelServed: undefined,
  status: "skipped",
  skipCause: skipped,
  failure: undefined,
  errorMessage: skipMessages[skipped],
  startedAtMs: clock.epochMs(),
  timeToFirstTokenMs: undefined,
  latencyMs: 0,
  httpStatus: undefined,
  upstreamRequestId: undefined,
  credentialId: undefined,
  usage: undefined,
  costNanos: 0n,
  priceVersion: undefined,
});
