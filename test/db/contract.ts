// What every database of records does, whichever it is.

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../../src/core/access/principal.ts";
import type { OpenedCall, Settlement } from "../../src/core/usage/ledger.ts";
import { epochMsOfId } from "../../src/core/ids.ts";
import type { Database } from "../../src/db/database.ts";
import { configurationIsAudited, configurationIsKept } from "./config-contract.ts";
import { idempotencyKeysAreKept } from "./idempotency-contract.ts";
import { pricesAreKept } from "./price-contract.ts";
import { oldContentIsForgotten } from "./retention-contract.ts";
import {
  attemptOf,
  idAt,
  newId,
  openedCall,
  principalOf,
  sampleUsage,
  settlementOf,
} from "./sample-records.ts";
import { spendIsExact } from "./spend-contract.ts";

/** Opens an empty database; `dispose` is called after it was closed. */
export interface DatabaseFixture {
  open(): Promise<Database>;
  dispose(): Promise<void>;
}

export const bodyKeepMaxBytes = 1000;

export function databaseContract(name: string, createFixture: () => Promise<DatabaseFixture>): void {
  describe(name, () => {
    let fixture: DatabaseFixture;
    let database: Database;
    beforeAll(async () => {
      fixture = await createFixture();
      database = await fixture.open();
    });
    afterAll(async () => {
      await database.close();
      await fixture.dispose();
    });
    // One database for all, as opening one takes its time; each test has its own tenant.
    beforeEach(() => {
      tenant = principalOf(`tenant-${newId()}`);
    });
    recordsAreKept(() => database);
    recordsAreWrittenOnce(() => database);
    recordsAreListed(() => database);
    bodiesAreKept(() => database);
    costsAreExact(() => database);
    pricesAreKept(() => database);
    configurationIsKept(() => database.configs);
    configurationIsAudited(() => database);
    spendIsExact(() => database);
    oldContentIsForgotten(() => database);
    idempotencyKeysAreKept(() => database);
  });
}

let tenant: Principal = principalOf("default");

const opened = (change: Partial<OpenedCall> = {}): OpenedCall =>
  openedCall({ tenantId: tenant.tenantId, ...change });

const withoutBody = <T extends object>(record: T): Omit<T, "requestBody" | "replyBody"> => {
  const { requestBody: _, replyBody: __, ...rest } = { requestBody: 0, replyBody: 0, ...record };
  return rest;
};

