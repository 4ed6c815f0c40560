// Idempotency keys, as they are asked of a database, whichever it is.

import type { KeyClaim } from "../core/runs/idempotency-store.ts";
import type { KeptKeys } from "../core/runs/kept-keys.ts";
import type { DatabaseAccess } from "./database-access.ts";
import { claimKey, finishKey, releaseKey, removeExpiredKeys } from "./idempotency-statements.ts";
import type { CallMethod } from "./thread-calls.ts";

export interface IdempotencyCalls {
  claimIdempotencyKey: KeptKeys["claim"];
  finishIdempotencyKey: KeptKeys["finish"];
  releaseIdempotencyKey: KeptKeys["release"];
  removeExpiredIdempotencyKeys: KeptKeys["removeExpired"];
}

export const createIdempotencyCalls = (access: DatabaseAccess): IdempotencyCalls => ({
  claimIdempotencyKey: (claim: KeyClaim, nowMs: number) => claimKey(access.run, claim, nowMs),
  finishIdempotencyKey: (run) => finishKey(access.run, run),
  releaseIdempotencyKey: (run) => releaseKey(access.run, run),
  removeExpiredIdempotencyKeys: (step) => removeExpiredKeys(access, step),
});

export const createStoredKeys = (call: CallMethod<keyof IdempotencyCalls>): KeptKeys => ({
  claim: call("claimIdempotencyKey"),
  finish: call("finishIdempotencyKey"),
  release: call("releaseIdempotencyKey"),
  removeExpired: call("removeExpiredIdempotencyKeys"),
});
