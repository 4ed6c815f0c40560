import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permissions, roles } from "../../../src/core/access/permissions.ts";
import type { FoundKey } from "../../../src/core/directory/directory-store.ts";
import { keptKeyIn, textOf } from "../../../src/identity/keys/found-key-text.ts";

const orAbsent = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.string({ unit: "binary", maxLength: 20 });
const count = fc.nat();
const lists = orAbsent(fc.array(text, { maxLength: 3 }));
const entry = { createdAtMs: count, updatedAtMs: count, version: count };
const budget = fc.record({
  hardNanos: orAbsent(fc.bigInt({ min: 0n, max: 2n ** 80n })),
  softNanos: orAbsent(fc.bigInt({ min: 0n, max: 2n ** 80n })),
});
const limits = fc.record({
  requestsPerMinute: orAbsent(count),
  tokensPerMinute: orAbsent(count),
  concurrentStreams: orAbsent(count),
});
const hash = orAbsent(fc.record({ keyId: text, hash: text }));

const found: fc.Arbitrary<FoundKey> = fc.record({
  apiKey: fc.record({
    ...entry,
    allowedModels: lists,
    allowedProviders: lists,
    id: text,
    tenantId: text,
    userId: orAbsent(text),
    name: text,
    prefix: text,
    environment: fc.constantFrom("live", "test"),
    limits,
    budget,
    permissions: fc.subarray([...permissions]),
    expiresAtMs: orAbsent(count),
    active: fc.boolean(),
    revokedAtMs: orAbsent(count),
    lastUsedAtMs: orAbsent(count),
    previousExpiresAtMs: orAbsent(count),
  }),
  credential: fc.record({ hash, previousHash: hash, bcryptHash: orAbsent(text) }),
  tenant: fc.record({
    ...entry,
    allowedModels: lists,
    allowedProviders: lists,
    id: text,
    name: text,
    contactEmail: orAbsent(text),
    active: fc.boolean(),
    timeZone: text,
    limits,
    budget,
    logging: orAbsent(
      fc.record({
        bodies: fc.constantFrom("full", "metadata", "none"),
        redact: fc.boolean(),
        retentionDays: orAbsent(count),
      }),
    ),
    cacheTtlSeconds: orAbsent(count),
  }),
  user: orAbsent(
    fc.record({
      ...entry,
      id: text,
      tenantId: text,
      email: text,
      name: text,
      role: fc.constantFrom(...roles),
      active: fc.boolean(),
      budget,
      hasPassword: fc.boolean(),
      externalId: orAbsent(text),
      lastLogInAtMs: orAbsent(count),
      tokensEndedAtMs: orAbsent(count),
    }),
  ),
});
const kept = fc.record({ found, version: count, untilMs: count });

describe("what was found of a key", () => {
  it("is the same after it was a text, whatever it is", () => {
    fc.assert(
      fc.property(kept, (each) => {
        expect(keptKeyIn(textOf(each))).toEqual(each);
      }),
    );
  });

  it("is none with a member too many, too few or of another kind", () => {
    fc.assert(
      fc.property(kept, (each) => {
        const { apiKey } = each.found;
        const wrong: readonly unknown[] = [
          { ...each, more: 1 },
          { ...each, version: "1" },
          { ...each, found: { ...each.found, apiKey: { ...apiKey, permissions: ["everything"] } } },
          { ...each, found: { ...each.found, apiKey: { ...apiKey, active: 1 } } },
          { ...each, found: { ...each.found, apiKey: { ...apiKey, newLimit: 1 } } },
          { ...each, found: { ...each.found, tenant: undefined } },
        ];
        const written = wrong.map((value) =>
          JSON.stringify(value, (_, member: unknown) =>
            typeof member === "bigint" ? String(member) : member,
          ),
        );
        expect(written.map(keptKeyIn)).toEqual(wrong.map(() => undefined));
      }),
    );
  });

  it("is none in any other text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (any) => {
        expect(keptKeyIn(any)).toBeUndefined();
      }),
    );
  });
});
