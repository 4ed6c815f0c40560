// The route `default` where the configuration has none.

import type { ConfiguredProvider, Route, StrategyName, Target } from "../snapshot.ts";

/** Each provider with its default model; one without models is left out. */
export const automaticRoute = (
  providers: readonly ConfiguredProvider[],
  strategy: StrategyName = "priority",
): Route => ({
  name: "default",
  source: "default",
  strategy,
  targets: byPriority(
    providers.flatMap((provider) => {
      const [model] = provider.models;
      return model === undefined ? [] : [{ provider, model, priority: provider.priority }];
    }),
  ),
});

/** The highest first, ties as they were written: `sort` is stable. */
export const byPriority = (targets: readonly Target[]): readonly Target[] =>
  targets.toSorted((a, b) => b.priority - a.priority);
