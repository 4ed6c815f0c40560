// One try of a run at one target: asked of the provider, watched to its end, written down whatever the end.

import type { Call } from "../call.ts";
import type { Usage } from "../chat/usage.ts";
import { type Clock, elapsedMs, type Timer } from "../clock.ts";
import type { GatewayError, ReportFault } from "../errors.ts";
import type { NewId } from "../ids.ts";
import type { EventFacts, OperationShape, Stamp } from "../operation.ts";
import { costNanos, type Price } from "../pricing/price.ts";
import type { ProviderReply } from "../provider.ts";
import { ProviderError } from "../provider-error.ts";
import type { ReplyMeta } from "../reply.ts";
import type { Target } from "../snapshot.ts";
import type { Answering, OpenAttempt } from "../usage/account.ts";
import type { AttemptReason, AttemptRecord, AttemptStatus, Ledger, RoutingChoice } from "../usage/ledger.ts";
import { allOf, type Watcher, watchEvents } from "../watch-events.ts";
import { toProviderError } from "./failures.ts";
import { policyOf } from "./default-policies.ts";
import { heldUntilCommit } from "./held-events.ts";
import type { Place } from "./target-state.ts";

export interface Attempt<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly place: Place;
  readonly reason: AttemptReason;
  readonly request: S["request"];
  readonly choice: RoutingChoice | undefined;
}

export interface AttemptPorts {
  readonly ledger: Ledger;
  readonly reportFault: ReportFault;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** An answer that its target stands by: a whole one, or a stream that has begun. */
export interface Committed<S extends OperationShape> {
  readonly attempt: AttemptUnderWay<S>;
  /** What came before the commit, and with it. */
  readonly held: readonly S["event"][];
  /** Absent: `held` is all. */
  readonly rest: AsyncIterator<S["event"]> | undefined;
}

/** Watches one attempt from its beginning, and closes its line in the account and in the ledger exactly once. */
export class AttemptUnderWay<S extends OperationShape>
  implements Watcher<S["providerEvent"], S["event"]>, Stamp, OpenAttempt
{
  readonly target: Target;
  readonly #attempt: Attempt<S>;
  readonly #ports: AttemptPorts;
  readonly #controller = new AbortController();
  readonly #id: string;
  readonly #number: number;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  readonly #answering: Answering;
  #timer: Timer | undefined;
  #reply: ProviderReply<unknown> | undefined;
  #usage: Usage | undefined;
  #timeToFirstTokenMs: number | undefined;
  #committed = false;
  /** Its terminal event has come. */
  #complete = false;
  #closed = false;
  /** Why it ended before its time. */
  #stopped: GatewayError | ProviderError | undefined;
  #whenStopped: ((reason: GatewayError | ProviderError) => void) | undefined;

  constructor(attempt: Attempt<S>, ports: AttemptPorts) {
    const { call, target } = attempt;
    this.target = target;
    this.#attempt = attempt;
    this.#ports = ports;
    this.#id = ports.newId();
    this.#startedAtMs = ports.clock.epochMs();
    this.#startedMs = ports.clock.monotonicMs();
    this.#number = call.account.beginAttempt(this);
    this.#answering = {
      provider: target.provider.name,
      model: target.model,
      losses: [],
      modelServed: undefined,
      finishReason: undefined,
      timeToFirstTokenMs: undefined,
    };
  }

  get callId(): string {
    return this.#attempt.call.id;
  }

  get createdAtMs(): number {
    return this.#attempt.call.createdAtMs;
  }

  get provider(): string {
    return this.target.provider.name;
  }

  get model(): string {
    return this.target.model;
  }

  get losses(): Answering["losses"] {
    return this.#answering.losses;
  }

  meta(): ReplyMeta {
    return this.#attempt.call.account.meta(this.#answering);
  }

  wholeMeta(): ReplyMeta {
    return this.#attempt.call.account.wholeMeta(this.#answering);
  }

  /**
   * Asks the provider, and resolves when it has committed to an answer.
   * @throws GatewayError the call's own end, or why the attempt was given up; else ProviderError
   */
  async untilCommit(): Promise<Committed<S>> {
    const { call, place, request } = this.#attempt;
    const { clock } = this.#ports;
    const { firstTokenMs, wholeAnswerMs } = policyOf(this.target);
    const streamed = call.delivery === "streamed";
    const patienceMs = streamed ? firstTokenMs : wholeAnswerMs;
    this.#timer = clock.setTimer(patienceMs, () => this.#tooLate(patienceMs));
    let reply: ProviderReply<S["providerEvent"]>;
    try {
      reply = await this.#orStopped(
        call.operation.invoke(place.adapter, request, {
          model: this.target.model,
          delivery: call.delivery,
          api: this.target.api,
          remainingMs: call.deadlineMs - clock.monotonicMs(),
          signal: this.#controller.signal,
        }),
      );
    } catch (error) {
      throw this.failed(error);
    }
    this.#answered(reply);
    const events = watchEvents<S["providerEvent"], S["event"]>(reply.events, this);
    if (!streamed) return { attempt: this, held: await this.#orStopped(allOf(events)), rest: undefined };
    const rest = events[Symbol.asyncIterator]();
    const held = await this.#orStopped(heldUntilCommit(rest, call.operation));
    // An adapter may end its stream without content: then it has failed by now, or is complete.
    this.#stopTimer();
    return { attempt: this, held, rest };
  }

  /** Its answer is the caller's: said where another attempt was under way beside it. */
  won(): void {
    this.#attempt.call.account.answeredBy(this.#answering);
  }

