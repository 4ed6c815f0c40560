// The last stage of a call: tries the targets of its route, one after the other, until one commits.

import type { Call } from "../call.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { EventsAtOnce } from "../events-at-once.ts";
import type { ModelLists } from "../model-lists.ts";
import type { OperationShape } from "../operation.ts";
import { failureActions, ProviderError } from "../provider-error.ts";
import type { Reply } from "../reply.ts";
import type { Snapshot, Target } from "../snapshot.ts";
import { allOf, eventsAfter, type Watcher, watchEvents } from "../watch-events.ts";
import { type AttemptPorts, sendAttempt } from "./attempt.ts";
import { allProvidersFailed, brokenStream, refusedByProvider } from "./failures.ts";
import { configuredTargets, listedTargets } from "./find-targets.ts";

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
    const { route, targets } = configuredTargets(call) ?? (await listedTargets(call, ports.modelLists));
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
        if (call.delivery === "streamed") return await untilCommit(reply, call, target);
        return whole(await allOf<S["event"]>(reply.events), call);
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

const whole = <S extends OperationShape>(
  events: readonly S["event"][],
  call: Call<S>,
): Reply<S["event"]> => ({
  meta: call.account.wholeMeta(),
  events: new EventsAtOnce(() => Promise.resolve(events)),
});

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
  const events = watchEvents(eventsAfter(held, iterator), new BreakTelling<S["event"]>(target));
  return { meta: call.account.meta(), events };
}

/** After the commit no other target can take over: the caller is told that the answer is not complete. */
class BreakTelling<E> implements Watcher<E, E> {
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  event(event: E): E {
    return event;
  }

  ended(): void {}

  failed(error: unknown): unknown {
    return error instanceof ProviderError ? brokenStream(this.#target, error) : error;
  }

  left(): void {}
}
