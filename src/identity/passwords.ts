// Passwords, hashed so that each guess takes a while (argon2id, RFC 9106): people choose them, and others can guess.

import type { DirectorySecrets } from "../core/directory/secrets.ts";
import { createBoundedWork } from "./bounded-work.ts";

/** OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Each takes one of Node's four threads for files and names, and 19 MiB. */
const bounds = { atATime: 2, waitingMax: 250, waitingMaxOfOne: 25 };

/** Both reject with GatewayError `overloaded` where too many wait. */
export function createPasswords(): Pick<DirectorySecrets, "hashPassword" | "verifyPassword"> {
  const inTurn = createBoundedWork(bounds);
  return {
    hashPassword: (password, askedBy) =>
      inTurn(async () => (await import("@node-rs/argon2")).hash(password.normalize("NFKC"), cost), askedBy),
    verifyPassword: (password, hash, askedBy) =>
      inTurn(async () => (await import("@node-rs/argon2")).verify(hash, password.normalize("NFKC")), askedBy),
  };
}
