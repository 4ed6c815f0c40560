// One try of a run at one target: asked of the provider, watched to its end, written down whatever the end.

import { isHeldToModel } from "../access/allowed-targets.ts";
import type { Call } from "../call.ts";
import type { Usage } from "../chat/usage.ts";
import { type Clock, elapsedMs, type Timer } from "../clock.ts";
import type { ReportFault } from "../errors.ts";
import type { NewId } from "../ids.ts";
import type { Utf8Bytes } from "../limits/token-estimate.ts";
import type { EventFacts, Stamp } from "../operation.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { ProviderReply } from "../provider.ts";
import { ProviderError } from "../provider-error.ts";
import type { ReplyMeta } from "../reply.ts";
import type { Target } from "../snapshot.ts";
import type { Answering, OpenAttempt } from "../usage/account.ts";
import type { AttemptReason, AttemptStatus, Ledger, RoutingChoice } from "../usage/ledger.ts";
import { wholeUsage } from "../usage/whole-usage.ts";
import { allOf, type Watcher, watchEvents } from "../watch-events.ts";
import { leave, leaveUnread } from "../pulled-events.ts";
import { attemptRecord } from "./attempt-record.ts";
import { policyOf } from "./default-policies.ts";
import { EarlyEnd, type EndReason } from "./early-end.ts";
import { toProviderError } from "./failures.ts";
import { heldUntilCommit } from "./held-events.ts";
import type { Place } from "./targets/target-state.ts";

export interface Attempt<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly place: Place;
  readonly reason: AttemptReason;
  readonly request: S["request"];
  readonly choice: RoutingChoice | undefined;
  /** Of the call, where an earlier target's stream broke: its caller had that token first. */
  readonly timeToFirstTokenMs: number | undefined;
}

export interface AttemptPorts {
  readonly ledger: Ledger;
  readonly reportFault: ReportFault;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly utf8Bytes: Utf8Bytes;
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
  readonly answering: Answering;
  readonly #attempt: Attempt<S>;
  readonly #ports: AttemptPorts;
  readonly #end = new EarlyEnd();
  readonly #id: string;
  readonly #number: number;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  #timer: Timer | undefined;
  #reply: ProviderReply<unknown> | undefined;
  #events: AsyncIterableIterator<S["event"]> | undefined;
  #usage: Usage | undefined;
  /** By length, of what came of the answer. */
  #answerTokens = 0;
  #timeToFirstTokenMs: number | undefined;
  #committed = false;
  /** Its terminal event has come. */
  #complete = false;
  #closed = false;
  #whenCommitted: (() => void) | undefined;

