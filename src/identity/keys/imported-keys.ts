// Keys of another gateway, of which there is a bcrypt hash: found by their beginning, and compared a few at a time.
// Each is compared once in its life: then it has a hash as ours have.

import type { DirectoryStore, FoundKey } from "../../core/directory/directory-store.ts";
import { createBoundedWork } from "../bounded-work.ts";

const shortestPrefix = 6;
const longestPrefix = 32;
/** Of candidates: so many lengths of their prefixes, the longest first, and so many of each. */
const lengthsMax = 3;
const ofALengthMax = 5;
const candidatesMax = 40;
/** A quarter of a second. */
const costMax = 12;
/** What bcrypt reads of a text: a longer key would be compared by its beginning alone. */
const comparedBytes = 72;
const bounds = { atATime: 2, waitingMax: 100 };

/**
 * The imported key that the credential is, or undefined.
 * @throws GatewayError `overloaded`; what the store says
 */
export type FindImported = (credential: string) => Promise<FoundKey | undefined>;

export function createImportedKeys(store: Pick<DirectoryStore, "importedKeys">): FindImported {
  const inTurn = createBoundedWork(bounds);
  const isSame = (credential: string, bcryptHash: string): Promise<boolean> =>
    inTurn(async () => (await import("@node-rs/bcrypt")).verify(credential, bcryptHash));

  return async (credential) => {
    const prefixes = prefixesOf(credential);
    if (prefixes.length === 0 || Buffer.byteLength(credential) > comparedBytes) return undefined;
    for (const found of chosen(await store.importedKeys(prefixes, candidatesMax))) {
      const { bcryptHash } = found.credential;
      if (bcryptHash === undefined || costOf(bcryptHash) > costMax) continue;
      if (await isSame(credential, bcryptHash)) return found;
    }
    return undefined;
  };
}

function prefixesOf(credential: string): readonly string[] {
  const lengths = Math.min(longestPrefix, credential.length) - shortestPrefix + 1;
  return Array.from({ length: Math.max(0, lengths) }, (_, i) => credential.slice(0, shortestPrefix + i));
}

function chosen(candidates: readonly FoundKey[]): readonly FoundKey[] {
  const byLength = new Map<number, FoundKey[]>();
  for (const candidate of candidates) {
    const { length } = candidate.apiKey.prefix;
    byLength.set(length, [...(byLength.get(length) ?? []), candidate]);
  }
  return Array.from(byLength)
    .toSorted(([a], [b]) => b - a)
    .slice(0, lengthsMax)
    .flatMap(([, ofALength]) => ofALength.slice(0, ofALengthMax));
}

/** Infinite for what is no bcrypt hash. */
const costOf = (bcryptHash: string): number =>
  Number(/^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/.exec(bcryptHash)?.[1] ?? Number.POSITIVE_INFINITY);