function recordsAreKept(database: () => Database): void {
  it("gives a settled call back with every field and its attempts in order", async () => {
    const { ledger, records } = database();
    const call = opened({ actingFrom: "home" });
    const bare = { skipCause: undefined, choice: undefined, failure: undefined };
    const second = attemptOf(call, { number: 2, reason: "fallback", status: "ok", ...bare });
    const first = attemptOf(call);
    ledger.open(call);
    ledger.attempt(second);
    ledger.attempt(first);
    ledger.settle(settlementOf(call));
    expect(await records.request(tenant, call.id)).toStrictEqual({
      ...withoutBody(call),
      ...withoutBody(settlementOf(call)),
      attemptRecords: [first, second],
    });
  });

  it("keeps whose answer a call was given and what that saved, known or not", async () => {
    const { ledger, records } = database();
    const savings: Pick<Settlement, "savedNanos" | "answeredFrom">[] = [
      { savedNanos: 2n ** 63n - 1n, answeredFrom: newId() },
      { savedNanos: 0n, answeredFrom: newId() },
      { savedNanos: null, answeredFrom: "no id; somebody else's cache" },
      { savedNanos: undefined, answeredFrom: undefined },
    ];
    for (const saved of savings) {
      const [atOnce, later] = [opened(), opened()];
      const ends = [atOnce, later].map((call) => settlementOf(call, { cacheStatus: "hit", ...saved }));
      ledger.open(later);
      await database().flush();
      ledger.open(atOnce);
      for (const end of ends) ledger.settle(end);
      for (const { id } of ends) expect(await records.request(tenant, id)).toMatchObject(saved);
    }
  });

  it("tells of an open call only what its beginning told", async () => {
    const { ledger, records } = database();
    const call = opened();
    ledger.open(call);
    const expected = { ...withoutBody(call), status: "open", attemptRecords: [] };
    expect(await records.request(tenant, call.id)).toStrictEqual(expected);
  });

  it("keeps what is absent as absent: an unknown cost is null, an unknown count is not zero", async () => {
    const { ledger, records } = database();
    const bare = {
      apiKeyId: undefined,
      userId: undefined,
      correlationId: undefined,
      traceId: undefined,
      idempotencyKey: undefined,
      modelAsked: undefined,
      useCase: undefined,
      labels: undefined,
      messageCount: undefined,
      inputChars: undefined,
      requestBody: undefined,
      loggingPolicy: "none",
    } as const;
    const call = opened(bare);
    const end = settlementOf(call, {
      usage: { input: { total: 0 }, output: {}, source: "estimated" },
      costNanos: null,
      timeToFirstTokenMs: undefined,
      outputChars: undefined,
      replyBody: undefined,
      losses: [],
    });
    ledger.open(call);
    ledger.attempt(attemptOf(call, { usage: undefined, costNanos: null, httpStatus: undefined }));
    ledger.settle(end);
    const record = await records.request(tenant, call.id);
    expect(record).toEqual({
      ...withoutBody(call),
      ...withoutBody(end),
      attemptRecords: [expect.anything()],
    });
    expect(record?.usage?.output).toStrictEqual({
      total: undefined,
      text: undefined,
      reasoning: undefined,
      audio: undefined,
    });
    expect(record?.attemptRecords[0]?.usage).toBeUndefined();
    expect(record?.attemptRecords[0]?.costNanos).toBeNull();
    expect(await records.bodies(tenant, call.id)).toBeUndefined();
  });

  it("shows a tenant nothing of another", async () => {
    const { ledger, records } = database();
    const call = opened({ tenantId: "red" });
    ledger.open(call);
    ledger.attempt(attemptOf(call));
    ledger.settle(settlementOf(call));
    const other = principalOf("blue");
    expect(await records.request(other, call.id)).toBeUndefined();
    expect(await records.bodies(other, call.id)).toBeUndefined();
    expect(await records.requests(other, { first: 10, filter: {} })).toEqual({ records: [], hasMore: false });
    expect((await records.request(principalOf("red"), call.id))?.attemptRecords).toHaveLength(1);
  });
}

function recordsAreWrittenOnce(database: () => Database): void {
  it("keeps the first settlement, in one batch and in later ones", async () => {
    const { ledger, records } = database();
    const call = opened();
    ledger.open(call);
    ledger.settle(settlementOf(call, { status: "ok" }));
    ledger.settle(settlementOf(call, { status: "failed" }));
    await records.request(tenant, call.id);
    ledger.settle(settlementOf(call, { status: "cancelled", replyBody: { other: true } }));
    expect((await records.request(tenant, call.id))?.status).toBe("ok");
    ledger.open(call);
    ledger.settle(settlementOf(call, { status: "cancelled" }));
    expect((await records.request(tenant, call.id))?.status).toBe("ok");
    expect((await records.bodies(tenant, call.id))?.reply).toBe(JSON.stringify(settlementOf(call).replyBody));
  });

  it("settles a call that was written while it was open", async () => {
    const { ledger, records } = database();
    const call = opened();
    ledger.open(call);
    await records.request(tenant, call.id);
    ledger.attempt(attemptOf(call));
    await records.request(tenant, call.id);
    ledger.settle(settlementOf(call));
    expect(await records.request(tenant, call.id)).toMatchObject({
      status: "failed",
      correlationId: "corr-1",
      attemptRecords: [{ number: 1 }],
    });
    expect(await records.bodies(tenant, call.id)).toMatchObject({
      request: JSON.stringify(call.requestBody),
      reply: JSON.stringify(settlementOf(call).replyBody),
    });
  });

  it("takes attempts and a settlement that come before the beginning", async () => {
    const { ledger, records } = database();
    const call = opened();
    const attempt = attemptOf(call);
    ledger.attempt(attempt);
    await records.request(tenant, call.id);
    ledger.attempt(attempt);
    ledger.settle(settlementOf(call));
    ledger.open(call);
    const record = await records.request(tenant, call.id);
    expect(record?.status).toBe("failed");
    expect(record?.attemptRecords).toHaveLength(1);
  });

  it("keeps a call whose texts no database may have room for", async () => {
    const { ledger, records } = database();
    const text = "a\0b\ud800c";
    const call = opened({ labels: { [text]: text }, correlationId: text, requestBody: { text } });
    ledger.open(call);
    ledger.attempt(attemptOf(call, { errorMessage: text }));
    ledger.settle(settlementOf(call, { losses: [{ field: text, detail: text }], replyBody: { text } }));
    const record = await records.request(tenant, call.id);
    expect(record).toMatchObject({ status: "failed", attemptRecords: [{ number: 1 }] });
    expect(record?.correlationId).toMatch(/^a.*c$/);
  });

  it("leaves out a call that no database can take, and counts it", async () => {
    const { ledger, records } = database();
    const refusedBefore = database().refused;
    const bad = opened();
    const good = opened();
    ledger.open(bad);
    ledger.settle(settlementOf(bad, { costNanos: 2n ** 70n }));
    ledger.open(good);
    expect(await records.request(tenant, good.id)).toBeDefined();
    expect(await records.request(tenant, bad.id)).toBeUndefined();
    expect(database().refused - refusedBefore).toBe(1);
  });
}

