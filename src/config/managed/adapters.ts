// The adapters of configured providers. One is made once for the same settings, so that what is known of it at run
// time outlives a change of something else; one that is no longer configured is closed when no call holds it.

import { adaptersOf } from "../../core/adapters-of.ts";
import type { ReportFault } from "../../core/errors.ts";
import type { Provider } from "../../core/provider.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { KeyedProvider } from "../keyed-provider.ts";
import { longestWaits } from "../longest-waits.ts";

export interface Adapters {
  of(provider: KeyedProvider): Provider;
  /** Those that the snapshot has not are closed as soon as no call holds an earlier one. */
  keepOnly(snapshot: Snapshot): void;
  /** Closes those that nobody holds any more. */
  sweep(): void;
  /** Closes all that are no longer configured, whoever holds them. */
  close(): Promise<void>;
}

export interface AdaptersParts {
  readonly create: (provider: KeyedProvider) => Provider;
  /** Whether a call is under way that began before the snapshot of that version. */
  readonly heldBefore: (version: number) => boolean;
  readonly reportFault: ReportFault;
}

export function createAdapters({ create, heldBefore, reportFault }: AdaptersParts): Adapters {
  const made = new Map<string, Provider>();
  const closing = new Set<Promise<void>>();
  let retired: { readonly adapter: Provider; readonly version: number }[] = [];

  async function close(adapter: Provider): Promise<void> {
    try {
      await adapter.close?.();
    } catch (error) {
      reportFault(error, {});
    }
  }

  function closeThose(isFree: (version: number) => boolean): void {
    const free = retired.filter(({ version }) => isFree(version));
    if (free.length === 0) return;
    retired = retired.filter((each) => !free.includes(each));
    for (const { adapter } of free) {
      const closed = close(adapter).then(() => void closing.delete(closed));
      closing.add(closed);
    }
  }

  const sweep = () => closeThose((version) => !heldBefore(version));

  return {
    of(provider) {
      const key = keyOf(provider);
      const adapter = made.get(key) ?? create(provider);
      made.set(key, adapter);
      return adapter;
    },
    keepOnly(snapshot) {
      const kept = adaptersIn(snapshot);
      for (const [key, adapter] of made) {
        if (kept.has(adapter)) continue;
        made.delete(key);
        retired.push({ adapter, version: snapshot.version });
      }
      sweep();
    },
    sweep,
    async close() {
      closeThose(() => true);
      await Promise.all(closing);
    },
  };
}

const adaptersIn = ({ providers }: Snapshot): ReadonlySet<Provider> =>
  new Set([...providers.values()].flatMap(adaptersOf));

/** All that an adapter is made of: a member that is forgotten here makes one too many, never one too few. */
function keyOf(provider: KeyedProvider): string {
  const { source, models, priority, probe, apiKeys, policy, ...rest } = provider;
  return JSON.stringify([rest, longestWaits(provider)]);
}
