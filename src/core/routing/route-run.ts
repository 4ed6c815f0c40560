// The targets of one call, tried one after the other until one commits: each in its turn, again where that may help,
// and once more where a stream breaks and its route says that it goes on.

import type { Call } from "../call.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import type { ModelLists } from "../model-lists.ts";
import type { OperationShape } from "../operation.ts";
import { failureActions, ProviderError } from "../provider-error.ts";
import type { RoutePolicy, Target } from "../snapshot.ts";
import type { AttemptReason, RoutingChoice, SkipCause } from "../usage/ledger.ts";
import { type AttemptPorts, AttemptUnderWay, type Committed } from "./attempt.ts";
import { canContinue } from "./can-continue.ts";
import { defaultRetries, defaultRoutePolicy } from "./default-policies.ts";
import { brokenStream, noTargetAnswered, refusedByProvider, type TargetFailure } from "./failures.ts";
import { hedgeDelayMs, withinCost } from "./hedging.ts";
import { orderOf } from "./order-of-targets.ts";
import { Race } from "./race.ts";
import type { ResolvedModel } from "./resolve-model.ts";
import { retryWaitMs } from "./retry-wait.ts";
import type { RouteStates } from "./route-states.ts";
import { skippedRecord } from "./skipped-record.ts";
import type { Place, TargetState } from "./target-state.ts";
import type { TargetStates } from "./target-states.ts";
import { wait } from "./wait.ts";

export interface RoutePorts extends AttemptPorts {
  readonly modelLists: ModelLists;
  readonly states: TargetStates;
  readonly routes: RouteStates;
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
}

export class RouteRun<S extends OperationShape> {
  readonly call: Call<S>;
  readonly ports: RoutePorts;
  readonly policy: RoutePolicy;
  readonly #resolved: ResolvedModel;
  /** The targets that are still to be asked, in this order. */
  readonly #remaining: Target[];
  readonly #head: Target | undefined;
  readonly #failures: TargetFailure[] = [];
  /** Targets that broke a stream come back once, after all others. */
  readonly #broke = new Set<Target>();
  #choice: RoutingChoice | undefined;
  #request: S["request"];
  /** Set once a stream goes on. */
  #onward: "restart" | "continue" | undefined;

  constructor(call: Call<S>, resolved: ResolvedModel, ports: RoutePorts) {
    this.call = call;
    this.ports = ports;
    this.policy = resolved.policy ?? defaultRoutePolicy;
    this.#resolved = resolved;
    this.#request = call.request;
    const { targets, choice } = orderOf({ call, resolved, ports });
    this.#remaining = [...targets];
    this.#head = targets[0];
    this.#choice = choice;
  }

  /**
   * @throws GatewayError when no target commits: the call's own end, a refusal, or what became of each target
   */
  async commit(): Promise<Committed<S>> {
    for (let target = this.#remaining.shift(); target !== undefined; target = this.#remaining.shift()) {
      if (this.call.signal.aborted) throw toGatewayError(this.call.signal.reason);
      const entered = this.#enter(target);
      const place =
        entered === "at_capacity" && !this.#anotherIsReady() ? await this.#enterLast(target) : entered;
      if (typeof place === "string") {
        this.#skip(target, place);
        continue;
      }
      const committed = await this.#try(target, place);
      if (committed !== undefined) return committed;
    }
    throw noTargetAnswered(this.#failures);
  }

  /**
   * Goes on with a stream that broke.
   * @throws GatewayError when it cannot: for the caller
   */
  async goOn(
    onward: { readonly policy: "restart" | "continue"; readonly request: S["request"] },
    broken: { readonly target: Target; readonly error: ProviderError },
  ): Promise<Committed<S>> {
    this.#onward = onward.policy;
    this.#request = onward.request;
    if (!this.#broke.has(broken.target)) {
      this.#broke.add(broken.target);
      this.#remaining.push(broken.target);
    }
    this.#failures.length = 0;
    try {
      return await this.commit();
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code === "cancelled") throw error;
      if (error.code !== "all_providers_failed" && error.code !== "overloaded") throw error;
      throw brokenStream([broken, ...this.#failures]);
    }
  }

  /** A place at once, or why there is none. */
  #enter(target: Target): Place | SkipCause {
    if (this.#onward === "continue" && !canContinue(target, this.call, this.ports.modelLists)) {
      return "cannot_continue";
    }
    return this.ports.states.of(target).enter(target);
  }

  /** A place that is waited for: there is nobody else to ask. */
  #enterLast(target: Target): Promise<Place | SkipCause> {
    const { signal, deadlineMs } = this.call;
    const remainingMs = deadlineMs - this.ports.clock.monotonicMs();
    return this.ports.states.of(target).enterLast(target, { signal, remainingMs });
  }

