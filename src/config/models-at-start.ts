// Providers that are configured without a model: their own list tells what the route `default` asks of them.

import type { Clock, Timer } from "../core/clock.ts";
import type { ModelLists } from "../core/model-lists.ts";
import type { ListedModel } from "../core/models.ts";
import type { SnapshotHolder } from "../core/snapshot-holder.ts";
import type { ConfiguredProvider } from "../core/snapshot.ts";

/** How long the start waits for a list. */
export const startTimeoutMs = 2_000;
export const retryMs = 10_000;

export interface ModelsAtStart {
  /** Settles when every list came or failed. A list that failed is asked for again until it comes. */
  ask(): Promise<void>;
  /** For operators: who has no model yet, why, and what to set. */
  problems(): readonly string[];
  close(): void;
}

export interface ModelsAtStartParts {
  readonly snapshots: SnapshotHolder;
  readonly modelLists: ModelLists;
  readonly clock: Clock;
  /** What a person sets to name the provider's model. */
  readonly adviceFor: (provider: ConfiguredProvider) => string;
}

export function createModelsAtStart(parts: ModelsAtStartParts): ModelsAtStart {
  const { snapshots, modelLists, clock, adviceFor } = parts;
  const problems = new Map<string, string>();
  const timers = new Map<string, Timer>();
  let closed = false;

  /** What neither the list nor the table calls something else is taken for a model that chats. */
  function chats({ id, operations }: ListedModel, provider: ConfiguredProvider): boolean {
    const { name, kind } = provider;
    const query = { provider: name, kind, model: id, atMs: clock.epochMs() };
    const known = operations ?? snapshots.current().modelTable.find(query)?.operations;
    return known === undefined || known.includes("chat");
  }

  async function ask(provider: ConfiguredProvider): Promise<void> {
    const { name } = provider;
    if (provider.adapter.listModels === undefined) {
      problems.set(name, `${name}: has no model. ${adviceFor(provider)}`);
      return;
    }
    const listed = await modelLists.refresh(provider, startTimeoutMs);
    if (closed) return;
    const models = listed.filter((model) => chats(model, provider)).map(({ id }) => id);
    if (models.length > 0) {
      problems.delete(name);
      snapshots.setModels(name, models);
      return;
    }
    const cause = modelLists.problem(provider) ?? "It lists none that can chat.";
    problems.set(
      name,
      `${name}: has no model, and its own list does not help: ${cause} ${adviceFor(provider)}`,
    );
    timers.set(
      name,
      clock.setTimer(retryMs, () => void ask(provider)),
    );
  }

  return {
    async ask() {
      const { providers, routes } = snapshots.current();
      // A route of the file names its models itself.
      if (routes.get("default")?.source !== "default") return;
      await Promise.all([...providers.values()].filter(({ models }) => models.length === 0).map(ask));
    },
    problems: () => [...problems.values()],
    close() {
      closed = true;
      for (const timer of timers.values()) timer.cancel();
    },
  };
}
