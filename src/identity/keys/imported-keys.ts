// Keys of another gateway, of which there is a bcrypt hash: found by their beginning, and compared a few at a time.
// Each is compared once in its life: then it has a hash as ours have.
//
// What one tenant has imported neither hides another's keys nor makes them wait: of each tenant a few are compared,
// side by side, and the tenants take turns.

import { maxImportedAlike } from "../../core/directory/credentials.ts";
import type { DirectoryStore, FoundKey } from "../../core/directory/directory-store.ts";
import { createBoundedWork } from "../bounded-work.ts";

const shortestPrefix = 6;
const longestPrefix = 32;
/** Tenants are made by who runs the gateway: of a hundred every key is compared, of more the first of each. */
const candidatesMax = 100 * maxImportedAlike;
/** A quarter of a second. */
const costMax = 12;
/** What bcrypt reads of a text: a longer key would be compared by its beginning alone. */
const comparedBytes = 72;
const bounds = { atATime: 2, waitingMax: 1_000, waitingMaxOfOne: 100 };

/**
 * The imported key that the credential is, or undefined.
 * @throws GatewayError `overloaded`; what the store says
 */
export type FindImported = (credential: string) => Promise<FoundKey | undefined>;

export function createImportedKeys(store: Pick<DirectoryStore, "importedKeys">): FindImported {
  const inTurn = createBoundedWork(bounds);

  /** @throws NotAmongThem */
  async function amongThoseOf(
    tenantId: string,
    keys: readonly FoundKey[],
    search: Search,
  ): Promise<FoundKey> {
    for (const found of keys) {
      const { bcryptHash } = found.credential;
      if (bcryptHash === undefined || costOf(bcryptHash) > costMax) continue;
      const isSame = await inTurn(() => search.isSame(bcryptHash), tenantId);
      if (isSame) return found;
    }
    throw new NotAmongThem();
  }

  return async (credential) => {
    const prefixes = prefixesOf(credential);
    if (prefixes.length === 0 || Buffer.byteLength(credential) > comparedBytes) return undefined;
    const limits = { ofTenant: maxImportedAlike, limit: candidatesMax };
    const candidates = await store.importedKeys(prefixes, limits);
    const search = new Search(credential);
    const ofTenants = Map.groupBy(candidates, ({ apiKey }) => apiKey.tenantId);
    const searches = Array.from(ofTenants, ([tenantId, keys]) => amongThoseOf(tenantId, keys, search));
    try {
      return await Promise.any(searches);
    } catch (error) {
      // Where one could not be looked at, it may have been that one.
      const failures: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      const failure = failures.find((each) => !(each instanceof NotAmongThem));
      if (failure !== undefined) throw failure;
      return undefined;
    } finally {
      search.hasEnded = true;
    }
  };
}

class Search {
  readonly #credential: string;
  hasEnded = false;

  constructor(credential: string) {
    this.#credential = credential;
  }

  /** Of those that still wait when it has ended, none is compared. */
  async isSame(bcryptHash: string): Promise<boolean> {
    if (this.hasEnded) return false;
    return (await import("@node-rs/bcrypt")).verify(this.#credential, bcryptHash);
  }
}

class NotAmongThem extends Error {}

function prefixesOf(credential: string): readonly string[] {
  const lengths = Math.min(longestPrefix, credential.length) - shortestPrefix + 1;
  return Array.from({ length: Math.max(0, lengths) }, (_, i) => credential.slice(0, shortestPrefix + i));
}

/** Infinite for what is no bcrypt hash. */
const costOf = (bcryptHash: string): number =>
  Number(/^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/.exec(bcryptHash)?.[1] ?? Number.POSITIVE_INFINITY);
