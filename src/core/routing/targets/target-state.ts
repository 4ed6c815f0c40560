// What is known of one target at run time: whether it may be asked now, how fast it is, how it has failed.

import type { Clock } from "../../clock.ts";
import type { Provider } from "../../provider.ts";
import type { ProviderError } from "../../provider-error.ts";
import type { ConfiguredProvider, Target, TargetPolicy } from "../../snapshot.ts";
import type { SkipCause } from "../../usage/ledger.ts";
import { Bulkhead } from "../../limits/bulkhead.ts";
import { type BreakerPermit, type BreakerState, CircuitBreaker } from "./circuit-breaker.ts";
import { policyOf } from "../default-policies.ts";
import { Doors } from "./doors.ts";
import type { LastError, ProviderState } from "./provider-state.ts";
import { RetryBudget } from "./retry-budget.ts";
import { SuccessScore } from "./success-score.ts";
import { TargetLatency } from "./target-latency.ts";

export interface TargetStateParts {
  readonly clock: Clock;
  readonly provider: ProviderState;
  readonly onChange: (from: BreakerState, to: BreakerState) => void;
}

/** Attempts that wait for a place at a target. */
const queueMax = 100;
const maxWaitMs = 1_000;

/** How long a key that was limited is not used while there are others, where its vendor names no time. */
const otherKeysMs = 1_000;

/** How an attempt ended, as the state of its target takes it. */
export type AttemptEnd = "ok" | "cancelled" | ProviderError;

export class TargetState {
  readonly latency: TargetLatency;
  readonly budget: RetryBudget;
  readonly breaker: CircuitBreaker;
  readonly bulkhead: Bulkhead;
  readonly score = new SuccessScore();
  readonly provider: ProviderState;
  lastError: LastError | undefined;
  readonly #clock: Clock;
  #policy: TargetPolicy;
  /** One for each credential: closed by a 429 until its `retry-after`. */
  readonly #doors: Doors;

