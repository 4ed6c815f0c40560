// The states of all targets that were asked, per node by design: each sees its own failures.

import type { Clock } from "../../clock.ts";
import type { ConfiguredProvider, Target } from "../../snapshot.ts";
import type { BreakerState } from "./circuit-breaker.ts";
import { defaultTargetPolicy } from "../default-policies.ts";
import { ProviderState } from "./provider-state.ts";
import { TargetState } from "./target-state.ts";

/** A breaker that changed, of a target, or of the whole provider where there is no model. */
export interface BreakerChange {
  readonly provider: string;
  readonly model: string | undefined;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** What the target or the provider failed with last. */
  readonly lastError: string | undefined;
}

interface KnownTarget {
  readonly state: TargetState;
  /** The number of the question that was the last for it. */
  asked: number;
}

interface OfProvider {
  readonly state: ProviderState;
  readonly targets: Map<string, KnownTarget>;
}

/** Callers may name any model of a provider: of so many the state is kept. */
const maxTargets = 1_000;

export class TargetStates {
  readonly #clock: Clock;
  readonly #listeners: ((change: BreakerChange) => void)[] = [];
  /** By adapter: that is what stays the same from one snapshot to the next. */
  readonly #providers = new WeakMap<object, OfProvider>();
  #questions = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  whenChanged(listener: (change: BreakerChange) => void): void {
    this.#listeners.push(listener);
  }

  of(target: Target): TargetState {
    const { targets, state: provider } = this.#ofProvider(target.provider);
    const key = target.api === undefined ? target.model : `${target.model} ${target.api}`;
    const known = targets.get(key);
    this.#questions += 1;
    if (known !== undefined) {
      known.asked = this.#questions;
      return known.state;
    }
    const state: TargetState = new TargetState(target, {
      clock: this.#clock,
      provider,
      onChange: (from, to) =>
        this.#changed({
          provider: target.provider.name,
          model: target.model,
          from,
          to,
          lastError: state.lastError?.message,
        }),
    });
    makeRoom(targets);
    targets.set(key, { state, asked: this.#questions });
    return state;
  }

  provider(provider: ConfiguredProvider): ProviderState {
    return this.#ofProvider(provider).state;
  }

  #changed(change: BreakerChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #ofProvider(provider: ConfiguredProvider): OfProvider {
    const policy = (provider.policy ?? defaultTargetPolicy).breaker;
    const known = this.#providers.get(provider.adapter);
    if (known !== undefined) {
      known.state.heed(policy);
      return known;
    }
    const state: ProviderState = new ProviderState({
      clock: this.#clock,
      policy,
      onChange: (from, to) =>
        this.#changed({
          provider: provider.name,
          model: undefined,
          from,
          to,
          lastError: state.lastError?.message,
        }),
    });
    const made = { state, targets: new Map<string, KnownTarget>() };
    this.#providers.set(provider.adapter, made);
    return made;
  }
}

/** The one goes that was not asked for longest: models that a caller makes up do not drive out those in use. */
function makeRoom(targets: Map<string, KnownTarget>): void {
  if (targets.size < maxTargets) return;
  let oldest: string | undefined;
  let askedLeast = Infinity;
  for (const [key, { state, asked }] of targets) {
    if (asked >= askedLeast || state.bulkhead.inFlight() > 0) continue;
    oldest = key;
    askedLeast = asked;
  }
  if (oldest !== undefined) targets.delete(oldest);
}
