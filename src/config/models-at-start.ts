// Providers that are configured without a model: their own list tells what the route `default` asks of them.

import type { Clock, Timer } from "../core/clock.ts";
import type { ModelLists } from "../core/model-lists.ts";
import type { ListedModel } from "../core/models.ts";
import type { Provider } from "../core/provider.ts";
import type { SnapshotHolder } from "../core/snapshot-holder.ts";
import type { ConfiguredProvider } from "../core/snapshot.ts";

/** How long the start waits for a list. */
export const startTimeoutMs = 2_000;
export const retryMs = 10_000;

export interface ModelsAtStart {
  /**
   * Asks those that were not asked yet. Settles when every list came or failed; a list that failed is asked for again
   * until it comes.
   */
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
  /** Hears why a list failed, when that changes. */
  readonly warn: (message: string) => void;
}

interface Asked {
  /** A provider with another one is asked anew. */
  readonly adapter: Provider;
  problem: string | undefined;
  /** The last failure, in the words that the log has. */
  told: string | undefined;
  timer: Timer | undefined;
  /** The first time. */
  asking: Promise<void>;
}

export function createModelsAtStart(parts: ModelsAtStartParts): ModelsAtStart {
  const { snapshots, modelLists, clock, adviceFor, warn } = parts;
  const asked = new Map<string, Asked>();
  let closed = false;

  /** What neither the list nor the table calls something else is taken for a model that chats. */
  function chats({ id, operations }: ListedModel, provider: ConfiguredProvider): boolean {
    const { name, kind } = provider;
    const query = { provider: name, kind, model: id, atMs: clock.epochMs() };
    const known = operations ?? snapshots.current().modelTable.find(query)?.operations;
    return known === undefined || known.includes("chat");
  }

  async function ask(provider: ConfiguredProvider, entry: Asked): Promise<void> {
    const { name } = provider;
    if (provider.adapter.listModels === undefined) {
      entry.problem = `${name}: has no model. ${adviceFor(provider)}`;
      return;
    }
    const listed = await modelLists.refresh(provider, startTimeoutMs);
    if (closed || asked.get(name) !== entry) return;
    const models = listed.filter((model) => chats(model, provider)).map(({ id }) => id);
    if (models.length > 0) {
      entry.problem = undefined;
      snapshots.setModels(name, models);
      return;
    }
    const failure = modelLists.problem(provider);
    if (failure !== undefined && failure !== entry.told) {
      warn(`${name}: its list of models cannot be had: ${failure}`);
    }
    entry.told = failure;
    // What a vendor says is for the log: whoever reaches the port may ask for the problems.
    const cause =
      failure === undefined ? "It lists none that can chat." : "It cannot be had; the log says why.";
    entry.problem = `${name}: has no model, and its own list does not help: ${cause} ${adviceFor(provider)}`;
    entry.timer = clock.setTimer(retryMs, () => void ask(provider, entry));
  }

  function begin(provider: ConfiguredProvider): void {
    const { name, adapter } = provider;
    const entry: Asked = {
      adapter,
      problem: undefined,
      told: undefined,
      timer: undefined,
      asking: Promise.resolve(),
    };
    asked.set(name, entry);
    entry.asking = ask(provider, entry);
  }

  /** Of those that are gone, or have a model by now. */
  function forgetOthers(waiting: readonly ConfiguredProvider[]): void {
    for (const [name, entry] of asked) {
      if (waiting.some((provider) => provider.name === name && provider.adapter === entry.adapter)) continue;
      entry.timer?.cancel();
      asked.delete(name);
    }
  }

  return {
    async ask() {
      const { providers, routes } = snapshots.current();
      // A route of one's own names its models itself.
      const isAutomatic = routes.get("default")?.automatic === true;
      const waiting = isAutomatic ? [...providers.values()].filter(({ models }) => models.length === 0) : [];
      forgetOthers(waiting);
      for (const provider of waiting) if (!asked.has(provider.name)) begin(provider);
      await Promise.all([...asked.values()].map(({ asking }) => asking));
    },
    problems: () => [...asked.values()].flatMap(({ problem }) => problem ?? []),
    close() {
      closed = true;
      for (const { timer } of asked.values()) timer?.cancel();
    },
  };
}
