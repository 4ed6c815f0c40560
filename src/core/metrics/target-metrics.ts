// How targets are: those of the configured routes, so that there are only so many series.

import type { TargetStates } from "../routing/targets/target-states.ts";
import type { Snapshot, Target } from "../snapshot.ts";
import type { Labels, MetricFamily } from "./metric-family.ts";

const stateNumbers = { closed: 0, half_open: 1, open: 2 } as const;

export function targetFamilies(snapshot: Snapshot, states: TargetStates): readonly MetricFamily[] {
  const targets = [...distinctTargets(snapshot)];
  const ofTargets = (value: (target: Target) => number) =>
    targets.map(([labels, target]) => ({ labels, value: value(target) }));
  return [
    {
      name: "sluice_provider_breaker_state",
      help: "Whether a provider is asked: 0 closed (it is), 1 half open (one attempt probes), 2 open (it is not).",
      type: "gauge",
      samples: [...snapshot.providers.values()].map((provider) => ({
        labels: { provider: provider.name },
        value: stateNumbers[states.provider(provider).breaker.state()],
      })),
    },
    {
      name: "sluice_target_breaker_state",
      help: "The same of the targets of routes.",
      type: "gauge",
      samples: ofTargets((target) => stateNumbers[states.of(target).breaker.state()]),
    },
    {
      name: "sluice_target_in_flight",
      help: "Attempts under way at the targets of routes.",
      type: "gauge",
      samples: ofTargets((target) => states.of(target).bulkhead.inFlight()),
    },
    {
      name: "sluice_target_success_score",
      help: "A decaying share of attempts that did not fail, 0 to 1.",
      type: "gauge",
      samples: ofTargets((target) => states.of(target).score.score()),
    },
  ];
}

function* distinctTargets({ routes }: Snapshot): Generator<readonly [Labels, Target]> {
  const seen = new Set<string>();
  for (const { targets } of routes.values()) {
    for (const target of targets) {
      const name = `${target.provider.name}/${target.model}`;
      if (seen.has(name)) continue;
      seen.add(name);
      yield [{ provider: target.provider.name, model: target.model }, target];
    }
  }
}
