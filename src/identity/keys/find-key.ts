// A key looked up in the directory: by its hashes under the server's secret and the one before it, or among those that
// were imported. What is kept under another hash than a new key would be is hashed anew.

import type { KeyRing } from "../../config/secret/key-ring.ts";
import type { ApiKeyCredential, KeyedHash } from "../../core/directory/credentials.ts";
import type { DirectoryStore, FoundKey } from "../../core/directory/directory-store.ts";
import { GatewayError, type ReportFault } from "../../core/errors.ts";
import { isOfOurForm } from "../api-key-format.ts";
import { createImportedKeys } from "./imported-keys.ts";
import { isOneOf, newHash, possibleHashes } from "./key-hashes.ts";
import { type KnownKey, knownKeyOf } from "./known-key.ts";
import type { SharedKeys } from "./shared-keys.ts";

export interface FindKeyParts {
  readonly store: Pick<DirectoryStore, "keyByHash" | "importedKeys" | "rehashKey">;
  /** For `apiKeyHashPurpose`. */
  readonly keys: KeyRing;
  /** Where other gateways may have found it; absent: nowhere. */
  readonly shared?: SharedKeys | undefined;
  /** A new hash that could not be written: the key is good all the same. */
  readonly reportFault: ReportFault;
}

/**
 * Undefined: there is no such key.
 * @throws GatewayError `unavailable` where the database does not answer, `overloaded`
 */
export type FindKey = (credential: string) => Promise<KnownKey | undefined>;

export function createFindKey({ store, keys, shared, reportFault }: FindKeyParts): FindKey {
  const findImported = createImportedKeys(store);

  async function rehash({ apiKey, credential }: FoundKey, to: ApiKeyCredential): Promise<void> {
    try {
      await store.rehashKey(apiKey.id, credential, to);
    } catch (error) {
      reportFault(error, {});
    }
  }

  async function findHashed(credential: string): Promise<KnownKey | undefined> {
    const possible = possibleHashes(credential, keys);
    const [current] = possible;
    if (current === undefined) return undefined;
    const elsewhere = await shared?.find(current.hash);
    const placeElsewhere = elsewhere && placeIn(elsewhere.credential, [current]);
    if (elsewhere !== undefined && placeElsewhere !== undefined) {
      return knownKeyOf(elsewhere, placeElsewhere === "previousHash");
    }
    const asOf = shared?.asOf();
    const found = await store.keyByHash(possible.map(({ hash }) => hash));
    if (found === undefined) return undefined;
    const place = placeIn(found.credential, possible);
    if (place === undefined) return undefined;
    if (found.credential[place]?.keyId !== current.keyId) {
      await rehash(found, { ...found.credential, [place]: newHash(credential, keys) });
    } else if (asOf !== undefined) shared?.keep(current.hash, found, asOf);
    return knownKeyOf(found, place === "previousHash");
  }

  async function findOldHashed(credential: string): Promise<KnownKey | undefined> {
    const found = await findImported(credential);
    if (found === undefined) return undefined;
    await rehash(found, { ...found.credential, hash: newHash(credential, keys), bcryptHash: undefined });
    return knownKeyOf(found, false);
  }

  return async (credential) => {
    try {
      const hashed = await findHashed(credential);
      return hashed ?? (isOfOurForm(credential) ? undefined : await findOldHashed(credential));
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      throw unavailable(cause);
    }
  };
}

function placeIn(
  { hash, previousHash }: ApiKeyCredential,
  possible: readonly KeyedHash[],
): "hash" | "previousHash" | undefined {
  if (isOneOf(hash, possible)) return "hash";
  return isOneOf(previousHash, possible) ? "previousHash" : undefined;
}

/** Whoever cannot be looked up is neither let in nor told that the key is wrong. */
const unavailable = (cause: unknown): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "Keys cannot be looked up at the moment: the database does not answer. Try again.",
    retryAfterMs: 1_000,
    cause,
  });