  constructor(target: Target, { clock, provider, onChange }: TargetStateParts) {
    this.provider = provider;
    this.#clock = clock;
    this.#policy = policyOf(target);
    this.#doors = new Doors(clock);
    this.latency = new TargetLatency(clock);
    this.budget = new RetryBudget(clock);
    this.breaker = new CircuitBreaker({ policy: () => this.#policy.breaker, clock, onChange });
    this.bulkhead = new Bulkhead({ limit: () => this.#policy.maxConcurrent, queueMax, maxWaitMs, clock });
  }

  /** Why it cannot be asked now; undefined: it can. */
  obstacle(target: Target): SkipCause | undefined {
    const closed = this.#closed(target);
    return closed ?? (this.bulkhead.hasRoom() ? undefined : "at_capacity");
  }

  /** How long until it may be asked again, as far as that is known; 0: now. */
  opensInMs({ provider }: Target): number {
    let keyInMs = Infinity;
    for (let i = 0; i < keysOf(provider); i += 1) {
      keyInMs = Math.min(keyInMs, Math.max(this.#doors.opensInMs(i), this.provider.refused.opensInMs(i)));
    }
    return Math.max(this.breaker.opensInMs(), this.provider.breaker.opensInMs(), keyInMs);
  }

  breakersAllow(): boolean {
    return this.breaker.ready() && this.provider.breaker.ready();
  }

  /** A place for one attempt, or why there is none. */
  enter(target: Target): Place | SkipCause {
    // Settings may change while the state stays: those of whoever asks hold, not of whoever looks.
    this.#policy = policyOf(target);
    const closed = this.#closed(target);
    if (closed !== undefined) return closed;
    return this.bulkhead.tryEnter() ? this.#place(target) : "at_capacity";
  }

  /** The same for the last target of a call: waits for a place where there is a limit. */
  async enterLast(
    target: Target,
    wait: { readonly signal: AbortSignal; readonly remainingMs: number },
  ): Promise<Place | SkipCause> {
    const closed = this.#closed(target);
    if (closed !== undefined) return closed;
    if ((await this.bulkhead.enter(wait)) !== "entered") return "at_capacity";
    const meanwhile = this.#closed(target);
    if (meanwhile === undefined) return this.#place(target);
    this.bulkhead.leave();
    return meanwhile;
  }

  #closed({ provider }: Target): SkipCause | undefined {
    if (provider.draining === true) return "draining";
    if (!this.breakersAllow()) return "breaker_open";
    const keys = keysOf(provider);
    if (this.#credential(keys) !== undefined) return undefined;
    for (let i = 0; i < keys; i += 1) if (this.provider.refused.isOpen(i)) return "rate_limited";
    return "breaker_open";
  }

  /** The least busy credential that is neither limited nor refused; undefined: all of them are. */
  #credential(count: number): number | undefined {
    let best: number | undefined;
    for (let i = 0; i < count; i += 1) {
      if (!this.#doors.isOpen(i) || !this.provider.refused.isOpen(i)) continue;
      if (best === undefined || this.provider.inFlight(i) < this.provider.inFlight(best)) best = i;
    }
    return best;
  }

  #place(target: Target): Place {
    const keys = keysOf(target.provider);
    const index = this.#credential(keys) ?? 0;
    const credential = target.provider.credentials?.[index];
    this.provider.begin(index);
    return new Place({
      state: this,
      index,
      adapter: credential?.adapter ?? target.provider.adapter,
      credentialId: credential?.id,
      permit: this.breaker.acquire(),
      providerPermit: this.provider.breaker.acquire(),
      others: keys > 1,
    });
  }

  /** Called by a place, once, before its end. */
  committed({ permit, providerPermit }: Place, firstTokenMs: number): void {
    this.latency.committed(firstTokenMs);
    if (permit?.probes === true) this.breaker.committed(permit);
    if (providerPermit?.probes === true) this.provider.breaker.committed(providerPermit);
  }

  /** Called by a place, once. */
  ended(place: Place, end: AttemptEnd): void {
    this.bulkhead.leave();
    this.provider.end(place.index);
    const { permit, providerPermit } = place;
    if (end === "ok") {
      this.score.succeeded();
      if (permit !== undefined) this.breaker.succeeded(permit);
      if (providerPermit !== undefined) this.provider.breaker.succeeded(providerPermit);
      return;
    }
    const counts = end !== "cancelled" && isUnwell(end, place.others);
    if (counts) this.score.failed();
    if (end !== "cancelled") this.#note(place, end);
    if (permit !== undefined) {
      if (counts) this.breaker.failed(permit);
      else this.breaker.released(permit);
    }
    if (providerPermit !== undefined) {
      if (counts && end.wholeProvider) this.provider.breaker.failed(providerPermit);
      else this.provider.breaker.released(providerPermit);
    }
  }

  #note(place: Place, error: ProviderError): void {
    const { failure, message } = error;
    if (callersDoing.has(failure)) return;
    this.lastError = { atMs: this.#clock.epochMs(), failure, message };
    this.provider.lastError = this.lastError;
    if (failure === "rate_limited") {
      const toldMs = error.retryAfterMs ?? 0;
      const forMs = toldMs === 0 && place.others ? otherKeysMs : toldMs;
      if (forMs > 0) this.#doors.close(place.index, forMs);
    }
    // The provider serves by its other keys meanwhile.
    if (failure === "authentication" && place.others) {
      this.provider.refused.close(place.index, this.#policy.breaker.resetTimeoutMs);
    }
  }
}

/** Whether the failure says that it is not well: neither what callers do is, nor a limit, nor one key of several. */
export function isUnwell({ failure }: ProviderError, hasOtherKeys: boolean): boolean {
  if (failure === "authentication") return !hasOtherKeys;
  return failure !== "rate_limited" && !callersDoing.has(failure);
}

/** These say nothing of a target's health: another request would be served. */
const callersDoing: ReadonlySet<ProviderError["failure"]> = new Set([
  "caller_fault",
  "content_refused",
  "model_unavailable",
]);

export const keysOf = ({ credentials }: ConfiguredProvider): number => credentials?.length ?? 1;

interface PlaceOptions {
  readonly state: TargetState;
  readonly index: number;
  readonly adapter: Provider;
  readonly credentialId: string | undefined;
  readonly permit: BreakerPermit | undefined;
  readonly providerPermit: BreakerPermit | undefined;
  readonly others: boolean;
}

/** What one attempt holds of its target, from its beginning to its end. */
export class Place {
  readonly state: TargetState;
  /** Of the credential. */
  readonly index: number;
  readonly adapter: Provider;
  readonly credentialId: string | undefined;
  readonly permit: BreakerPermit | undefined;
  readonly providerPermit: BreakerPermit | undefined;
  /** Whether the provider has further credentials. */
  readonly others: boolean;
  #ended = false;

  constructor(options: PlaceOptions) {
    this.state = options.state;
    this.index = options.index;
    this.adapter = options.adapter;
    this.credentialId = options.credentialId;
    this.permit = options.permit;
    this.providerPermit = options.providerPermit;
    this.others = options.others;
  }

  /** Its stream has begun, so long after it was asked for. */
  commit(firstTokenMs: number): void {
    this.state.committed(this, firstTokenMs);
  }

  /** The first end counts. */
  end(end: AttemptEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.state.ended(this, end);
  }
}
