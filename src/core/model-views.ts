// What is told of a provider's models: those that it is configured with, then those of its own list.

import type { Clock } from "./clock.ts";
import { mergedCapabilities } from "./configured-models.ts";
import type { ListedModel, ModelFacts, ModelView } from "./models.ts";
import type { ConfiguredProvider, Snapshot } from "./snapshot.ts";

export interface ModelsOfProvider {
  readonly provider: ConfiguredProvider;
  readonly listed: readonly ListedModel[];
  readonly snapshot: Snapshot;
}

/** Prices may change with the time of day. */
const keepMs = 900_000;

interface Kept {
  readonly provider: ConfiguredProvider;
  readonly untilMs: number;
  readonly views: readonly ModelView[];
}

/** Looking up hundreds of models takes a while, so what was found for a list is kept with it. */
export function createModelViews(clock: Clock): (models: ModelsOfProvider) => readonly ModelView[] {
  const keptOf = new WeakMap<readonly ListedModel[], Kept>();
  return (models) => {
    const nowMs = clock.epochMs();
    const kept = keptOf.get(models.listed);
    if (kept !== undefined && kept.provider === models.provider && nowMs < kept.untilMs) return kept.views;
    const views = modelViews(models, nowMs);
    keptOf.set(models.listed, { provider: models.provider, untilMs: nowMs + keepMs, views });
    return views;
  };
}

function modelViews({ provider, listed, snapshot }: ModelsOfProvider, atMs: number): readonly ModelView[] {
  const told = new Map(listed.map((model) => [model.id, model]));
  return [...new Set([...provider.models, ...told.keys()])].map((model) => {
    const known = snapshot.modelTable.find({ provider: provider.name, kind: provider.kind, model, atMs });
    return viewOf({ provider: provider.name, model, listed: told.get(model), known });
  });
}

interface ToldModel {
  readonly provider: string;
  readonly model: string;
  readonly listed: ListedModel | undefined;
  readonly known: ModelFacts | undefined;
}

/** The provider knows its models best; what calls are priced with is the table's. */
const viewOf = ({ provider, model, listed, known }: ToldModel): ModelView => ({
  id: `${provider}/${model}`,
  provider,
  model,
  displayName: listed?.displayName ?? known?.displayName,
  operations: listed?.operations ?? known?.operations,
  contextTokens: listed?.contextTokens ?? known?.contextTokens,
  maxOutputTokens: listed?.maxOutputTokens ?? known?.maxOutputTokens,
  capabilities: mergedCapabilities(listed?.capabilities, known?.capabilities),
  price: known?.price ?? listed?.price,
});