  #skip(target: Target, skipped: SkipCause): void {
    const state = this.ports.states.of(target);
    const opensInMs =
      skipped === "at_capacity" ? state.bulkhead.expectedWaitMs() : state.opensInMs() || undefined;
    this.#failures.push({ target, skipped, opensInMs });
    const reason = this.#reasonFor(target);
    this.ports.ledger.attempt(skippedRecord({ call: this.call, target, skipped, reason }, this.ports));
  }

  #reasonFor(target: Target): AttemptReason {
    return this.#onward ?? (target === this.#head ? "primary" : "fallback");
  }

  #anotherIsReady(): boolean {
    return this.#remaining.some((target) => this.ports.states.of(target).obstacle(target) === undefined);
  }

  /** Tries one target as often as that may help. Undefined: the next one is to be asked. */
  async #try(target: Target, first: Place): Promise<Committed<S> | undefined> {
    const state = first.state;
    const credentials = target.provider.credentials?.length ?? 1;
    let refused = 0;
    let retried = 0;
    let reason = this.#reasonFor(target);
    state.budget.first();
    for (let place: Place | undefined = first; place !== undefined;) {
      let error: ProviderError;
      try {
        return await this.#ask(this.#attempt({ target, place, reason }), state);
      } catch (thrown) {
        if (!(thrown instanceof ProviderError)) throw toGatewayError(thrown);
        error = thrown;
      }
      if (failureActions[error.failure] === "stop") throw refusedByProvider(target, error);
      this.#failures.push({ target, error });
      const keyAtFault = error.failure === "rate_limited" || error.failure === "authentication";
      if (keyAtFault && (refused += 1) < credentials && state.obstacle(target) === undefined) {
        reason = this.#onward ?? "fallback";
      } else if (await this.#mayRetry(target, { error, retried })) {
        retried += 1;
        reason = this.#onward ?? "retry";
      } else return undefined;
      const entered = state.enter(target);
      place = typeof entered === "string" ? undefined : entered;
    }
    return undefined;
  }

  #attempt(at: {
    readonly target: Target;
    readonly place: Place;
    readonly reason: AttemptReason;
  }): AttemptUnderWay<S> {
    const choice = this.#choice;
    this.#choice = undefined;
    return new AttemptUnderWay({ call: this.call, ...at, request: this.#request, choice }, this.ports);
  }

  /** Waits where it says yes. */
  async #mayRetry(
    target: Target,
    failed: { readonly error: ProviderError; readonly retried: number },
  ): Promise<boolean> {
    const { clock, random, states } = this.ports;
    const state = states.of(target);
    const waitMs = retryWaitMs({
      ...failed,
      retries: target.retries ?? (target === this.#head ? defaultRetries.first : defaultRetries.fallback),
      anotherIsReady: this.#anotherIsReady(),
      maxRetryDelayMs: this.policy.maxRetryDelayMs,
      remainingMs: this.call.deadlineMs - clock.monotonicMs(),
      random,
    });
    if (waitMs === undefined || !state.breakersAllow() || !state.budget.take()) return false;
    if (waitMs > 0) await wait(waitMs, clock, this.call.signal);
    return true;
  }

  /** One attempt, with another beside it where the route hedges. */
  #ask(attempt: AttemptUnderWay<S>, state: TargetState): Promise<Committed<S>> {
    const { hedge } = this.policy;
    if (hedge === undefined || this.#onward !== undefined || this.#remaining.length === 0) {
      return attempt.untilCommit();
    }
    const delayMs = hedgeDelayMs(hedge, state, this.call.delivery);
    if (delayMs === undefined) return attempt.untilCommit();
    return new Race<S>({
      clock: this.ports.clock,
      delayMs,
      first: attempt,
      second: () => this.#hedge(),
      lost: (target, error) => void this.#failures.push({ target, error }),
    }).run();
  }

  /** The next target that is ready, where the route's share and cost allow it. */
  #hedge(): AttemptUnderWay<S> | undefined {
    const { states, routes } = this.ports;
    const at = this.#remaining.findIndex((target) => states.of(target).obstacle(target) === undefined);
    const target = this.#remaining[at];
    const { hedge } = this.policy;
    if (target === undefined || hedge === undefined || this.call.signal.aborted) return undefined;
    if (!withinCost({ call: this.call, target, policy: hedge, routes })) return undefined;
    if (!routes.of(this.#resolved.route).hedges.take(hedge.maxShare)) return undefined;
    const place = states.of(target).enter(target);
    if (typeof place === "string") return undefined;
    this.#remaining.splice(at, 1);
    return this.#attempt({ target, place, reason: "hedge" });
  }
}
