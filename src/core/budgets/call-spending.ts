// What one call reserves of its budgets: before it is sent anywhere, before each further attempt, until it is settled.

import type { Call } from "../call.ts";
import type { AuditTrail } from "../directory/audit.ts";
import { GatewayError, type ReportFault, toGatewayError } from "../errors.ts";
import type { Utf8Bytes } from "../limits/token-estimate.ts";
import type { Clock } from "../clock.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Target } from "../snapshot.ts";
import { untilAborted } from "../until-aborted.ts";
import { budgetExceeded, noteRefusal, refusedOf } from "./budget-refusal.ts";
import type { BudgetDecision, BudgetHold, BudgetStore } from "./budget-store.ts";
import type { AttemptToPay, EmbeddingToPay, Spending } from "./spending.ts";
import { type AttemptSize, dearestOf, type UpperBound } from "./upper-bound.ts";

export interface SpendingPorts {
  readonly store: BudgetStore;
  readonly auditTrail: AuditTrail;
  readonly upperBound: UpperBound;
  readonly utf8Bytes: Utf8Bytes;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
}

type Refusal = GatewayError | undefined;

export class CallSpending<S extends OperationShape> implements Spending<S> {
  readonly #call: Call<S>;
  readonly #holds: readonly BudgetHold[];
  readonly #ports: SpendingPorts;
  /** What was reserved at the beginning has not been used. */
  #firstIsPaid = true;
  #hasReserved = false;
  #settled = false;

  constructor(call: Call<S>, holds: readonly BudgetHold[], ports: SpendingPorts) {
    this.#call = call;
    this.#holds = holds;
    this.#ports = ports;
    call.whenReleased(() => this.#settle());
  }

  reserveFor(targets: readonly Target[]): Refusal | Promise<Refusal> {
    const { upperBound } = this.#ports;
    return this.#reserve(dearestOf(targets, this.#sizeOf(this.#call.request), upperBound), false);
  }

  beforeAttempt({ target, request, optional }: AttemptToPay<S>): Refusal | Promise<Refusal> {
    if (this.#firstIsPaid) {
      this.#firstIsPaid = false;
      return undefined;
    }
    return this.#reserve(this.#ports.upperBound(target, this.#sizeOf(request)), optional);
  }

  beforeEmbedding({ target, inputTokens }: EmbeddingToPay): Refusal | Promise<Refusal> {
    const nanos = this.#ports.upperBound(target, { call: this.#call, inputTokens, maxOutputTokens: 0 });
    // At least something: what has no price is not paid from a budget that is used up either.
    return this.#reserve(nanos > 0n ? nanos : 1n, true);
  }

  #sizeOf(request: S["request"]): AttemptSize<S> {
    const call = this.#call;
    const { input, output } = call.operation.estimate(request, this.#ports.utf8Bytes);
    return { call, inputTokens: input, maxOutputTokens: output };
  }

  #reserve(nanos: bigint, optional: boolean): Refusal | Promise<Refusal> {
    const call = this.#call;
    const { store, clock } = this.#ports;
    // Held again, it would for a moment count as under way, and who reads the records then would leave it out.
    if (this.#settled) return this.#failed(call.signal.reason);
    let decided: BudgetDecision | Promise<BudgetDecision>;
    try {
      decided = store.reserve({
        id: call.id,
        createdAtMs: call.createdAtMs,
        holds: this.#holds,
        nanos,
        endsInMs: Math.max(0, call.deadlineMs - clock.monotonicMs()),
      });
    } catch (error) {
      return this.#failed(error);
    }
    if (decided instanceof Promise) return this.#whenDecided(decided, nanos, optional);
    return this.#refusal(this.#kept(decided), nanos, optional);
  }

  async #whenDecided(decided: Promise<BudgetDecision>, nanos: bigint, optional: boolean): Promise<Refusal> {
    const kept = decided.then((decision) => this.#kept(decision));
    // The call may end before, and nobody wait for it.
    kept.catch(() => undefined);
    try {
      return this.#refusal(await untilAborted(kept, this.#call.signal), nanos, optional);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** What is reserved for a call that has been settled meanwhile is given back. */
  #kept(decision: BudgetDecision): BudgetDecision {
    if (!decision.allowed) return decision;
    if (this.#settled) this.#tellSettled(0n);
    else this.#hasReserved = true;
    return decision;
  }

  #refusal(decision: BudgetDecision, nanos: bigint, optional: boolean): Refusal {
    const refused = refusedOf(decision, this.#holds, nanos);
    if (refused === undefined) return undefined;
    if (!optional) noteRefusal(this.#ports.auditTrail, this.#call, refused);
    return budgetExceeded(refused);
  }

  #failed(error: unknown): GatewayError {
    if (!(error instanceof GatewayError)) this.#ports.reportFault(error, { requestId: this.#call.id });
    return toGatewayError(error);
  }

  #settle(): void {
    this.#settled = true;
    if (this.#hasReserved) this.#tellSettled(this.#call.account.paidNanos());
  }

  #tellSettled(paidNanos: bigint): void {
    const { id, createdAtMs } = this.#call;
    this.#ports.store.settle({ id, createdAtMs, holds: this.#holds, paidNanos });
  }
}
