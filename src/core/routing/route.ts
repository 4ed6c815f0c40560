// The last stage of a call: tries the targets of its route, one after the other, until one commits.

import type { Call } from "../call.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { EventsAtOnce } from "../events-at-once.ts";
import type { ModelLists } from "../model-lists.ts";
import type { OperationShape } from "../operation.ts";
import { failureActions, ProviderError } from "../provider-error.ts";
import type { Reply } from "../reply.ts";
import type { Snapshot, Target } from "../snapshot.ts";
import { allOf, eventsAfter, watchEvents } from "../watch-events.ts";
import { type AttemptPorts, sendAttempt } from "./attempt.ts";
import { allProvidersFailed, brokenStream, refusedByProvider } from "./failures.ts";
import { findTargets } from "./find-targets.ts";

/** Nothing but empty events for so long counts as an answer: what is held back stays bounded. */
const maxHeldEvents = 256;

/**
 * Resolves when a target has committed to an answer: at its first event with content for a stream, when
 * it is complete for a unary call. What came of targets that were given up is not seen by anyone.
 */
export const createRoute =
  (ports: AttemptPorts & { readonly modelLists: ModelLists }) =>
  async <S extends OperationShape>(call: Call<S>): Promise<Reply<S["event"]>> => {
    const { account, operation } = call;
    const { route, targets } = await findTargets(call, ports.modelLists);
    account.route = route;
    const [first] = targets;
    if (first === undefined) throw noTarget(call.snapshot);
    const failures: { target: Target; error: ProviderError }[] = [];
    for (const target of targets) {
      if (target !== first && !operation.interchangeable(first, target)) continue;
      if (call.signal.aborted) throw toGatewayError(call.signal.reason);
      try {
        const reason = failures.length === 0 ? "primary" : "fallback";
        const reply = await sendAttempt({ call, target, reason }, ports);
        return await (call.delivery === "unary" ? whole(reply, call) : untilCommit(reply, call, target));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw toGatewayError(error);
        if (failureActions[error.failure] === "stop") throw refusedByProvider(target, error);
        failures.push({ target, error });
      }
    }
    throw allProvidersFailed(failures);
  };

const noTarget = ({ providers }: Snapshot) =>
  new GatewayError({
    code: "unavailable",
    message:
      providers.size === 0
        ? "No provider is configured. Give the gateway the key of one; its README lists the variables."
        : "No provider has a model yet. Name one as provider/model; /ready tells what is missing.",
  });

async function whole<S extends OperationShape>(
  reply: Reply<S["event"]>,
  call: Call<S>,
): Promise<Reply<S["event"]>> {
  const events = await allOf<S["event"]>(reply.events);
  return { meta: call.account.wholeMeta(), events: new EventsAtOnce(() => Promise.resolve(events)) };
}

async function untilCommit<S extends OperationShape>(
  reply: Reply<S["event"]>,
  call: Call<S>,
  target: Target,
): Promise<Reply<S["event"]>> {
  const iterator = reply.events[Symbol.asyncIterator]();
  const held: S["event"][] = [];
  while (held.length < maxHeldEvents) {
    const result = await iterator.next();
    if (result.done === true) break;
    held.push(result.value);
    if (call.operation.commits(result.value)) break;
  }
  const events = watchEvents<S["event"], S["event"]>(eventsAfter(held, iterator), {
    event: (event) => event,
    ended() {},
    failed: (error) => (error instanceof ProviderError ? brokenStream(target, error) : error),
    left() {},
  });
  return { meta: call.account.meta(), events };
}
