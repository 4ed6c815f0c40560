// Providers' own lists of models, asked when somebody wants them and kept for a while.

import type { Clock } from "./clock.ts";
import { GatewayError } from "./errors.ts";
import { gatewayStopping } from "./gateway-stopping.ts";
import type { ListedModel } from "./models.ts";
import type { ConfiguredProvider } from "./snapshot.ts";
import { untilAborted } from "./until-aborted.ts";

/** Of a list that tells more, the rest is not kept. */
const maxModels = 5_000;
const maxNameChars = 256;

export interface ModelListLimits {
  /** How long a list counts as fresh. */
  readonly ttlMs: number;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** How long a provider that failed is not asked again. */
  readonly failureTtlMs: number;
}

export const defaultListLimits: ModelListLimits = { ttlMs: 600_000, timeoutMs: 5_000, failureTtlMs: 30_000 };

export interface ModelLists {
  /**
   * The list, asked for where no fresh one is kept. Never rejects: a provider that fails has the list that it
   * had before. Empty for a provider that has none.
   */
  of(provider: ConfiguredProvider): Promise<readonly ListedModel[]>;
  /** Asks even where a list is fresh or a failure is remembered. */
  refresh(provider: ConfiguredProvider, timeoutMs?: number): Promise<readonly ListedModel[]>;
  /** What was told last; undefined before the provider was ever asked. */
  known(provider: ConfiguredProvider): KnownList | undefined;
  /** Why the last try failed, for operators; undefined when it did not. */
  problem(provider: ConfiguredProvider): string | undefined;
  /** Ends the requests under way. */
  close(): void;
}

export interface KnownList {
  readonly models: readonly ListedModel[];
  readonly ids: ReadonlySet<string>;
}

interface Entry {
  known: KnownList;
  freshUntilMs: number;
  problem: string | undefined;
  asking: Promise<readonly ListedModel[]> | undefined;
}

export function createModelLists(clock: Clock, limits: ModelListLimits = defaultListLimits): ModelLists {
  /** By adapter: that is what stays the same from one snapshot to the next. */
  const entries = new WeakMap<object, Entry>();
  const underWay = new Set<AbortController>();
  let closed = false;

  async function ask(provider: ConfiguredProvider, entry: Entry, timeoutMs: number): Promise<void> {
    const controller = new AbortController();
    const timer = clock.setTimer(timeoutMs, () => controller.abort(tooLate(timeoutMs)));
    underWay.add(controller);
    try {
      // An adapter that does not heed the signal is not waited for.
      const listing = provider.adapter.listModels?.(controller.signal) ?? Promise.resolve([]);
      entry.known = bounded(await untilAborted(listing, controller.signal));
      entry.problem = undefined;
      entry.freshUntilMs = clock.monotonicMs() + limits.ttlMs;
    } catch (error) {
      entry.problem = error instanceof Error ? error.message : "It failed without saying why.";
      entry.freshUntilMs = clock.monotonicMs() + limits.failureTtlMs;
    } finally {
      timer.cancel();
      underWay.delete(controller);
      entry.asking = undefined;
    }
  }

  /** One request at a time a provider: who comes meanwhile waits for the same answer. */
  function refresh(
    provider: ConfiguredProvider,
    timeoutMs = limits.timeoutMs,
  ): Promise<readonly ListedModel[]> {
    if (provider.adapter.listModels === undefined || closed) {
      return Promise.resolve(entries.get(provider.adapter)?.known.models ?? []);
    }
    const entry = entries.get(provider.adapter) ?? newEntry();
    entries.set(provider.adapter, entry);
    entry.asking ??= ask(provider, entry, timeoutMs).then(() => entry.known.models);
    return entry.asking;
  }

  return {
    async of(provider) {
      const entry = entries.get(provider.adapter);
      const fresh =
        entry !== undefined && entry.asking === undefined && clock.monotonicMs() < entry.freshUntilMs;
      return fresh ? entry.known.models : refresh(provider);
    },
    refresh,
    known: (provider) => {
      const entry = entries.get(provider.adapter);
      return entry?.freshUntilMs === Number.NEGATIVE_INFINITY ? undefined : entry?.known;
    },
    problem: (provider) => entries.get(provider.adapter)?.problem,
    close() {
      closed = true;
      for (const controller of underWay) controller.abort(gatewayStopping());
    },
  };
}

const nothingKnown: KnownList = { models: [], ids: new Set() };

const newEntry = (): Entry => ({
  known: nothingKnown,
  freshUntilMs: Number.NEGATIVE_INFINITY,
  problem: undefined,
  asking: undefined,
});

function bounded(models: readonly ListedModel[]): KnownList {
  const byId = new Map<string, ListedModel>();
  for (const model of models) {
    if (byId.size >= maxModels) break;
    if (model.id === "" || model.id.length > maxNameChars || byId.has(model.id)) continue;
    byId.set(model.id, withinBounds(model));
  }
  return { models: [...byId.values()], ids: new Set(byId.keys()) };
}

const withinBounds = (model: ListedModel): ListedModel =>
  (model.displayName?.length ?? 0) <= maxNameChars ? model : { ...model, displayName: undefined };

const tooLate = (timeoutMs: number): GatewayError =>
  new GatewayError({
    code: "deadline_exceeded",
    message: `It did not tell its models within ${timeoutMs} ms.`,
  });
