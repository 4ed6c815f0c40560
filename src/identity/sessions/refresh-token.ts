// Refresh tokens: `slr_<session's id>_<256 random bits>`. The store keeps an HMAC under a key that is derived from the
// server's secret: who reads the database cannot make one, and random bits need no slow hash.

import { createHmac, type KeyObject, randomBytes } from "node:crypto";
import { createKeyRing } from "../../config/secret/key-ring.ts";
import type { ServerSecret } from "../../config/secret/server-secret.ts";
import type { KeyedHash } from "../../core/directory/credentials.ts";

export interface RefreshTokens {
  make(sessionId: string): { readonly token: string; readonly hash: KeyedHash };
  /** Undefined: it is not of the form. */
  read(token: string): PresentedToken | undefined;
}

export interface PresentedToken {
  readonly sessionId: string;
  /** Under the key of the secret, and of the one before it. */
  readonly hashes: readonly string[];
}

const purpose = "session-refresh/hmac-sha-256";
const form = /^slr_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_[0-9A-Za-z]{43}$/;
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Of 256 bits. */
const secretChars = 43;

export function createRefreshTokens(secret: ServerSecret): RefreshTokens {
  const keys = createKeyRing(secret, purpose);
  return {
    make(sessionId) {
      const token = `slr_${sessionId}_${randomBase62()}`;
      const { id, key } = keys.current();
      return { token, hash: { keyId: id, hash: hashOf(token, key) } };
    },
    read(token) {
      const sessionId = form.exec(token)?.[1];
      return sessionId === undefined
        ? undefined
        : { sessionId, hashes: keys.all().map(({ key }) => hashOf(token, key)) };
    },
  };
}

const hashOf = (token: string, key: KeyObject): string =>
  createHmac("sha256", key).update(token).digest("hex");

function randomBase62(): string {
  let rest = BigInt(`0x${randomBytes(32).toString("hex")}`);
  let text = "";
  for (let place = 0; place < secretChars; place += 1) {
    text += digits[Number(rest % 62n)];
    rest /= 62n;
  }
  return text;
}