  #answered(reply: ProviderReply<unknown>): void {
    this.#reply = reply;
    this.#answering.losses = reply.losses;
    this.won();
  }

  event(providerEvent: S["providerEvent"]): S["event"] {
    const { operation, account, delivery } = this.#attempt.call;
    const facts = operation.facts(providerEvent);
    if (facts !== undefined) this.#note(facts);
    const event = operation.stamp(providerEvent, this);
    // An answer that comes whole tells nothing of its first token.
    if (!this.#committed && delivery === "streamed" && operation.commits(event)) {
      this.#committed = true;
      this.#timeToFirstTokenMs = elapsedMs(this.#ports.clock, this.#startedMs);
      this.#answering.timeToFirstTokenMs = account.elapsedMs();
      this.#attempt.place.state.latency.committed(this.#timeToFirstTokenMs);
    }
    return event;
  }

  #note({ modelServed, usage, finishReason, ends }: EventFacts): void {
    if (modelServed !== undefined) this.#answering.modelServed = modelServed;
    if (usage !== undefined) this.#usage = usage;
    if (finishReason !== undefined) this.#answering.finishReason = finishReason;
    if (ends === true) {
      this.#complete = true;
      this.#close("ok");
    }
  }

  ended(): void {
    if (this.#complete) return;
    throw new ProviderError({
      failure: "broken_reply",
      message: "The provider's answer stopped without saying that it was complete.",
    });
  }

  /** Closes the attempt and says what the route is to see: the call's own end hides what it caused. */
  failed(error: unknown): GatewayError | ProviderError {
    if (this.#stopped !== undefined) return this.#stopped;
    if (!(error instanceof ProviderError)) {
      this.#ports.reportFault(error, { requestId: this.#attempt.call.id });
    }
    const providerError = toProviderError(error);
    this.#close("failed", providerError);
    return providerError;
  }

  left(): void {
    this.#close("cancelled");
  }

  cancel(reason: GatewayError): void {
    this.#stop(reason);
  }

  /** Ends it as the provider's failure. */
  fail(error: ProviderError): void {
    this.#stop(error);
  }

  /** The one who is told of an early end; replaces the one before. */
  whenStopped(listener: (reason: GatewayError | ProviderError) => void): void {
    this.#whenStopped = listener;
  }

  #stop(reason: GatewayError | ProviderError): void {
    if (this.#closed) return;
    this.#stopped = reason;
    if (reason instanceof ProviderError) this.#close("failed", reason);
    else this.#close("cancelled");
    // Told first: whoever waits does not wait for an adapter that does not heed the signal.
    this.#whenStopped?.(reason);
    this.#controller.abort(reason);
  }

  #orStopped<T>(answer: Promise<T>): Promise<T> {
    if (this.#stopped !== undefined) {
      answer.catch(() => undefined);
      return Promise.reject(this.#stopped);
    }
    return new Promise((resolve, reject) => {
      this.#whenStopped = reject;
      answer.then(resolve, reject);
    });
  }

  #tooLate(patienceMs: number): void {
    const what = this.#attempt.call.delivery === "streamed" ? "began its answer" : "answered";
    const message = `The provider had not ${what} after ${patienceMs} ms.`;
    this.#stop(new ProviderError({ failure: "timeout", message }));
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #close(status: AttemptStatus, error?: ProviderError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimer();
    const { call, target, place, reason, choice } = this.#attempt;
    const { ledger, clock } = this.#ports;
    const reply = this.#reply;
    const cost = this.#cost();
    const latencyMs = elapsedMs(clock, this.#startedMs);
    const record: AttemptRecord = {
      id: this.#id,
      callId: call.id,
      tenantId: call.principal.tenantId,
      number: this.#number,
      reason,
      provider: target.provider.name,
      kind: target.provider.kind,
      model: target.model,
      modelServed: this.#answering.modelServed,
      status,
      choice,
      failure: error?.failure,
      errorMessage: error?.message,
      startedAtMs: this.#startedAtMs,
      timeToFirstTokenMs: this.#timeToFirstTokenMs,
      latencyMs,
      httpStatus: reply?.httpStatus ?? error?.httpStatus,
      upstreamRequestId: reply?.upstreamRequestId ?? error?.upstreamRequestId,
      credentialId: reply?.credentialId ?? place.credentialId,
      usage: this.#usage,
      costNanos: cost.nanos,
      priceVersion: cost.price?.version,
      price: cost.price,
    };
    if (status === "ok") this.#measure(latencyMs);
    place.end(error ?? (status === "ok" ? "ok" : "cancelled"));
    call.account.endAttempt(this, record);
    ledger.attempt(record);
  }

  #measure(latencyMs: number): void {
    const { latency } = this.#attempt.place.state;
    const outputTokens = this.#usage?.output.total;
    const firstTokenMs = this.#timeToFirstTokenMs;
    if (firstTokenMs === undefined) latency.committedWhole(latencyMs, outputTokens);
    else if (outputTokens !== undefined) {
      latency.ended({ outputTokens, generationMs: latencyMs - firstTokenMs });
    }
  }

  /** An attempt that never got an answer was charged nothing; one that did, and told no usage, is unknown. */
  #cost(): { readonly nanos: bigint | null; readonly price: Price | undefined } {
    const usage = this.#usage;
    if (usage === undefined) return { nanos: this.#reply === undefined ? 0n : null, price: undefined };
    const { call, target } = this.#attempt;
    const price = call.snapshot.prices.find({
      provider: target.provider.name,
      kind: target.provider.kind,
      model: target.model,
      modelServed: this.#answering.modelServed,
      atMs: this.#startedAtMs,
      inputTokens: usage.input.total,
    });
    return { nanos: price === undefined ? null : (costNanos(usage, price) ?? null), price };
  }
}
