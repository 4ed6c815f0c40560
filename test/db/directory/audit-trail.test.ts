// Trails of any entries, and anything that somebody without the key may do to one: on a database in this thread.

import { createHmac } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { NewAuditEntry } from "../../../src/core/directory/audit.ts";
import { appendAudit } from "../../../src/db/directory/append-audit.ts";
import { entryHash, hashBeforeFirst } from "../../../src/db/directory/audit-chain.ts";
import { verifyAuditPage } from "../../../src/db/directory/verify-audit.ts";
import type { DatabaseAccess } from "../../../src/db/database-access.ts";
import { createSqliteAccess } from "../../../src/db/sqlite-access.ts";
import { type OpenSqlite, openSqlite } from "../../../src/db/sqlite-open.ts";
import { storableValue } from "../../../src/db/storable-text.ts";
import { auditOf, currentAuditKey, newSlug, previousAuditKey } from "../sample-directory.ts";

const auditKeys = [currentAuditKey, previousAuditKey];

let database: OpenSqlite;
let access: DatabaseAccess;
beforeAll(async () => {
  database = await openSqlite(undefined, true);
  access = createSqliteAccess(database.native, () => undefined);
  for (const event of ["update", "delete"]) database.native.exec(`drop trigger audit_logs_no_${event}`);
});
afterAll(() => database.close());

const append = (entries: readonly NewAuditEntry[], keys = auditKeys) =>
  access.change(async (run) => {
    await appendAudit(run, { entries, keys, epochMs: 1 });
    return { keep: true, value: undefined };
  });
const verify = (tenantId: string) =>
  verifyAuditPage(access, { tenantId, auditKeys, after: undefined, unchecked: undefined });

const text = () => fc.string({ unit: "binary", maxLength: 12 });
const absent = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const details = () =>
  absent(
    fc
      .dictionary(text(), fc.jsonValue({ maxDepth: 2 }))
      .map((value): NonNullable<NewAuditEntry["after"]> => JSON.parse(JSON.stringify(value))),
  );

const anyEntry = (): fc.Arbitrary<Omit<NewAuditEntry, "id" | "tenantId">> =>
  fc.record({
    atMs: fc.nat({ max: 2 ** 45 }),
    kind: fc.constantFrom("change", "log_in", "refused_credential", "decision"),
    action: text(),
    actor: fc.record({
      type: fc.constantFrom("user", "api_key", "keyless", "system", "unknown"),
      id: absent(text()),
    }),
    target: absent(fc.record({ type: text(), id: text() })),
    before: details(),
    after: details(),
    origin: fc.record({ address: absent(text()), correlationId: absent(text()) }),
    count: fc.integer({ min: 1, max: 1_000_000 }),
  });

it("is whole as it was written, in any pieces and under either key", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(anyEntry(), { minLength: 1, maxLength: 4 }), fc.boolean()), {
        maxLength: 4,
      }),
      async (pieces) => {
        const tenantId = newSlug();
        for (const [entries, isOld] of pieces) {
          const made = entries.map((entry) => auditOf(tenantId, entry));
          await append(storableValue(made), isOld ? auditKeys.toReversed() : auditKeys);
        }
        const count = pieces.flatMap(([entries]) => entries).length;
        expect(await verify(tenantId)).toEqual({
          tenantId,
          entries: count,
          intact: true,
          problem: undefined,
          unchecked: undefined,
        });
      },
    ),
    { numRuns: 50 },
  );
});

const length = 6;
const place = () => fc.integer({ min: 1, max: length });
const inTrail = "where tenant_id = ?";

