// What an entry may say of cached answers.

import { z } from "zod";
import { maxCacheTtlSeconds } from "../core/call.ts";
import { cacheModes } from "./cache-modes.ts";
import { wholeNumber } from "./number-schema.ts";

export const cacheSchema = z.strictObject({
  mode: z.enum(cacheModes).optional(),
  ttlSeconds: wholeNumber(0, maxCacheTtlSeconds).optional(),
});

export const routeCacheSchema = cacheSchema.extend({
  staleIfErrorSeconds: wholeNumber(1, maxCacheTtlSeconds).optional(),
});
