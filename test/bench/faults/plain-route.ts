// The way of a call to its target without resilience: the targets in their order, one attempt at each, nothing known
// of them. It does what a route has to do in any case, and is what the resilient one is measured beside.

import type { Call } from "../../../src/core/call.ts";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { type Clock, elapsedMs } from "../../../src/core/clock.ts";
import { EventsAtOnce } from "../../../src/core/events-at-once.ts";
import type { NewId } from "../../../src/core/ids.ts";
import type { EventFacts, Stamp } from "../../../src/core/operation.ts";
import type { OperationShape } from "../../../src/core/operation-shape.ts";
import { costNanos } from "../../../src/core/pricing/price.ts";
import type { ProviderReply } from "../../../src/core/provider.ts";
import type { Reply } from "../../../src/core/reply.ts";
import { configuredTargets } from "../../../src/core/routing/find-targets.ts";
import type { Target } from "../../../src/core/snapshot.ts";
import type { Answering, OpenAttempt } from "../../../src/core/usage/account.ts";
import type { AttemptStatus, Ledger } from "../../../src/core/usage/ledger.ts";
import { allOf, type Watcher, watchEvents } from "../../../src/core/watch-events.ts";

export interface PlainPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** For answers that are not streamed. */
export const createPlainRoute =
  (ports: PlainPorts) =>
  async <S extends OperationShape>(call: Call<S>): Promise<Reply<S["event"]>> => {
    const resolved = configuredTargets(call, { note() {} });
    call.account.route = resolved?.route;
    let failure: unknown;
    for (const target of resolved?.targets ?? []) {
      if (call.signal.aborted) throw call.signal.reason;
      try {
        const reply = await sendPlainly(call, target, ports);
        const events = await allOf<S["event"]>(reply.events, (event) => call.operation.ends(event));
        return { meta: call.account.wholeMeta(), events: new EventsAtOnce(() => Promise.resolve(events)) };
      } catch (error) {
        failure = error;
      }
    }
    throw failure ?? new Error("The route has no target.");
  };

async function sendPlainly<S extends OperationShape>(
  call: Call<S>,
  target: Target,
  ports: PlainPorts,
): Promise<Reply<S["event"]>> {
  const attempt = new PlainAttempt(call, target, ports);
  let reply: ProviderReply<S["providerEvent"]>;
  try {
    reply = await call.operation.invoke(target.provider.adapter, call.request, {
      model: target.model,
      delivery: call.delivery,
      api: target.api,
      signal: call.signal,
    });
  } catch (error) {
    throw attempt.failed(error);
  }
  attempt.answered(reply);
  return {
    meta: call.account.meta(),
    events: watchEvents<S["providerEvent"], S["event"]>(reply.events, attempt),
  };
}

/** Watches one attempt, and closes its line in the account and in the ledger exactly once. */
class PlainAttempt<S extends OperationShape>
  implements Watcher<S["providerEvent"], S["event"]>, Stamp, OpenAttempt
{
  readonly #call: Call<S>;
  readonly #target: Target;
  readonly #ports: PlainPorts;
  readonly #id: string;
  readonly #number: number;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  readonly #answering: Answering;
  #reply: ProviderReply<unknown> | undefined;
  #usage: Usage | undefined;
  #closed = false;

  constructor(call: Call<S>, target: Target, ports: PlainPorts) {
    this.#call = call;
    this.#target = target;
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
    return this.#call.id;
  }

  get createdAtMs(): number {
    return this.#call.createdAtMs;
  }

  get provider(): string {
    return this.#target.provider.name;
  }

  get model(): string {
    return this.#target.model;
  }

  meta() {
    return this.#call.account.meta(this.#answering);
  }

  wholeMeta() {
    return this.#call.account.wholeMeta(this.#answering);
  }

  answered(reply: ProviderReply<unknown>): void {
    this.#reply = reply;
    this.#answering.losses = reply.losses;
    this.#call.account.answeredBy(this.#answering);
  }

  event(providerEvent: S["providerEvent"]): S["event"] {
    const { operation } = this.#call;
    const facts = operation.facts(providerEvent);
    if (facts !== undefined) this.#note(facts);
    return operation.stamp(providerEvent, this);
  }

  #note({ modelServed, usage, finishReason, ends }: EventFacts): void {
    if (modelServed !== undefined) this.#answering.modelServed = modelServed;
    if (usage !== undefined) this.#usage = usage;
    if (finishReason !== undefined) this.#answering.finishReason = finishReason;
    if (ends === true) this.#close("ok");
  }

  ended(): void {
    if (!this.#closed) throw new Error("The answer stopped without saying that it was complete.");
  }

  failed(error: unknown): unknown {
    this.#close(this.#call.signal.aborted ? "cancelled" : "failed");
    return error;
  }

  left(): void {
    this.#close("cancelled");
  }

  cancel(): void {
    this.#close("cancelled");
  }

  #close(status: AttemptStatus): void {
    if (this.#closed) return;
    this.#closed = true;
    const call = this.#call;
    const { provider, model } = this.#target;
    const reply = this.#reply;
    const usage = this.#usage;
    const price = usage && this.#price(usage);
    const record = {
      id: this.#id,
      callId: call.id,
      tenantId: call.principal.tenantId,
      number: this.#number,
      reason: "primary",
      provider: provider.name,
      kind: provider.kind,
      model,
      modelServed: this.#answering.modelServed,
      status,
      failure: undefined,
      errorMessage: undefined,
      startedAtMs: this.#startedAtMs,
      timeToFirstTokenMs: undefined,
      latencyMs: elapsedMs(this.#ports.clock, this.#startedMs),
      httpStatus: reply?.httpStatus,
      upstreamRequestId: reply?.upstreamRequestId,
      credentialId: reply?.credentialId,
      usage,
      costNanos: usage && price ? (costNanos(usage, price) ?? null) : null,
      priceVersion: price?.version,
      price,
    } as const;
    call.account.endAttempt(this, record);
    this.#ports.ledger.attempt(record);
  }

  #price(usage: Usage) {
    const { provider, model } = this.#target;
    return this.#call.snapshot.prices.find({
      provider: provider.name,
      kind: provider.kind,
      model,
      modelServed: this.#answering.modelServed,
      atMs: this.#startedAtMs,
      inputTokens: usage.input.total,
    });
  }
}