/** What is done to a trail: statements with their values, after the tenant's. */
type Deed = readonly (readonly [sql: string, ...values: readonly (number | string)[]])[];
const deeds = (): fc.Arbitrary<Deed> =>
  fc.oneof(
    place().map((n): Deed => [[`delete from audit_logs ${inTrail} and sequence = ?`, n]]),
    place().map((n): Deed => [[`delete from audit_logs ${inTrail} and sequence >= ?`, n]]),
    fc
      .tuple(
        place(),
        fc.constantFrom("action", "kind", "actor_id", "before", "hash", "key_id", "correlation_id"),
      )
      .map(([n, column]): Deed => [
        [`update audit_logs set ${column} = '{"x":1}' ${inTrail} and sequence = ?`, n],
      ]),
    fc
      .tuple(place(), fc.constantFrom("created_at", "updated_at", "count", "sequence"))
      .map(([n, column]): Deed => [
        [`update audit_logs set ${column} = ${column} + 100 ${inTrail} and sequence = ?`, n],
      ]),
    fc
      .tuple(place(), place())
      .filter(([a, b]) => a !== b)
      .map(([a, b]): Deed => [
        [`update audit_logs set sequence = -1 ${inTrail} and sequence = ?`, a],
        [`update audit_logs set sequence = ${a} ${inTrail} and sequence = ?`, b],
        [`update audit_logs set sequence = ${b} ${inTrail} and sequence = ?`, -1],
      ]),
    fc
      .constantFrom(
        "sequence = sequence - 1",
        "hash = mac",
        "mac = hash",
        "key_id = iif(key_id = 'audit-1', 'audit-2', 'audit-1')",
      )
      .map((assignment): Deed => [[`update audit_heads set ${assignment} ${inTrail}`]]),
  );

it("is not whole after anything that somebody does to it, and stays so when it goes on", async () => {
  await fc.assert(
    fc.asyncProperty(deeds(), fc.nat({ max: length }), async (deed, old) => {
      const tenantId = newSlug();
      const entriesOf = (count: number) => Array.from({ length: count }, () => auditOf(tenantId));
      await append(entriesOf(old), auditKeys.toReversed());
      await append(entriesOf(length - old));
      for (const [sql, ...values] of deed) database.native.prepare(sql).run(tenantId, ...values);
      expect(await verify(tenantId)).toMatchObject({ intact: false, problem: expect.stringMatching(/ \d/) });
      // Where the end was set back, the database itself refuses what would be written there.
      await append([auditOf(tenantId)]).catch(() => undefined);
      expect(await verify(tenantId)).toMatchObject({ intact: false, problem: expect.stringMatching(/ \d/) });
    }),
    { numRuns: 100 },
  );
});

it("has the hash that a program of somebody else's makes from the entry as it is listed", () => {
  const entry = {
    ...auditOf("acme", {
      id: "018f-1",
      actor: { type: "user", id: "u" },
      target: { type: "api_key", id: "k" },
    }),
    sequence: 1,
    sealBefore: undefined,
  };
  const canonical =
    `{"action":"api_key.create","actor":{"id":"u","type":"user"},"after":{"limits":{"a":[1,null,"ü"],` +
    `"tokensPerMinute":1000},"name":"Backend"},"atMs":1700000000123,"count":1,"id":"018f-1","keyId":"audit-2",` +
    `"kind":"change","origin":{"address":"192.0.2.7","correlationId":"corr-1"},"sequence":1,"target":{"id":"k",` +
    `"type":"api_key"},"tenantId":"acme"}`;
  const expected = createHmac("sha256", currentAuditKey.key)
    .update(`${"0".repeat(64)}\n${canonical}`)
    .digest("hex");
  expect(entryHash(currentAuditKey, hashBeforeFirst, entry)).toBe(expected);
  const noted = createHmac("sha256", currentAuditKey.key)
    .update(`${"0".repeat(64)}\n${canonical.replace('"sequence"', '"sealBefore":"audit-1:ab","sequence"')}`)
    .digest("hex");
  expect(entryHash(currentAuditKey, hashBeforeFirst, { ...entry, sealBefore: "audit-1:ab" })).toBe(noted);
});
