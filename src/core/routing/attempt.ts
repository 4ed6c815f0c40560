// One try of a run at one target: asked of the provider, watched to its end, written down whatever the end.

import type { Call } from "../call.ts";
import { type Clock, elapsedMs } from "../clock.ts";
import { GatewayError, type ReportFault } from "../errors.ts";
import type { NewId } from "../ids.ts";
import type { EventFacts, OperationShape, Stamp } from "../operation.ts";
import { costNanos, type Price } from "../pricing/price.ts";
import type { ProviderReply } from "../provider.ts";
import { ProviderError } from "../provider-error.ts";
import type { Reply, ReplyMeta } from "../reply.ts";
import type { Target } from "../snapshot.ts";
import type { AttemptReason, AttemptRecord, AttemptStatus, Ledger } from "../usage/ledger.ts";
import type { OpenAttempt } from "../usage/account.ts";
import type { Usage } from "../chat/usage.ts";
import { type Watcher, watchEvents } from "../watch-events.ts";
import { toProviderError } from "./failures.ts";

export interface Attempt<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly reason: AttemptReason;
}

export interface AttemptPorts {
  readonly ledger: Ledger;
  readonly reportFault: ReportFault;
  readonly clock: Clock;
  readonly newId: NewId;
}

/**
 * Sends the call to the attempt's target.
 * @throws GatewayError the call's own end (its abort reason), else ProviderError; the reply's events too
 */
export async function sendAttempt<S extends OperationShape>(
  attempt: Attempt<S>,
  ports: AttemptPorts,
): Promise<Reply<S["event"]>> {
  const { call, target } = attempt;
  const open = new AttemptUnderWay(attempt, ports);
  let reply: ProviderReply<S["providerEvent"]>;
  try {
    reply = await call.operation.invoke(target.provider.adapter, call.request, {
      model: target.model,
      delivery: call.delivery,
      api: target.api,
      signal: call.signal,
    });
  } catch (error) {
    throw open.failed(error);
  }
  open.answered(reply);
  const events = watchEvents<S["providerEvent"], S["event"]>(reply.events, open);
  return { meta: call.account.meta(), events };
}

/** Watches one attempt from its beginning, and closes its line in the account and in the ledger exactly once. */
class AttemptUnderWay<S extends OperationShape>
  implements Watcher<S["providerEvent"], S["event"]>, Stamp, OpenAttempt
{
  readonly #attempt: Attempt<S>;
  readonly #ports: AttemptPorts;
  readonly #id: string;
  readonly #number: number;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  #reply: ProviderReply<unknown> | undefined;
  #modelServed: string | undefined;
  #usage: Usage | undefined;
  #timeToFirstTokenMs: number | undefined;
  #committed = false;
  /** Its terminal event has come. */
  #complete = false;
  #closed = false;

  constructor(attempt: Attempt<S>, ports: AttemptPorts) {
    this.#attempt = attempt;
    this.#ports = ports;
    this.#id = ports.newId();
    this.#startedAtMs = ports.clock.epochMs();
    this.#startedMs = ports.clock.monotonicMs();
    this.#number = attempt.call.account.beginAttempt(this);
  }

  get callId(): string {
    return this.#attempt.call.id;
  }

  get createdAtMs(): number {
    return this.#attempt.call.createdAtMs;
  }

  get provider(): string {
    return this.#attempt.target.provider.name;
  }

  get model(): string {
    return this.#attempt.target.model;
  }

  meta(): ReplyMeta {
    return this.#attempt.call.account.meta();
  }

  wholeMeta(): ReplyMeta {
    return this.#attempt.call.account.wholeMeta();
  }

  answered(reply: ProviderReply<unknown>): void {
    this.#reply = reply;
    this.#attempt.call.account.answered({
      provider: this.provider,
      model: this.model,
      losses: reply.losses,
    });
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
      account.firstContent();
    }
    return event;
  }

  #note({ modelServed, usage, finishReason, ends }: EventFacts): void {
    const { account } = this.#attempt.call;
    if (modelServed !== undefined) {
      this.#modelServed = modelServed;
      account.served(modelServed);
    }
    if (usage !== undefined) this.#usage = usage;
    if (finishReason !== undefined) account.finished(finishReason);
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
    const { call } = this.#attempt;
    if (call.signal.aborted) {
      this.#close("cancelled");
      const reason: unknown = call.signal.reason;
      if (reason instanceof GatewayError) return reason;
    }
    if (!(error instanceof ProviderError)) this.#ports.reportFault(error, { requestId: call.id });
    const providerError = toProviderError(error);
    this.#close("failed", providerError);
    return providerError;
  }

  left(): void {
    this.#close("cancelled");
  }

  cancel(): void {
    this.#close("cancelled");
  }

  #close(status: AttemptStatus, error?: ProviderError): void {
    if (this.#closed) return;
    this.#closed = true;
    const { call, target, reason } = this.#attempt;
    const { ledger, clock } = this.#ports;
    const reply = this.#reply;
    const cost = this.#cost();
    const record: AttemptRecord = {
      id: this.#id,
      callId: call.id,
      tenantId: call.principal.tenantId,
      number: this.#number,
      reason,
      provider: target.provider.name,
      kind: target.provider.kind,
      model: target.model,
      modelServed: this.#modelServed,
      status,
      failure: error?.failure,
      errorMessage: error?.message,
      startedAtMs: this.#startedAtMs,
      timeToFirstTokenMs: this.#timeToFirstTokenMs,
      latencyMs: elapsedMs(clock, this.#startedMs),
      httpStatus: reply?.httpStatus ?? error?.httpStatus,
      upstreamRequestId: reply?.upstreamRequestId ?? error?.upstreamRequestId,
      credentialId: reply?.credentialId,
      usage: this.#usage,
      costNanos: cost.nanos,
      priceVersion: cost.price?.version,
      price: cost.price,
    };
    call.account.endAttempt(this, record);
    ledger.attempt(record);
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
      modelServed: this.#modelServed,
      atMs: this.#startedAtMs,
      inputTokens: usage.input.total,
    });
    return { nanos: price === undefined ? null : (costNanos(usage, price) ?? null), price };
  }
}
