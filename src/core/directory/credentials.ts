// What the directory keeps of secrets: never the secret itself. Goes to the store and into no answer.

import type { SealedText } from "../managed/config-store.ts";

/** HMAC-SHA-256 under a key that is derived from the server's secret, in hexadecimal. */
export interface KeyedHash {
  /** Names the derived key. */
  readonly keyId: string;
  readonly hash: string;
}

export interface ApiKeyCredential {
  /** Absent: imported with a bcrypt hash, and not yet used. */
  readonly hash: KeyedHash | undefined;
  /** Of the key before a rotation, until `previousExpiresAtMs`. */
  readonly previousHash: KeyedHash | undefined;
  /** Of another gateway. */
  readonly bcryptHash: string | undefined;
}

/** With so many hashes of one tenant a key is compared that is found by its beginning: each costs up to a quarter of a second. */
export const maxImportedAlike = 4;

/** How many imported keys a tenant has at most that have not been used yet. */
export const maxImportedWaiting = 10_000;

export interface UserCredential {
  /** In PHC's form (argon2id). */
  readonly passwordHash: string | undefined;
}

export interface SsoCredential {
  readonly clientSecret: SealedText | undefined;
}
