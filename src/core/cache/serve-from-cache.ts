// The stage that gives equal calls the answer that one of them was given: from the cache, or while it comes. Where
// every provider fails, it gives what the route allows in place of the error.

import type { Call } from "../call.ts";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler, StageOf } from "../pipeline.ts";
import type { Reply } from "../reply.ts";
import { type FindTargetsPorts, targetsOf } from "../routing/find-targets.ts";
import type { ResolvedModel } from "../routing/resolve-model.ts";
import { watchEvents } from "../watch-events.ts";
import type { AnswerCache, CachedAnswer } from "./answer-cache.ts";
import { answerKey, type Digest } from "./answer-key.ts";
import { type CacheUse, cacheUseOf } from "./cache-use.ts";
import { Flights } from "./flights.ts";
import { givenFromCache } from "./given-again.ts";
import { insteadOfError } from "./instead-of-error.ts";
import { KeepingAnswer, type OnKept } from "./keeping-answer.ts";
import type { SemanticPolicy } from "./semantic/semantic-policy.ts";
import { type SemanticPorts, serveByMeaning } from "./semantic/serve-by-meaning.ts";

export interface CachePorts extends FindTargetsPorts {
  readonly cache: AnswerCache;
  readonly digest: Digest;
  readonly clock: Clock;
  /** The largest answer that is kept. */
  readonly answerMaxBytes: number;
  /** What a flight's log holds. */
  readonly flightLogMaxBytes: number;
  /** Absent: no answer serves another question. */
  readonly semantic?: SemanticPorts | undefined;
}

/** Of one operation. Stands after `recordCall`: what is served from the cache has a record of its own. */
export function createServeFromCache<S extends OperationShape>(ports: CachePorts): StageOf<S> {
  const serving = new Serving<S>(ports);
  return (call, next) => {
    let resolved: ResolvedModel | Promise<ResolvedModel>;
    try {
      resolved = targetsOf(call, ports);
    } catch (error) {
      return Promise.reject(error);
    }
    return resolved instanceof Promise
      ? resolved.then((found) => serving.serve({ call, resolved: found, next }))
      : serving.serve({ call, resolved, next });
  };
}

interface Asked<S extends OperationShape> {
  readonly call: Call<S>;
  readonly resolved: ResolvedModel;
  readonly next: Handler<Call<S>, S["event"]>;
  readonly onKept?: OnKept<S> | undefined;
}

interface Found<S extends OperationShape> {
  readonly fresh?: CachedAnswer<S["providerEvent"]>;
  /** Serves in place of an error only. */
  readonly stale?: CachedAnswer<S["providerEvent"]>;
}

interface ToServeByMeaning<S extends OperationShape> extends Pick<Found<S>, "stale"> {
  readonly key: string;
  readonly use: CacheUse;
  readonly policy: SemanticPolicy;
}

class Serving<S extends OperationShape> {
  readonly #ports: CachePorts;
  readonly #flights: Flights<S>;

  constructor(ports: CachePorts) {
    this.#ports = ports;
    this.#flights = new Flights({ logMaxBytes: ports.flightLogMaxBytes });
  }

  serve(asked: Asked<S>): Promise<Reply<S["event"]>> {
    const { call, resolved, next } = asked;
    const use = useOf(call, resolved);
    if (use === undefined) return insteadOfError(asked, undefined, () => next(call));
    if (use.onlyCached && !use.read) return Promise.reject(notKept());
    const key = answerKey(call, resolved, this.#ports.digest);
    if (!use.read) return insteadOfError(asked, undefined, () => this.#fly(asked, key, use));
    const found = this.#ports.cache.find(key);
    return found instanceof Promise
      ? found.then((later) => this.#lookedUp(asked, { key, use, found: later }))
      : this.#lookedUp(asked, { key, use, found });
  }

  #lookedUp(
    asked: Asked<S>,
    { key, use, found }: { key: string; use: CacheUse; found: CachedAnswer | undefined },
  ): Promise<Reply<S["event"]>> {
    const { call } = asked;
    const { fresh, stale } = this.#usable(asked, use, found);
    if (fresh !== undefined) {
      call.account.cacheStatus = "hit";
      return Promise.resolve(givenFromCache(call, fresh));
    }
    call.account.cacheStatus = "miss";
    if (use.onlyCached) return Promise.reject(notKept());
    const policy = asked.resolved.policy?.cache?.semantic;
    if (policy !== undefined) return this.#byMeaning(asked, { key, use, stale, policy });
    return insteadOfError(asked, stale, () =>
      this.#flights.share(call, key, () => this.#fly(asked, key, use)),
    );
  }

  /** Equal calls look once: the one whose flight the others share. */
  #byMeaning(asked: Asked<S>, { key, use, stale, policy }: ToServeByMeaning<S>): Promise<Reply<S["event"]>> {
    const { call, resolved } = asked;
    const { semantic } = this.#ports;
    // What one call takes may be older than another wants it.
    const flight = use.maxAgeSeconds === undefined ? key : `${key}/${use.maxAgeSeconds}`;
    const fly = (onKept?: OnKept<S>) => this.#fly({ ...asked, onKept }, key, use);
    const usable = (answer: CachedAnswer) => this.#usable(asked, use, answer).fresh;
    return insteadOfError(asked, stale, () =>
      this.#flights.share(call, flight, () =>
        semantic === undefined
          ? fly()
          : serveByMeaning({ call, resolved, policy, key, usable, fly }, semantic),
      ),
    );
  }

  #usable(
    { call, resolved: { targets } }: Asked<S>,
    { maxAgeSeconds }: CacheUse,
    found: CachedAnswer | undefined,
  ): Found<S> {
    if (found === undefined || !call.operation.isAnswer(found)) return {};
    const { provider, model, storedAtMs, freshUntilMs } = found;
    // The caller may not use every target, and the route may have lost one since: vectors of two models do not mix.
    if (!targets.some((target) => target.provider.name === provider && target.model === model)) return {};
    const nowMs = this.#ports.clock.epochMs();
    if (maxAgeSeconds !== undefined && nowMs - storedAtMs > maxAgeSeconds * 1_000) return {};
    return nowMs < freshUntilMs ? { fresh: found } : { stale: found };
  }

  /** Asks on, and keeps what comes of it. */
  async #fly({ call, next, onKept }: Asked<S>, key: string, use: CacheUse): Promise<Reply<S["event"]>> {
    const reply = await next(call);
    if (use.keepSeconds === 0) return reply;
    const keeping = new KeepingAnswer({ call, key, use }, this.#ports, onKept);
    return { meta: reply.meta, events: watchEvents<S["event"], S["event"]>(reply.events, keeping) };
  }
}

const useOf = <S extends OperationShape>(
  { snapshot, labels, principal, cacheControl, operation, request }: Call<S>,
  { policy }: ResolvedModel,
): CacheUse | undefined =>
  cacheUseOf({
    snapshot,
    useCase: labels["use_case"],
    route: policy,
    // Whoever acts for another tenant brings the grants of its own.
    tenantTtlSeconds:
      principal.grants?.tenant.id === principal.tenantId
        ? principal.grants.tenant.cacheTtlSeconds
        : undefined,
    cacheControl,
    deterministic: operation.deterministic(request),
  });

/** As a cache answers `only-if-cached` where it has nothing; not its 504, after which clients would ask again. */
const notKept = (): GatewayError =>
  new GatewayError({
    code: "not_found",
    message: "No answer to this call is in the cache. Send it without only-if-cached to have it answered.",
  });
