// What the directory said of those who call, kept until something of it changes. What is not there is kept as well, so
// that a token of an ended session does not cost a query each time.

import type { ChangedEntry, DirectoryFollower } from "../../core/directory/directory-store.ts";
import { createLazyCache } from "../lazy-cache.ts";

/** Whose entries an answer was made of; an absent user: there is none, and a new one might be the one. */
export interface GrantOwners {
  readonly tenantId: string;
  readonly userId: string | undefined;
  readonly sessionId?: string | undefined;
}

export interface Held<G> {
  readonly owners: GrantOwners;
  readonly grant: G;
}

export interface HeldGrants<G> extends DirectoryFollower {
  /** @throws what `load` throws; that is not kept */
  of(key: string, load: () => Promise<Held<G>>): G | Promise<G>;
}

export interface HeldGrantsOptions {
  /**
   * Whether the changes that other gateways make are heard of: while they are not, each answer is asked for. Absent:
   * always.
   */
  readonly hearsChanges?: (() => boolean) | undefined;
  readonly max?: number | undefined;
}

const defaultMax = 10_000;

export function createHeldGrants<G>(options: HeldGrantsOptions = {}): HeldGrants<G> {
  const { hearsChanges = () => true, max = defaultMax } = options;
  const held = createLazyCache<string, Held<G>>(max);
  /** Several calls at a time ask once. What was asked before a change is joined by nobody after it, nor kept. */
  const loading = new Map<string, Promise<G>>();
  let changes = 0;

  async function loadAndKeep(key: string, load: () => Promise<Held<G>>): Promise<G> {
    const before = changes;
    try {
      const loaded = await load();
      if (before === changes) held.use().set(key, loaded);
      return loaded.grant;
    } finally {
      if (before === changes) loading.delete(key);
    }
  }

  return {
    of(key, load) {
      const known = hearsChanges() ? held.ifUsed()?.get(key) : undefined;
      if (known !== undefined) return known.grant;
      const underWay = loading.get(key);
      if (underWay !== undefined) return underWay;
      const asked = loadAndKeep(key, load);
      loading.set(key, asked);
      return asked;
    },
    forget(changed) {
      changes += 1;
      loading.clear();
      const used = held.ifUsed();
      if (used === undefined) return;
      if (changed === "unknown") return used.clear();
      const outdated = [...used.entries()].filter(([, { owners }]) =>
        changed.some((entry) => isOf(owners, entry)),
      );
      for (const [key] of outdated) used.delete(key);
    },
  };
}

function isOf({ tenantId, userId, sessionId }: GrantOwners, { kind, id }: ChangedEntry): boolean {
  if (kind === "tenant") return tenantId === id;
  if (kind === "user") return userId === undefined || userId === id;
  return kind === "session" && sessionId === id;
}
