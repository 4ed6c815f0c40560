// Refresh tokens: `slr_<session's id>_<256 random bits><tag>`. The store keeps an HMAC under a key that is derived from
// the server's secret: who reads the database cannot make one, and random bits need no slow hash. The tag shows that a
// token was made here: one that is made up costs no query, and ends nobody's session as an old one would.

import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { createKeyRing } from "../../config/secret/key-ring.ts";
import type { ServerSecret } from "../../config/secret/server-secret.ts";
import type { KeyedHash } from "../../core/directory/credentials.ts";
import { base62 } from "../base62.ts";

export interface RefreshTokens {
  make(sessionId: string): { readonly token: string; readonly hash: KeyedHash };
  /** Undefined: it was not made here. */
  read(token: string): PresentedToken | undefined;
}

export interface PresentedToken {
  readonly sessionId: string;
  /** Under the key of the secret, and of the one before it. */
  readonly hashes: readonly string[];
}

const hashPurpose = "session-refresh/hmac-sha-256";
const tagPurpose = "session-refresh/tag";
const form = /^(slr_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_[0-9A-Za-z]{43})([0-9A-Za-z]{11})$/;
const secretBytes = 32;
const tagBytes = 8;

export function createRefreshTokens(secret: ServerSecret): RefreshTokens {
  const hashKeys = createKeyRing(secret, hashPurpose);
  const tagKeys = createKeyRing(secret, tagPurpose);
  return {
    make(sessionId) {
      const untagged = `slr_${sessionId}_${base62(randomBytes(secretBytes))}`;
      const token = untagged + tagOf(untagged, tagKeys.current().key);
      const { id, key } = hashKeys.current();
      return { token, hash: { keyId: id, hash: hmacOf(token, key).toString("hex") } };
    },
    read(token) {
      const [, untagged, sessionId, tag] = form.exec(token) ?? [];
      if (untagged === undefined || sessionId === undefined || tag === undefined) return undefined;
      const isOurs = tagKeys.all().some(({ key }) => isSame(tag, tagOf(untagged, key)));
      if (!isOurs) return undefined;
      return { sessionId, hashes: hashKeys.all().map(({ key }) => hmacOf(token, key).toString("hex")) };
    },
  };
}

const hmacOf = (text: string, key: KeyObject): Buffer => createHmac("sha256", key).update(text).digest();

const tagOf = (untagged: string, key: KeyObject): string =>
  base62(hmacOf(untagged, key).subarray(0, tagBytes));

const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));
