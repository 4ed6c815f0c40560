// Values that PostgreSQL has no room for as they are.

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Principal } from "../../src/core/access/principal.ts";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { storableJson, storableText, storableValue } from "../../src/db/storable-text.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { attemptOf, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";

let database: Database;
let tenant: Principal;
const bodyKeepMaxBytes = 256 * 1024;
beforeAll(async () => {
  const url = await createTestDatabase();
  database = await createDatabase({
    url,
    bodyKeepMaxBytes,
    queueMax: 1000,
    clock: systemClock,
    warn: () => {},
  });
});
afterAll(() => database.close());
beforeEach(() => {
  tenant = principalOf(`tenant-${newId()}`);
});
const opened = (change: object) => openedCall({ tenantId: tenant.tenantId, ...change });

/** Half a surrogate pair, a NUL, and texts that only speak of such. */
const text = "a\0b\ud800c\udc00d \\u0000 \\\\ud800 😀";
const kept = "a\ufffdb\ufffdc\ufffdd \\u0000 \\\\ud800 😀";

it("texts with NUL characters and halves of surrogate pairs are kept with U+FFFD in their place", async () => {
  const { ledger, records } = database;
  const call = opened({ labels: { [text]: text }, useCase: text, userId: text, requestBody: { text } });
  const good = opened({});
  ledger.open(call);
  ledger.open(good);
  ledger.attempt(attemptOf(call, { errorMessage: text, upstreamRequestId: text }));
  ledger.settle(settlementOf(call, { losses: [{ field: text, detail: text }], replyBody: { text } }));
  const record = await records.request(tenant, call.id);
  expect(record).toMatchObject({
    labels: { [kept]: kept },
    useCase: kept,
    userId: kept,
    losses: [{ field: kept, detail: kept }],
  });
  expect(record?.attemptRecords).toMatchObject([{ errorMessage: kept, upstreamRequestId: kept }]);
  // Bodies are JSON texts, in which such characters are escapes.
  expect(JSON.parse((await records.bodies(tenant, call.id))?.request ?? "")).toEqual({ text });
  expect(JSON.parse((await records.bodies(tenant, call.id))?.reply ?? "")).toEqual({ text });
  expect((await records.request(tenant, good.id))?.status).toBe("open");
  const found = await records.requests(tenant, { first: 10, filter: { useCase: text } });
  expect(found.records.map(({ id }) => id)).toEqual([call.id]);
});

it("a call that PostgreSQL refuses for its values keeps no other out", async () => {
  const { ledger, records } = database;
  const before = database.refused;
  const calls = Array.from({ length: 20 }, () => opened({}));
  for (const [index, call] of calls.entries()) {
    ledger.open(call);
    ledger.attempt(attemptOf(call, index === 7 ? { httpStatus: 2 ** 40 } : {}));
    ledger.settle(settlementOf(call, index === 3 ? { latencyMs: Number.NaN, outputChars: 0.5 } : {}));
  }
  const page = await records.requests(tenant, { first: 100, filter: {} });
  expect(page.records).toHaveLength(18);
  expect(page.records.every(({ attemptRecords }) => attemptRecords.length === 1)).toBe(true);
  expect(database.refused - before).toBe(2);
  expect(database.problems().join()).not.toMatch(/cannot be written/);
});

it("huge values are kept, in batches that are written piece by piece", async () => {
  const { ledger, records } = database;
  const errorMessage = "é".repeat(5_000_000);
  const calls = Array.from({ length: 12 }, (_, index) =>
    opened({
      requestBody: { text: `${index}`.padEnd(bodyKeepMaxBytes / 2, "x") },
      labels: { long: "y".repeat(1e5) },
    }),
  );
  for (const call of calls) {
    ledger.open(call);
    ledger.attempt(attemptOf(call, call === calls[0] ? { errorMessage } : {}));
    ledger.settle(settlementOf(call, { replyBody: { text: "z".repeat(bodyKeepMaxBytes * 2) } }));
  }
  const page = await records.requests(tenant, { first: 100, filter: {} });
  expect(page.records).toHaveLength(12);
  expect(page.records.at(-1)?.attemptRecords[0]?.errorMessage).toBe(errorMessage);
  for (const call of calls) {
    const bodies = await records.bodies(tenant, call.id);
    expect(bodies?.request).toBe(JSON.stringify(call.requestBody));
    expect(bodies).toMatchObject({ requestCut: false, replyCut: true });
  }
});

it("a JSON text is made storable as the values in it are", () => {
  const units = ["\0", "\ud800", "\udfff", "u0000", "ud800", '"', "a", "\n", "😀", "\ufffd"];
  // JSON.parse of V8 13.6 may take a key that is written with an escape for an earlier one that holds a backslash:
  // after {"\\":0} comes {"\n":0} out the same. So backslashes are in values alone.
  const key = fc.string({ unit: fc.constantFrom(...units) });
  const string = fc.string({ unit: fc.constantFrom("\\", ...units) });
  const value = fc.object({ key, values: [string, fc.integer(), fc.constant(null)], maxDepth: 3 });
  const property = fc.property(value, (sample) => {
    const json = storableJson(JSON.stringify(sample));
    expect(JSON.parse(json)).toEqual(storableValue(JSON.parse(JSON.stringify(sample))));
    expect(json.isWellFormed()).toBe(true);
  });
  fc.assert(property, { numRuns: 300 });
  expect(storableText("plain \\u0000 text")).toBe("plain \\u0000 text");
});
