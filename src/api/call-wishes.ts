// What is wished of one call: by the headers of its request, and by the message itself, whose word counts more.

import type { CacheControl } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";
import type { Caller } from "./caller.ts";

interface CacheWishes extends Omit<CacheControl, "mode"> {
  readonly mode?: CacheControl["mode"] | undefined;
}

/** What a message says; absent: the headers say it, or nobody does. */
export interface CallWishes {
  readonly cache?: CacheWishes | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly resumable?: boolean | undefined;
}

/** @throws GatewayError `invalid_request` for two keys */
export function withWishes(caller: Caller, { cache, idempotencyKey, resumable }: CallWishes): Caller {
  if (cache === undefined && idempotencyKey === undefined && resumable === undefined) return caller;
  const header = caller.idempotencyKey;
  if (header !== undefined && idempotencyKey !== undefined && header !== idempotencyKey) {
    throw invalidRequest(
      "idempotencyKey",
      "differs from the key that was sent as `idempotency-key`; send one of them, or the same",
    );
  }
  return {
    ...caller,
    cacheControl: cache === undefined ? caller.cacheControl : overruled(caller.cacheControl, cache),
    idempotencyKey: idempotencyKey ?? header,
    resumable: resumable ?? caller.resumable,
  };
}

const overruled = (header: CacheControl | undefined, cache: CacheWishes): CacheControl => ({
  mode: cache.mode ?? header?.mode ?? "default",
  ttlSeconds: cache.ttlSeconds ?? header?.ttlSeconds,
  maxAgeSeconds: cache.maxAgeSeconds ?? header?.maxAgeSeconds,
});

/** Of headers that are not of one call: those of a connection, or of a request that only reads on. */
export const withoutWishes = (caller: Caller): Caller => ({
  ...caller,
  idempotencyKey: undefined,
  cacheControl: undefined,
  resumable: undefined,
});