function recordsAreListed(database: () => Database): void {
  it("pages newest first through calls of the same millisecond, each once", async () => {
    const { ledger, records } = database();
    // One millisecond for all: only the rest of the ids tells them apart.
    const time = newId().slice(0, 13);
    const ids = Array.from({ length: 25 }, () => time + newId().slice(13));
    for (const id of ids) ledger.open(opened({ id }));
    expect(new Set(ids.map(epochMsOfId)).size).toBe(1);
    const seen: string[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await records.requests(tenant, { first: 10, after, filter: {} });
      seen.push(...page.records.map(({ id }) => id));
      if (!page.hasMore) break;
    }
    expect(seen).toEqual(ids.toSorted().toReversed());
  });

  it("gives each record of a page its own attempts", async () => {
    const { ledger, records } = database();
    const calls = [opened(), opened()];
    for (const call of calls) {
      ledger.open(call);
      ledger.attempt(attemptOf(call, { provider: `of-${call.id}` }));
    }
    const page = await records.requests(tenant, { first: 10, filter: {} });
    expect(page.records.map(({ id, attemptRecords }) => [id, attemptRecords.map((a) => a.provider)])).toEqual(
      calls.toReversed().map(({ id }) => [id, [`of-${id}`]]),
    );
  });

  it("takes 1 to 200 at a time and refuses a cursor that is no id", async () => {
    const { ledger, records } = database();
    for (let i = 0; i < 205; i++) ledger.open(opened());
    const lengthOf = async (first: number) =>
      (await records.requests(tenant, { first, filter: {} })).records.length;
    expect([await lengthOf(0), await lengthOf(-5), await lengthOf(Number.NaN)]).toEqual([1, 1, 1]);
    expect(await lengthOf(1000)).toBe(200);
    const wrong = records.requests(tenant, { first: 1, after: "'; drop", filter: {} });
    await expect(wrong).rejects.toMatchObject({ code: "invalid_request", field: "after" });
  });

  it("filters by each member, and by time from inclusive to exclusive", async () => {
    const { ledger, records } = database();
    const call = opened({ useCase: "mine", apiKeyId: "key-2", userId: "user-2", environment: "live" });
    const atMs = epochMsOfId(call.id);
    const earlier = opened({ id: idAt(atMs - 1) });
    const later = opened({ id: idAt(atMs + 1) });
    const change = { status: "ok", provider: "p", model: "m", route: "r" } as const;
    const own = { useCase: "mine", apiKeyId: "key-2", userId: "user-2" };
    for (const other of [earlier, later]) {
      ledger.open(other);
      ledger.settle(settlementOf(other));
    }
    ledger.open(call);
    ledger.settle(settlementOf(call, change));
    const idsOf = async (filter: object) =>
      (await records.requests(tenant, { first: 10, filter })).records.map(({ id }) => id);
    expect(await idsOf({ environment: "live" })).toEqual([call.id]);
    expect(await idsOf({ environment: "test" })).toEqual([later.id, earlier.id]);
    for (const [member, value] of Object.entries({ ...change, ...own })) {
      expect(await idsOf({ [member]: value }), member).toEqual([call.id]);
      expect(await idsOf({ [member]: "none" }), member).toEqual([]);
    }
    expect(await idsOf({ fromMs: atMs, toMs: atMs + 1 })).toEqual([call.id]);
    expect(await idsOf({ toMs: atMs })).toEqual([earlier.id]);
    expect(await idsOf({ fromMs: atMs + 1 })).toEqual([later.id]);
  });

  it("takes whatever text is asked for as a text", async () => {
    const { ledger, records } = database();
    const texts = ["'; drop table requests; --", "\\' or 1=1 --", "%_", "$1 ? :a {}", "😀", "line\nline"];
    for (const useCase of texts) ledger.open(opened({ useCase }));
    for (const useCase of texts) {
      const page = await records.requests(tenant, { first: 10, filter: { useCase } });
      expect(page.records.map((record) => record.useCase)).toEqual([useCase]);
    }
    const odd = ["x\0y", "\ud800", "x".repeat(100_000)];
    for (const id of [...odd, "", "1", "00000000-0000-4000-8000-000000000000", "' or 1=1"]) {
      expect(await records.request(tenant, id)).toBeUndefined();
      expect(await records.bodies(tenant, id)).toBeUndefined();
    }
    for (const useCase of odd) {
      expect(await records.requests(tenant, { first: 10, filter: { useCase } })).toMatchObject({
        records: [],
      });
    }
  });
}

