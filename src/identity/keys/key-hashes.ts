// What the directory keeps of an API key: HMAC-SHA-256 under a key that is derived from the server's secret. Keys have
// 256 random bits, which nobody guesses however fast a guess is; a slow hash would only slow down each call.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { DerivedKey, KeyRing } from "../../config/secret/key-ring.ts";
import type { KeyedHash } from "../../core/directory/credentials.ts";

export const apiKeyHashPurpose = "api-key-hash";

/** For what is kept from now on. @throws ConfigurationError where the server's secret cannot be made */
export const newHash = (text: string, keys: KeyRing): KeyedHash => hashUnder(text, keys.current());

/** By what it may have been kept before: under the secret and the one before it. */
export const possibleHashes = (text: string, keys: KeyRing): readonly KeyedHash[] =>
  keys.all().map((key) => hashUnder(text, key));

/** In a time that does not depend on where they differ. */
export function isOneOf(kept: KeyedHash | undefined, possible: readonly KeyedHash[]): boolean {
  const same = possible.find(({ keyId }) => keyId === kept?.keyId);
  if (kept === undefined || same === undefined) return false;
  const [a, b] = [Buffer.from(kept.hash), Buffer.from(same.hash)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const hashUnder = (text: string, { id, key }: DerivedKey): KeyedHash => ({
  keyId: id,
  hash: createHmac("sha256", key).update(text).digest("hex"),
});