  constructor(attempt: Attempt<S>, ports: AttemptPorts) {
    const { call, target } = attempt;
    this.target = target;
    this.#attempt = attempt;
    this.#ports = ports;
    this.#id = ports.newId();
    this.#startedAtMs = ports.clock.epochMs();
    this.#startedMs = ports.clock.monotonicMs();
    this.#number = call.account.beginAttempt(this);
    this.answering = {
      provider: target.provider.name,
      model: target.model,
      losses: [],
      modelServed: undefined,
      finishReason: undefined,
      timeToFirstTokenMs: attempt.timeToFirstTokenMs,
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

  meta(): ReplyMeta {
    return this.#attempt.call.account.meta(this.answering);
  }

  wholeMeta(): ReplyMeta {
    return this.#attempt.call.account.wholeMeta(this.answering);
  }

  /**
   * Asks the provider, and resolves when it has committed to an answer.
   * @throws GatewayError the call's own end, or why the attempt was given up; else ProviderError
   */
  async untilCommit(): Promise<Committed<S>> {
    const { call } = this.#attempt;
    const { firstTokenMs, wholeAnswerMs } = policyOf(this.target);
    const streamed = call.delivery === "streamed";
    const patienceMs = streamed ? firstTokenMs : wholeAnswerMs;
    this.#timer = this.#ports.clock.setTimer(patienceMs, () => this.#tooLate(patienceMs));
    let events: AsyncIterableIterator<S["event"]>;
    try {
      events = await this.#end.or(this.#asked());
    } catch (error) {
      throw this.failed(error);
    }
    if (!streamed) {
      // What an adapter does or throws after the terminal event is no part of the answer.
      const held = await this.#end.or(allOf(events, () => this.#complete));
      return { attempt: this, held, rest: undefined };
    }
    const held = await this.#end.or(heldUntilCommit(events, call.operation));
    // An adapter may end its stream without content: then it has failed by now, or is complete.
    this.#stopTimer();
    return { attempt: this, held, rest: events };
  }

  async #asked(): Promise<AsyncIterableIterator<S["event"]>> {
    const { call, place, request, timeToFirstTokenMs } = this.#attempt;
    const reply = await call.operation.invoke(place.adapter, request, {
      model: this.target.model,
      delivery: call.delivery,
      api: this.target.api,
      heldToModel: isHeldToModel(call.principal),
      remainingMs: call.deadlineMs - this.#ports.clock.monotonicMs(),
      signal: this.#end.signal,
    });
    const ended = this.#end.reason();
    if (ended !== undefined) {
      // Of an adapter that did not heed the signal.
      void leaveUnread(reply.events);
      throw ended;
    }
    this.#reply = reply;
    this.answering.losses = reply.losses;
    // Where the caller has a part of another target's answer, this one takes its place when it commits.
    if (timeToFirstTokenMs === undefined) call.account.answeredBy(this.answering);
    this.#events = watchEvents<S["providerEvent"], S["event"]>(reply.events, this);
    return this.#events;
  }

  event(providerEvent: S["providerEvent"]): S["event"] {
    const { operation, delivery } = this.#attempt.call;
    if (operation.answerTokens !== undefined) this.#answerTokens += operation.answerTokens(providerEvent);
    const facts = operation.facts(providerEvent);
    if (facts !== undefined) this.#note(facts);
    const event = operation.stamp(providerEvent, this);
    if (!this.#committed && delivery === "streamed" && operation.commits(event)) this.#commit();
    return event;
  }

  #note({ modelServed, usage, finishReason, ends }: EventFacts): void {
    if (modelServed !== undefined) this.answering.modelServed = modelServed;
    if (usage !== undefined) this.#usage = usage;
    if (finishReason !== undefined) this.answering.finishReason = finishReason;
    if (ends === true) {
      this.#complete = true;
      if (!this.#committed) this.#commit();
      this.#close("ok");
    }
  }

  #commit(): void {
    const { account, delivery } = this.#attempt.call;
    this.#committed = true;
    // An answer that comes whole tells nothing of its first token.
    if (delivery === "streamed") {
      this.#timeToFirstTokenMs = elapsedMs(this.#ports.clock, this.#startedMs);
      this.answering.timeToFirstTokenMs ??= account.elapsedMs();
      this.#attempt.place.commit(this.#timeToFirstTokenMs);
    }
    account.answeredBy(this.answering);
    this.#whenCommitted?.();
  }

  ended(): void {
    if (this.#complete) return;
    throw new ProviderError({
      failure: "broken_reply",
      message: "The provider's answer stopped without saying that it was complete.",
      ownWords: true,
    });
  }

  /** Closes the attempt and says what the route is to see: the call's own end hides what it caused. */
  failed(error: unknown): EndReason {
    const ended = this.#end.reason();
    if (ended !== undefined) return ended;
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

  /** Whether its terminal event has come. */
  isComplete(): boolean {
    return this.#complete;
  }

  /** The one who is told of an early end, at once where it has come; replaces the one before. */
  whenEnded(listener: (reason: EndReason) => void): void {
    this.#end.tell(listener);
  }

  /** The one who is told when it commits, before anyone has its answer. */
  whenCommitted(listener: () => void): void {
    this.#whenCommitted = listener;
  }

  /** Ends it before its time: a ProviderError is its target's failure, a GatewayError nobody's. */
  cancel(reason: EndReason): void {
    if (this.#closed) return;
    if (reason instanceof ProviderError) this.#close("failed", reason);
    else this.#close("cancelled");
    this.#end.come(reason);
    if (this.#events !== undefined) void leave(this.#events);
  }

  #tooLate(patienceMs: number): void {
    const what = this.#attempt.call.delivery === "streamed" ? "begun its answer" : "answered";
    const message = `The provider had not ${what} after ${patienceMs} ms.`;
    this.cancel(new ProviderError({ failure: "timeout", message, ownWords: true }));
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
    const latencyMs = elapsedMs(clock, this.#startedMs);
    const record = attemptRecord({
      call,
      target,
      id: this.#id,
      number: this.#number,
      reason,
      choice,
      startedAtMs: this.#startedAtMs,
      latencyMs,
      timeToFirstTokenMs: this.#timeToFirstTokenMs,
      credentialId: place.credentialId,
      reply: this.#reply,
      modelServed: this.answering.modelServed,
      usage: this.#wholeUsage(),
      status,
      error,
    });
    if (status === "ok") this.#measure(latencyMs);
    place.end(error ?? (status === "ok" ? "ok" : "cancelled"));
    call.account.endAttempt(this, record);
    ledger.attempt(record);
  }

  /** Before a commit nobody has had anything of it: what was not told is not known. */
  #wholeUsage(): Usage | undefined {
    if (!this.#committed) return this.#usage;
    const { call, request } = this.#attempt;
    const { operation } = call;
    return wholeUsage(this.#usage, {
      complete: this.#complete,
      inputTokens: () => operation.estimate(request, this.#ports.utf8Bytes).input,
      outputTokens: operation.answerTokens === undefined ? undefined : this.#answerTokens,
    });
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
}