function bodiesAreKept(database: () => Database): void {
  it("cuts a body at a character's boundary and says so", async () => {
    const { ledger, records } = database();
    const requestBody = { text: "ä€😀".repeat(200) };
    const call = opened({ requestBody });
    ledger.open(call);
    ledger.settle(settlementOf(call, { replyBody: { text: "short" } }));
    const bodies = await records.bodies(tenant, call.id);
    expect(bodies).toMatchObject({ requestCut: true, reply: '{"text":"short"}', replyCut: false });
    const kept = bodies?.request ?? "";
    expect(JSON.stringify(requestBody).startsWith(kept)).toBe(true);
    const bytes = Buffer.byteLength(kept);
    expect(bytes).toBeLessThanOrEqual(bodyKeepMaxBytes);
    expect(bytes).toBeGreaterThan(bodyKeepMaxBytes - 4);
    expect(kept.isWellFormed()).toBe(true);
  });

  it("keeps a body of exactly the limit whole", async () => {
    const { ledger, records } = database();
    const text = "x".repeat(bodyKeepMaxBytes - '{"a":""}'.length);
    const call = opened({ requestBody: { a: text } });
    ledger.open(call);
    expect(await records.bodies(tenant, call.id)).toEqual({
      request: JSON.stringify({ a: text }),
      requestCut: false,
      reply: undefined,
      replyCut: false,
    });
  });
}

function costsAreExact(database: () => Database): void {
  it("keeps costs and counts exactly, to the ends of their range", async () => {
    const { ledger, records } = database();
    const cost = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const property = fc.asyncProperty(cost, count, async (costNanos, total) => {
      const call = opened();
      const usage = { ...sampleUsage, input: { total } };
      ledger.open(call);
      ledger.attempt(attemptOf(call, { costNanos, usage }));
      ledger.settle(settlementOf(call, { costNanos, usage }));
      const record = await records.request(tenant, call.id);
      expect(record?.costNanos).toBe(costNanos);
      expect(record?.attemptRecords[0]?.costNanos).toBe(costNanos);
      expect(record?.usage?.input.total).toBe(total);
    });
    await fc.assert(property, { numRuns: 50, examples: [[2n ** 63n - 1n, Number.MAX_SAFE_INTEGER]] });
  });
}
