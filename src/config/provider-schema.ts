// What a provider's entry may say, in the YAML file and at run time.

import { z } from "zod";
import { vendorNameSchema } from "./entry-name.ts";
import { wholeNumber } from "./number-schema.ts";
import { breakerSchema, maxConcurrentSchema, providerTimeoutsSchema } from "./policy-schema.ts";

export const prioritySchema = z.int().min(-1_000_000).max(1_000_000);

const secret = z.string().min(1);

// What further keys there may be depends on the kind.
export const providerSchema = z.looseObject({
  kind: z.string(),
  apiKey: z.string().optional(),
  apiKeys: z.array(secret).min(1).max(100).optional(),
  baseUrl: z.string().min(1).optional(),
  model: vendorNameSchema.optional(),
  models: z.array(vendorNameSchema).optional(),
  priority: prioritySchema.optional(),
  api: z.string().optional(),
  breaker: breakerSchema.optional(),
  timeouts: providerTimeoutsSchema.optional(),
  maxConcurrent: maxConcurrentSchema.optional(),
  test: z.boolean().optional(),
  probe: z
    .strictObject({
      intervalSeconds: wholeNumber(1, 86_400).default(30),
      timeoutMs: wholeNumber(1, 60_000).default(5_000),
    })
    .optional(),
});

export type ProviderEntry = z.infer<typeof providerSchema>;

/** Those that every kind has. */
export const providerKeys: readonly string[] = Object.keys(providerSchema.shape);

const secretKeys: ReadonlySet<PropertyKey> = new Set(["apiKey", "apiKeys"]);

/** What only the kind has may be a secret too. */
export const mayShowOfProvider = ([member = ""]: readonly PropertyKey[]): boolean =>
  !secretKeys.has(member) && Object.hasOwn(providerSchema.shape, member);
