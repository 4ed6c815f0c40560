// The one place where is checked what a caller wishes of a call beside its request, whatever front end it came by.

import { type CallOptions, maxCacheTtlSeconds } from "./call.ts";
import { invalidRequest } from "./errors.ts";
import { checkInteger } from "./field-rules.ts";

const idempotencyKey = /^[!-~](?:[ -~]{0,254}[!-~])?$/;

/** No other characters: a key is the same in a header, which has no others, and in a message. */
export const isIdempotencyKey = (text: string): boolean => idempotencyKey.test(text);

/** Says nothing of what was sent: it may be long, or hold characters that are not to be shown. */
export const wrongIdempotencyKey =
  "must have 1 to 256 visible ASCII characters, with spaces only between them";

/** In seconds. */
export const maxWishedAge = 2_147_483_647;

type Wishes = Pick<CallOptions, "cacheControl" | "idempotencyKey">;

/** @throws GatewayError `invalid_request` whose `field` is the path of the first fault */
export function checkWishes(wishes: Partial<Wishes>): void {
  const { cacheControl: cache, idempotencyKey: key } = wishes;
  if (cache !== undefined) {
    checkInteger("cache.ttlSeconds", cache.ttlSeconds, { min: 0, max: maxCacheTtlSeconds });
    checkInteger("cache.maxAgeSeconds", cache.maxAgeSeconds, { min: 0, max: maxWishedAge });
  }
  if (key !== undefined && !isIdempotencyKey(key))
    throw invalidRequest("idempotencyKey", wrongIdempotencyKey);
}
