// How a provider and its targets are, as operators see it.

import type { ConfiguredProvider, Snapshot, Target } from "../../snapshot.ts";
import type { BreakerState } from "./circuit-breaker.ts";
import type { LastError } from "./provider-state.ts";
import type { TargetStates } from "./target-states.ts";

export interface TargetHealth {
  readonly model: string;
  readonly state: BreakerState;
  /** A decaying share of attempts that did not fail, 0 to 1. */
  readonly score: number;
  readonly inFlight: number;
  /** When 95 of 100 attempts had committed; undefined while too little is known. */
  readonly p95Ms: number | undefined;
  readonly lastError: LastError | undefined;
}

export interface ProviderHealth {
  /** Of failures that all its targets share. */
  readonly state: BreakerState;
  /** The mean of its targets'. */
  readonly score: number;
  readonly inFlight: number;
  readonly lastError: LastError | undefined;
  /** Those of routes, and its own default. */
  readonly targets: readonly TargetHealth[];
}

export function healthOf(
  provider: ConfiguredProvider,
  snapshot: Snapshot,
  { states, withMessages }: { readonly states: TargetStates; readonly withMessages: boolean },
): ProviderHealth {
  const shown = (error: LastError | undefined) =>
    error === undefined || withMessages ? error : { ...error, message: undefined };
  const { breaker, lastError } = states.provider(provider);
  const targets = targetsOf(provider, snapshot).map((target): TargetHealth => {
    const state = states.of(target);
    return {
      model: target.model,
      state: state.breaker.state(),
      score: state.score.score(),
      inFlight: state.bulkhead.inFlight(),
      p95Ms: state.latency.p95Ms() ?? state.latency.p95WholeMs(),
      lastError: shown(state.lastError),
    };
  });
  const sum = (of: (target: TargetHealth) => number) => targets.reduce((total, each) => total + of(each), 0);
  return {
    state: breaker.state(),
    score: targets.length === 0 ? 1 : sum(({ score }) => score) / targets.length,
    inFlight: sum(({ inFlight }) => inFlight),
    lastError: shown(lastError),
    targets,
  };
}

function targetsOf(provider: ConfiguredProvider, { routes }: Snapshot): readonly Target[] {
  const byModel = new Map<string, Target>();
  for (const { targets } of routes.values()) {
    for (const target of targets) {
      if (target.provider.name === provider.name) byModel.set(target.model, target);
    }
  }
  const [model] = provider.models;
  if (model !== undefined && !byModel.has(model)) {
    byModel.set(model, { provider, model, priority: provider.priority });
  }
  return [...byModel.values()];
}
