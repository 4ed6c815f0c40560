// The targets of one call, tried one after the other until one commits: each in its turn, again where that may help,
// and once more where a stream breaks and its route says that it goes on.

import type { Call } from "../call.ts";
import { type GatewayError, toGatewayError } from "../errors.ts";
import { retryAfterQueueMs } from "../limits/retry-after-queue.ts";
import type { OperationShape } from "../operation-shape.ts";
import { failureActions, ProviderError } from "../provider-error.ts";
import type { RoutePolicy, Target } from "../snapshot.ts";
import type { AttemptReason, RoutingChoice, SkipCause } from "../usage/ledger.ts";
import { AttemptUnderWay, type Committed } from "./attempt.ts";
import { canContinue } from "./can-continue.ts";
import { defaultRetries, defaultRoutePolicy } from "./default-policies.ts";
import {
  brokenStream,
  type FailedTry,
  noTargetAnswered,
  refusedAfter,
  refusedByProvider,
  type TargetFailure,
} from "./failures.ts";
import { hedgeDelayMs, withinCost } from "./hedging.ts";
import { orderOf } from "./strategies/order-of-targets.ts";
import { type Entrants, Race } from "./race.ts";
import type { ResolvedModel } from "./resolve-model.ts";
import { retryWaitMs } from "./retry-wait.ts";
import type { RoutePorts } from "./route-ports.ts";
import { skippedRecord } from "./skipped-record.ts";
import { keysOf, type Place, type TargetState } from "./targets/target-state.ts";
import { wait } from "../wait.ts";

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
  #timeToFirstTokenMs: number | undefined;

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
      this.#throwIfOver();
      if (this.#broke.has(target) && !this.ports.states.of(target).budget.take()) continue;
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

  /** What the caller is told of a stream that broke and does not go on; `obstacle` says why not. */
  broken(broken: FailedTry, obstacle: string | undefined): GatewayError {
    this.#failures.push(broken);
    return brokenStream({ failures: this.#failures, broken, obstacle });
  }

  /**
   * Goes on with a stream that broke.
   * @throws GatewayError when it cannot: for the caller
   */
  async goOn(
    onward: { readonly policy: "restart" | "continue"; readonly request: S["request"] },
    { attempt, error }: { readonly attempt: AttemptUnderWay<S>; readonly error: ProviderError },
  ): Promise<Committed<S>> {
    const { target, answering } = attempt;
    const broken = { target, error };
    this.#failures.push(broken);
    this.#onward = onward.policy;
    this.#request = onward.request;
    this.#timeToFirstTokenMs = answering.timeToFirstTokenMs;
    if (!this.#broke.has(target)) {
      this.#broke.add(target);
      this.#remaining.push(target);
    }
    try {
      return await this.commit();
    } catch (thrown) {
      const end = toGatewayError(thrown);
      if (end.code !== "all_providers_failed" && end.code !== "overloaded") throw end;
      throw brokenStream({ failures: this.#failures, broken, obstacle: undefined });
    }
  }

  /** The call's end may come to pass between two steps; nothing may begin after it. */
  #throwIfOver(): void {
    if (this.call.signal.aborted) throw toGatewayError(this.call.signal.reason);
  }

  /** A place at once, or why there is none. */
  #enter(target: Target): Place | SkipCause {
    return this.#cannotContinue(target) ? "cannot_continue" : this.ports.states.of(target).enter(target);
  }

  #cannotContinue(target: Target): boolean {
    return this.#onward === "continue" && !canContinue(target, this.call, this.ports.modelLists);
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
      skipped === "at_capacity"
        ? retryAfterQueueMs(state.bulkhead.expectedWaitMs())
        : state.opensInMs(target) || undefined;
    this.#failures.push({ target, skipped, opensInMs });
    const reason = this.#reasonFor(target);
    this.ports.ledger.attempt(skippedRecord({ call: this.call, target, skipped, reason }, this.ports));
  }

  #reasonFor(target: Target): AttemptReason {
    return this.#onward ?? (target === this.#head ? "primary" : "fallback");
  }

  #anotherIsReady(): boolean {
    return this.#remaining.some((target) => this.#isReady(target));
  }

  #isReady(target: Target): boolean {
    return !this.#cannotContinue(target) && this.ports.states.of(target).obstacle(target) === undefined;
  }

  /** Tries one target as often as that may help. Undefined: the next one is to be asked. */
  async #try(target: Target, first: Place): Promise<Committed<S> | undefined> {
    const state = first.state;
    const keys = keysOf(target.provider);
    let refused = 0;
    let retried = 0;
    let reason = this.#reasonFor(target);
    // One that comes back was granted a retry.
    if (!this.#broke.has(target)) state.budget.first();
    for (let place: Place | undefined = first; place !== undefined;) {
      const asked = this.call.spending?.beforeAttempt({ target, request: this.#request, optional: false });
      this.#mayBegin(place, asked instanceof Promise ? await asked : asked);
      let error: ProviderError;
      try {
        return await this.#ask(this.#attempt({ target, place, reason }), state);
      } catch (thrown) {
        if (!(thrown instanceof ProviderError)) throw toGatewayError(thrown);
        error = thrown;
      }
      if (this.#stopsAt(error)) throw refusedByProvider(target, error);
      this.#failures.push({ target, error });
      const keyAtFault = error.failure === "rate_limited" || error.failure === "authentication";
      if (keyAtFault && (refused += 1) < keys && state.obstacle(target) === undefined) {
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

  /** @throws GatewayError where an attempt must not begin: the call's own end, or a budget; its place is free again */
  #mayBegin(place: Place, refusal: GatewayError | undefined): void {
    if (refusal !== undefined || this.call.signal.aborted) place.end("cancelled");
    this.#throwIfOver();
    if (refusal !== undefined) throw refusedAfter(this.#failures, refusal);
  }

  /** A request that one target took is not at fault where another refuses it in the middle of the answer. */
  #stopsAt({ failure }: ProviderError): boolean {
    if (this.#onward !== undefined && failure === "caller_fault") return false;
    return failureActions[failure] === "stop";
  }

  #attempt(at: {
    readonly target: Target;
    readonly place: Place;
    readonly reason: AttemptReason;
  }): AttemptUnderWay<S> {
    const choice = this.#choice;
    this.#choice = undefined;
    const { call } = this;
    const timeToFirstTokenMs = this.#timeToFirstTokenMs;
    return new AttemptUnderWay(
      { call, ...at, request: this.#request, choice, timeToFirstTokenMs },
      this.ports,
    );
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
      opensInMs: state.opensInMs(target),
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
      second: (race) => this.#hedge(race),
      lost: (target, error) => this.#lost(target, error),
    }).run();
  }

  /** One that was merely slower may still go on with the winner's stream. */
  #lost(target: Target, error: ProviderError | undefined): void {
    if (error === undefined) this.#remaining.push(target);
    else this.#failures.push({ target, error });
  }

  /** Begins with the next target that is ready, where the route's share and cost and the caller's budget allow it. */
  #hedge(race: Entrants<S>): void {
    const { routes } = this.ports;
    const { hedge } = this.policy;
    const { call } = this;
    const target = this.#remaining.find((each) => this.#isReady(each));
    if (target === undefined || hedge === undefined || call.signal.aborted) return;
    if (!withinCost({ call, target, policy: hedge, routes })) return;
    if (!routes.of(this.#resolved.route).hedges.take(hedge.maxShare)) return;
    const asked = call.spending?.beforeAttempt({ target, request: this.#request, optional: true });
    if (asked === undefined) this.#join(race, target);
    else if (asked instanceof Promise) {
      void asked.then((refusal) => (refusal === undefined ? this.#join(race, target) : undefined));
    }
  }

  #join(race: Entrants<S>, target: Target): void {
    // While it was waited for, the call may have come to its end, or to this target.
    const at = this.#remaining.indexOf(target);
    if (race.isOver() || at === -1 || this.call.signal.aborted) return;
    const place = this.ports.states.of(target).enter(target);
    if (typeof place === "string") return;
    this.#remaining.splice(at, 1);
    place.state.budget.first();
    race.enter(this.#attempt({ target, place, reason: "hedge" }));
  }
}
