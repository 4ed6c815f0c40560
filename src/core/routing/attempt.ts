// One try of a run at one target: asked of the provider, watched to its end, written down whatever the end.

import type { Call } from "../call.ts";
import { type Clock, elapsedMs } from "../clock.ts";
import { GatewayError, type ReportFault } from "../errors.ts";
import type { NewId } from "../ids.ts";
import type { OperationShape } from "../operation.ts";
import { costNanos } from "../pricing/price.ts";
import type { ProviderReply } from "../provider.ts";
import { ProviderError } from "../provider-error.ts";
import type { Reply } from "../reply.ts";
import type { Target } from "../snapshot.ts";
import type { AttemptReason, AttemptRecord, AttemptStatus, Ledger } from "../usage/ledger.ts";
import type { OpenAttempt } from "../usage/account.ts";
import type { Usage } from "../chat/usage.ts";
import { watchEvents } from "../watch-events.ts";
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
  const { operation, account } = call;
  const entry = openEntry(attempt, ports);
  let reply: ProviderReply<S["providerEvent"]>;
  try {
    reply = await operation.invoke(target.provider.adapter, call.request, {
      model: target.model,
      delivery: call.delivery,
      api: target.api,
      signal: call.signal,
    });
  } catch (error) {
    throw entry.fail(error);
  }
  entry.answered(reply);

  const stamp = {
    callId: call.id,
    provider: target.provider.name,
    model: target.model,
    createdAtMs: call.createdAtMs,
    meta: () => account.meta(),
    wholeMeta: () => account.wholeMeta(),
  };
  let committed = false;
  let ended = false;
  const events = watchEvents<S["providerEvent"], S["event"]>(reply.events, {
    event(providerEvent) {
      const facts = operation.facts(providerEvent);
      if (facts?.modelServed !== undefined) entry.served(facts.modelServed);
      if (facts?.usage !== undefined) entry.used(facts.usage);
      if (facts?.finishReason !== undefined) account.finished(facts.finishReason);
      if (facts?.ends === true) {
        ended = true;
        entry.close("ok");
      }
      const event = operation.stamp(providerEvent, stamp);
      // An answer that comes whole tells nothing of its first token.
      if (!committed && call.delivery === "streamed" && operation.commits(event)) {
        committed = true;
        entry.firstContent();
      }
      return event;
    },
    ended() {
      if (ended) return;
      throw new ProviderError({
        failure: "broken_reply",
        message: "The provider's answer stopped without saying that it was complete.",
      });
    },
    failed: (error) => entry.fail(error),
    left: () => entry.cancel(),
  });
  return { meta: account.meta(), events };
}

/** The attempt's line in the account and in the ledger, closed exactly once. */
function openEntry<S extends OperationShape>({ call, target, reason }: Attempt<S>, ports: AttemptPorts) {
  const { ledger, clock } = ports;
  const { account, snapshot } = call;
  const { provider } = target;
  const id = ports.newId();
  const startedAtMs = clock.epochMs();
  const startedMs = clock.monotonicMs();
  let reply: ProviderReply<unknown> | undefined;
  let modelServed: string | undefined;
  let usage: Usage | undefined;
  let timeToFirstTokenMs: number | undefined;
  let closed = false;

  const handle: OpenAttempt = { cancel: () => close("cancelled") };
  const number = account.beginAttempt(handle);

  // An attempt that never got an answer was charged nothing; one that did, and told no usage, is unknown.
  function cost(): Pick<AttemptRecord, "costNanos" | "priceVersion" | "price"> {
    if (usage === undefined) return { costNanos: reply === undefined ? 0n : null, priceVersion: undefined };
    const price = snapshot.prices.find({
      provider: provider.name,
      kind: provider.kind,
      model: target.model,
      modelServed,
      atMs: startedAtMs,
      inputTokens: usage.input.total,
    });
    if (price === undefined) return { costNanos: null, priceVersion: undefined };
    return { costNanos: costNanos(usage, price) ?? null, priceVersion: price.version, price };
  }

  function close(status: AttemptStatus, error?: ProviderError): void {
    if (closed) return;
    closed = true;
    const record = {
      id,
      callId: call.id,
      tenantId: call.principal.tenantId,
      number,
      reason,
      provider: provider.name,
      kind: provider.kind,
      model: target.model,
      modelServed,
      status,
      failure: error?.failure,
      errorMessage: error?.message,
      startedAtMs,
      timeToFirstTokenMs,
      latencyMs: elapsedMs(clock, startedMs),
      httpStatus: reply?.httpStatus ?? error?.httpStatus,
      upstreamRequestId: reply?.upstreamRequestId ?? error?.upstreamRequestId,
      credentialId: reply?.credentialId,
      usage,
      ...cost(),
    };
    account.endAttempt(handle, record);
    ledger.attempt(record);
  }

  return {
    answered(answer: ProviderReply<unknown>) {
      reply = answer;
      account.answered({ provider: provider.name, model: target.model, losses: answer.losses });
    },
    served(model: string) {
      modelServed = model;
      account.served(model);
    },
    used(told: Usage) {
      usage = told;
    },
    firstContent() {
      timeToFirstTokenMs = elapsedMs(clock, startedMs);
      account.firstContent();
    },
    close,
    cancel: () => close("cancelled"),
    /** Closes the attempt and says what the route is to see: the call's own end hides what it caused. */
    fail(error: unknown): GatewayError | ProviderError {
      if (call.signal.aborted) {
        close("cancelled");
        const reason: unknown = call.signal.reason;
        if (reason instanceof GatewayError) return reason;
      }
      if (!(error instanceof ProviderError)) ports.reportFault(error, { requestId: call.id });
      const providerError = toProviderError(error);
      close("failed", providerError);
      return providerError;
    },
  };
}
