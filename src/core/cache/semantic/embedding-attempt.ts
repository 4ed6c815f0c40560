// A question's vector as an attempt of its call: in the ledger, in the account's sums and in the budgets as all others
// are, and none at answering. How it ends says nothing of its target to others, whose breakers it leaves as they are.

import { isHeldToModel } from "../../access/allowed-targets.ts";
import type { Call } from "../../call.ts";
import { elapsedMs } from "../../clock.ts";
import type { ProviderEmbedded } from "../../embed/events.ts";
import { embedOperation } from "../../embed/operation.ts";
import type { EmbedRequest } from "../../embed/request.ts";
import type { OperationShape } from "../../operation-shape.ts";
import type { ProviderReply } from "../../provider.ts";
import { ProviderError } from "../../provider-error.ts";
import { attemptRecord } from "../../routing/attempt-record.ts";
import type { AttemptPorts } from "../../routing/attempt.ts";
import { EarlyEnd, type EndReason } from "../../routing/early-end.ts";
import { toProviderError } from "../../routing/failures.ts";
import type { Place } from "../../routing/targets/target-state.ts";
import type { Target } from "../../snapshot.ts";
import type { OpenAttempt } from "../../usage/account.ts";
import type { AttemptStatus } from "../../usage/ledger.ts";
import { wholeUsage } from "../../usage/whole-usage.ts";
import { allOf } from "../../watch-events.ts";

export interface QuestionToEmbed<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly place: Place;
  readonly request: EmbedRequest;
}

/** Asked by `query` for what is kept and for what is looked for: only so do the vectors compare. */
export const embeddingOf = (question: string, { model }: Target): EmbedRequest => ({
  model,
  inputs: [question],
  purpose: "query",
});

export class EmbeddingAttempt<S extends OperationShape> implements OpenAttempt {
  readonly #asked: QuestionToEmbed<S>;
  readonly #ports: AttemptPorts;
  readonly #end = new EarlyEnd();
  readonly #id: string;
  readonly #number: number;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  #reply: ProviderReply<ProviderEmbedded> | undefined;
  #closed = false;

  constructor(asked: QuestionToEmbed<S>, ports: AttemptPorts) {
    this.#asked = asked;
    this.#ports = ports;
    this.#id = ports.newId();
    this.#startedAtMs = ports.clock.epochMs();
    this.#startedMs = ports.clock.monotonicMs();
    this.#number = asked.call.account.beginAside(this);
  }

  /**
   * `tooLate` is aborted when nobody waits for it any more.
   * @throws ProviderError; GatewayError where the call has ended
   */
  async vector(tooLate: AbortSignal): Promise<ArrayLike<number> | undefined> {
    tooLate.addEventListener("abort", () => this.cancel(late()), { once: true });
    try {
      const embedded = await this.#end.or(this.#embedded());
      this.#close("ok", { embedded });
      return embedded?.vectors[0];
    } catch (error) {
      throw this.#failed(error);
    }
  }

  cancel(reason: EndReason): void {
    if (this.#closed) return;
    this.#closeFor(reason);
    this.#end.come(reason);
  }

  async #embedded(): Promise<ProviderEmbedded | undefined> {
    const { call, target, place, request } = this.#asked;
    const reply = await embedOperation.invoke(place.adapter, request, {
      model: target.model,
      delivery: "unary",
      api: target.api,
      heldToModel: isHeldToModel(call.principal),
      remainingMs: call.deadlineMs - this.#ports.clock.monotonicMs(),
      signal: this.#end.signal,
    });
    this.#reply = reply;
    const [embedded] = await allOf(reply.events, () => true);
    return embedded;
  }

  #failed(error: unknown): EndReason {
    const ended = this.#end.reason();
    if (ended !== undefined) return ended;
    if (!(error instanceof ProviderError)) {
      this.#ports.reportFault(error, { requestId: this.#asked.call.id });
    }
    const providerError = toProviderError(error);
    this.#closeFor(providerError);
    return providerError;
  }

  #closeFor(reason: EndReason): void {
    if (reason instanceof ProviderError) this.#close("failed", { error: reason });
    else this.#close("cancelled", {});
  }

  #close(
    status: AttemptStatus,
    { embedded, error }: { readonly embedded?: ProviderEmbedded | undefined; readonly error?: ProviderError },
  ): void {
    if (this.#closed) return;
    this.#closed = true;
    const { call, target, place, request } = this.#asked;
    const { ledger, clock, utf8Bytes } = this.#ports;
    const record = attemptRecord({
      call,
      target,
      id: this.#id,
      number: this.#number,
      reason: "semantic",
      choice: undefined,
      startedAtMs: this.#startedAtMs,
      latencyMs: elapsedMs(clock, this.#startedMs),
      timeToFirstTokenMs: undefined,
      credentialId: place.credentialId,
      reply: this.#reply,
      modelServed: embedded?.model,
      usage:
        embedded &&
        wholeUsage(embedded.usage, {
          complete: true,
          inputTokens: () => embedOperation.estimate(request, utf8Bytes).input,
          outputTokens: undefined,
        }),
      status,
      error,
    });
    // Whatever it was: its target is judged by those who ask it for themselves.
    place.end("cancelled");
    call.account.endAttempt(this, record);
    ledger.attempt(record);
  }
}

const late = (): ProviderError =>
  new ProviderError({
    failure: "timeout",
    message: "The vector had not come while its call could wait.",
    ownWords: true,
  });
