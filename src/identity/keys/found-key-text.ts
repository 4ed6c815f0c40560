// What was found of a key as a text, for gateways that may be older or newer than this one: what is not exactly of this
// form is none.

import { z } from "zod";
import { isPermission, isRole, type Permission, type Role } from "../../core/access/permissions.ts";
import type { FoundKey } from "../../core/directory/directory-store.ts";

/** What was found, and when. */
export interface KeptKey {
  readonly found: FoundKey;
  /** Of the directory: what was changed by it is seen here. */
  readonly version: number;
  readonly untilMs: number;
}

/** JSON has no undefined, which is written as null, and no bigint, which is written as a text. */
export const textOf = (kept: KeptKey): string =>
  JSON.stringify(kept, (_, value: unknown) => {
    if (value === undefined) return null;
    return typeof value === "bigint" ? String(value) : value;
  });

/** Undefined: it is none. */
export function keptKeyIn(text: string): KeptKey | undefined {
  try {
    return keptSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const orAbsent = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

const nanos = z
  .string()
  .regex(/^-?\d{1,30}$/)
  .transform(BigInt);
const budget = z.strictObject({ hardNanos: orAbsent(nanos), softNanos: orAbsent(nanos) });
const limits = z.strictObject({
  requestsPerMinute: orAbsent(z.number()),
  tokensPerMinute: orAbsent(z.number()),
  concurrentStreams: orAbsent(z.number()),
});
const entry = { createdAtMs: z.number(), updatedAtMs: z.number(), version: z.number() };
const allowedLists = {
  allowedModels: orAbsent(z.array(z.string())),
  allowedProviders: orAbsent(z.array(z.string())),
};
const logging = z.strictObject({
  bodies: z.enum(["full", "metadata", "none"]),
  redact: z.boolean(),
  retentionDays: orAbsent(z.number()),
});

const tenant = z.strictObject({
  ...entry,
  ...allowedLists,
  id: z.string(),
  name: z.string(),
  contactEmail: orAbsent(z.string()),
  active: z.boolean(),
  timeZone: z.string(),
  limits,
  budget,
  logging: orAbsent(logging),
  cacheTtlSeconds: orAbsent(z.number()),
});

const user = z.strictObject({
  ...entry,
  id: z.string(),
  tenantId: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.custom<Role>((value) => typeof value === "string" && isRole(value)),
  active: z.boolean(),
  budget,
  hasPassword: z.boolean(),
  externalId: orAbsent(z.string()),
  lastLogInAtMs: orAbsent(z.number()),
  tokensEndedAtMs: orAbsent(z.number()),
});

const apiKey = z.strictObject({
  ...entry,
  ...allowedLists,
  id: z.string(),
  tenantId: z.string(),
  userId: orAbsent(z.string()),
  name: z.string(),
  prefix: z.string(),
  environment: z.enum(["live", "test"]),
  limits,
  budget,
  permissions: z.array(z.custom<Permission>((value) => typeof value === "string" && isPermission(value))),
  expiresAtMs: orAbsent(z.number()),
  active: z.boolean(),
  revokedAtMs: orAbsent(z.number()),
  lastUsedAtMs: orAbsent(z.number()),
  previousExpiresAtMs: orAbsent(z.number()),
});

const keyedHash = z.strictObject({ keyId: z.string(), hash: z.string() });
const credential = z.strictObject({
  hash: orAbsent(keyedHash),
  previousHash: orAbsent(keyedHash),
  bcryptHash: orAbsent(z.string()),
});

const keptSchema: z.ZodType<KeptKey> = z.strictObject({
  found: z.strictObject({ apiKey, credential, tenant, user: orAbsent(user) }),
  version: z.int(),
  untilMs: z.number(),
});
