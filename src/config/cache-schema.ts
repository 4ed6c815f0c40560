// What an entry may say of cached answers.

import { z } from "zod";
import {
  defaultSemanticThreshold,
  type SemanticMode,
  semanticThresholdRange,
} from "../core/cache/semantic/semantic-policy.ts";
import { maxCacheTtlSeconds } from "../core/call.ts";
import { cacheModes } from "./cache-modes.ts";
import { nameSchema, vendorNameSchema } from "./entry-name.ts";
import { numberFrom, wholeNumber } from "./number-schema.ts";

export const cacheSchema = z.strictObject({
  mode: z.enum(cacheModes).optional(),
  ttlSeconds: wholeNumber(0, maxCacheTtlSeconds).optional(),
});

const semanticSchema = z.strictObject({
  embedding: z.strictObject({ provider: nameSchema, model: vendorNameSchema }),
  threshold: numberFrom(semanticThresholdRange.min, semanticThresholdRange.max).default(
    defaultSemanticThreshold,
  ),
  mode: z.enum(["shadow", "serve"] satisfies readonly SemanticMode[]).default("shadow"),
  ttlSeconds: wholeNumber(1, maxCacheTtlSeconds).optional(),
});

export const routeCacheSchema = cacheSchema.extend({
  staleIfErrorSeconds: wholeNumber(1, maxCacheTtlSeconds).optional(),
  semantic: semanticSchema.optional(),
});
