// Usage reports of a generated month, on each database, against a plain recomputation.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttemptRecord } from "../../src/core/usage/ledger.ts";
import type { UsageQuestion, UsageReport } from "../../src/core/usage/usage-report.ts";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { noRecords } from "../support/no-records.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { recompute, type StatusOf } from "./recompute-usage.ts";
import { reportDifferences } from "./report-differences.ts";
import { attemptOf, idAt, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";
import { generateQuestions, wholeMonth } from "./usage-questions.ts";
import { generateMonth, writeCall } from "./usage-month.ts";
import { keylessPrincipal } from "../support/principals.ts";

const month = generateMonth(6000, 20260301);
/** Calls before it that are left open are interrupted when the database is opened again. */
const openedAgainAt = 5000;
const before = new Set(month.slice(0, openedAgainAt));
const statusOf: StatusOf = (call) => call.settlement?.status ?? (before.has(call) ? "interrupted" : "open");

const everyone = keylessPrincipal;

const open = (url: string) =>
  createDatabase({
    url,
    bodyKeepMaxBytes: 1000,
    queueMax: 20_000,
    clock: systemClock,
    warn: (message) => {
      throw new Error(message);
    },
  });

async function writeMonth(url: string): Promise<Database> {
  const first = await open(url);
  for (const call of before) writeCall(first.ledger, call);
  await first.close();
  const database = await open(url);
  for (const call of month.slice(openedAgainAt)) writeCall(database.ledger, call);
  return database;
}

let folder: string;
const databases = new Map<string, Database>();
const databaseOf = (name: string): Database => {
  const database = databases.get(name);
  if (database === undefined) throw new Error(`${name} is not open.`);
  return database;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-usage-"));
  const [sqlite, postgres] = await Promise.all([
    writeMonth(`sqlite:${join(folder, "sluice.db")}`),
    createTestDatabase().then(writeMonth),
  ]);
  databases.set("SQLite", sqlite).set("PostgreSQL", postgres);
  // Both at the same time: they count in a thread and a process of their own.
  for (const name of databases.keys()) void reportsOf(name);
}, 60_000);
afterAll(async () => {
  for (const database of databases.values()) await database.close();
  await rm(folder, { recursive: true });
});

const questions = generateQuestions(month, 7).map((question) => ({
  question,
  expected: recompute(month, question, statusOf),
}));

const noReport: UsageReport = await noRecords.usage(everyone, wholeMonth);
const reports = new Map<string, Promise<UsageReport[]>>();

/** Of all questions, each asked once. */
function reportsOf(name: string): Promise<UsageReport[]> {
  const asked = reports.get(name) ?? askAll(databaseOf(name));
  reports.set(name, asked);
  return asked;
}

async function askAll({ records }: Database): Promise<UsageReport[]> {
  const answered: UsageReport[] = [];
  for (const { question } of questions) answered.push(await records.usage(everyone, question));
  return answered;
}

describe.each(["SQLite", "PostgreSQL"])("%s", (name) => {
  test("gives what a plain recomputation gives, at every edge, zone, filter and grouping", async () => {
    const answered = await reportsOf(name);
    for (const [index, { question, expected }] of questions.entries()) {
      const report = answered[index] ?? noReport;
      expect({ question, differences: reportDifferences(report, question, expected) }).toEqual({
        question,
        differences: [],
      });
    }
  }, 60_000);

  test("shows a tenant its own calls alone, whatever it asks for", async () => {
    const { records } = databaseOf(name);
    const red = principalOf("red");
    const ownCalls = month.filter(({ opened }) => opened.tenantId === "red");
    const question: UsageQuestion = { ...wholeMonth, groupBy: ["tenant", "user"], interval: "day" };
    const byProvider: UsageQuestion = { ...wholeMonth, groupBy: ["provider", "tenant"] };
    for (const each of [question, byProvider]) {
      const expected = recompute(ownCalls, each, statusOf);
      expect(reportDifferences(await records.usage(red, each), each, expected)).toEqual([]);
    }
    const both = { ...question, filter: { tenants: ["blue", "red"] } };
    expect(await records.usage(red, both)).toEqual(await records.usage(red, question));
    const foreign = await records.usage(red, { ...question, filter: { tenants: ["blue"] } });
    expect(foreign).toMatchObject({ totals: { calls: 0n, costNanos: null }, groups: [], warnings: [] });
    const nobody = await records.usage(principalOf("nobody"), question);
    expect(nobody).toMatchObject({ totals: { calls: 0n }, groups: [] });
    const blue = month.find(({ opened }) => opened.tenantId === "blue");
    expect(await records.request(red, blue?.opened.id ?? "")).toBeUndefined();
    const page = await records.requests(red, { first: 5, filter: { tenant: "blue" } });
    expect(page).toEqual({ records: [], hasMore: false });
  });

  test("knows what calls cost that were given another one's answer, and what that saved, of tokens nothing", async () => {
    const { ledger, records } = databaseOf(name);
    const tenantId = `served-${newId()}`;
    // Long before the month of the others.
    const fromMs = Date.UTC(2020, 0);
    const toMs = fromMs + 1000;
    const hit = { status: "ok", errorCode: undefined, cacheStatus: "hit", attempts: 0 } as const;
    const given = { usage: undefined, costNanos: 0n, answeredFrom: newId() };
    for (const savedNanos of [2n ** 63n - 1n, 2n ** 63n - 1n, null]) {
      const call = openedCall({ tenantId, id: idAt(fromMs + 1) });
      ledger.open(call);
      ledger.settle(settlementOf(call, { ...hit, ...given, savedNanos, route: "given" }));
    }
    const own = openedCall({ tenantId, id: idAt(fromMs + 2) });
    ledger.open(own);
    ledger.attempt(attemptOf(own, { costNanos: 7n }));
    ledger.settle(settlementOf(own, { costNanos: 7n, attempts: 1, route: "own" }));
    const question: UsageQuestion = {
      ...wholeMonth,
      fromMs,
      toMs,
      groupBy: ["route"],
      filter: {},
    };
    const report = await records.usage(principalOf(tenantId), question);
    expect(report.warnings).toEqual([]);
    const saved = { cacheHits: 3n, savedNanos: 2n ** 64n - 2n, unpriced: 0n };
    expect(report.totals).toMatchObject({ ...saved, calls: 4n, costNanos: 7n, tokens: { input: 100n } });
    expect(report.groups.map(({ key, figures }) => [key.route, figures])).toMatchObject([
      ["given", { ...saved, attempts: 0n, costNanos: 0n, tokens: { input: undefined, output: undefined } }],
      ["own", { cacheHits: 0n, savedNanos: null, unpriced: 0n, costNanos: 7n, tokens: { output: 50n } }],
    ]);
    const byModel = await records.usage(principalOf(tenantId), { ...question, groupBy: ["model"] });
    expect(byModel.groups).toMatchObject([{ figures: { calls: 1n, savedNanos: null, costNanos: 7n } }]);
    const keys = await records.usageByKey(principalOf(tenantId), {
      fromMs,
      toMs,
    });
    expect(keys.keys).toMatchObject([{ requests: 4n, costNanos: 7n, inputTokens: 100n }]);
  });

  test("shows whoever is served without a key the records of all tenants", async () => {
    const { records } = databaseOf(name);
    const ids = month.map(({ opened }) => opened.id).toReversed();
    const page = await records.requests(everyone, { first: 50, filter: {} });
    expect(page.records.map(({ id }) => id)).toEqual(ids.slice(0, 50));
    const next = await records.requests(everyone, { first: 50, after: ids[49], filter: {} });
    expect(next.records.map(({ id }) => id)).toEqual(ids.slice(50, 100));
    expect(next.records[0]?.attemptRecords).toHaveLength(month.at(-51)?.attempts.length ?? -1);
    const [toMs, fromMs] = [month[2000]?.opened.createdAtMs ?? 0, month[1990]?.opened.createdAtMs ?? 0];
    const between = await records.requests(everyone, { first: 50, filter: { fromMs, toMs } });
    expect(between.records.map(({ id }) => id)).toEqual(
      month
        .slice(1990, 2000)
        .map(({ opened }) => opened.id)
        .toReversed(),
    );
    const blue = await records.requests(everyone, { first: 50, filter: { tenant: "blue" } });
    expect(new Set(blue.records.map(({ tenantId }) => tenantId))).toEqual(new Set(["blue"]));
    expect(await records.request(everyone, ids[0] ?? "")).toMatchObject({ id: ids[0] });
  });

  test("counts no attempt at a target that was passed over", async () => {
    const { ledger, records } = databaseOf(name);
    const tenantId = "passed-over";
    const opened = openedCall({ tenantId });
    const skipped = attemptOf(opened, { number: 2, status: "skipped", reason: "fallback", provider: "p" });
    const attempts = [
      attemptOf(opened, { status: "failed", provider: "q", costNanos: 5n }),
      { ...skipped, usage: undefined, costNanos: 0n },
    ];
    writeCall(ledger, { opened, attempts, settlement: settlementOf(opened, { attempts: 1, costNanos: 5n }) });
    const range = { fromMs: opened.createdAtMs, toMs: opened.createdAtMs + 1, timeZone: "UTC" };
    const ask = (groupBy: UsageQuestion["groupBy"], filter: UsageQuestion["filter"] = {}) =>
      records.usage(principalOf(tenantId), { ...range, groupBy, filter });
    const { totals, groups } = await ask(["provider"]);
    expect(totals).toMatchObject({ calls: 1n, attempts: 1n, fallbacks: 0n });
    expect(groups).toMatchObject([
      { key: { provider: "q" }, figures: { calls: 1n, attempts: 1n, fallbacks: 0n, costNanos: 5n } },
    ]);
    expect((await ask([], { providers: ["p"] })).totals).toMatchObject({ calls: 0n, attempts: 0n });
  });

  test("names the models whose price is wanting, those of most attempts first", async () => {
    const { ledger, records } = databaseOf(name);
    const principal = principalOf("unpriced");
    const range = { fromMs: Date.now() - 600_000, toMs: Date.now() + 600_000, timeZone: "UTC" };
    const question: UsageQuestion = { ...range, groupBy: [], filter: {} };
    const add = (change: Partial<AttemptRecord>) => {
      const call = openedCall({ tenantId: principal.tenantId, requestBody: undefined });
      const attempt = attemptOf(call, { costNanos: null, ...change });
      const { costNanos, usage } = attempt;
      const settlement = settlementOf(call, { costNanos, usage, attempts: 1, replyBody: undefined });
      writeCall(ledger, { opened: call, attempts: [attempt], settlement });
    };
    add({ costNanos: 5n });
    expect((await records.usage(principal, question)).warnings).toEqual([]);
    add({ usage: undefined });
    expect((await records.usage(principal, question)).warnings).toEqual([
      "1 cost is not known and not in the sums: the providers did not tell what was used.",
    ]);
    for (const model of ["m7", "m6", "m5", "m4", "m3", "m2", "m1", "m7", "m1", "m1"]) {
      add({ provider: "p", model });
    }
    const report = await records.usage(principal, question);
    expect(report.warnings).toEqual([
      "11 costs are not known and not in the sums, for want of a price of p/m1, p/m7, p/m2, p/m3, p/m4 and 2 " +
        "more. Give them a price under `prices` in sluice.yaml.",
    ]);
    expect(report.totals).toMatchObject({ calls: 12n, unpriced: 11n, costNanos: 5n });
    const filtered = { ...question, filter: { models: ["m7"] } };
    expect((await records.usage(principal, filtered)).warnings).toEqual([
      expect.stringMatching(/^2 costs are .* a price of p\/m7\. /),
    ]);
  });

  test("gives 10,000 groups and refuses more with what to do", async () => {
    const { ledger, records } = databaseOf(name);
    const tenantId = "crowded";
    const ids = Array.from({ length: 10_001 }, () => newId());
    for (const [index, id] of ids.entries()) {
      ledger.open(
        openedCall({ id, tenantId, userId: `u${index}`, loggingPolicy: "none", requestBody: undefined }),
      );
    }
    const range = { fromMs: Date.now() - 600_000, toMs: Date.now() + 600_000, timeZone: "UTC" };
    const question: UsageQuestion = { ...range, groupBy: ["user"], filter: {} };
    await expect(records.usage(principalOf(tenantId), question)).rejects.toMatchObject({
      code: "invalid_request",
      message: "groupBy: makes more than 10000 groups; ask for longer intervals, fewer groups or a filter",
    });
    ledger.open(openedCall({ tenantId: "less", userId: "u0" }));
    const others = { ...question, groupBy: ["tenant"] as const };
    expect((await records.usage(principalOf(tenantId), others)).groups).toMatchObject([
      { key: { tenant: tenantId }, figures: { calls: 10_001n, costNanos: null, latency: undefined } },
    ]);
  }, 30_000);

  test.each<[string, Partial<UsageQuestion>, string]>([
    ["no time", { toMs: wholeMonth.fromMs }, "to: must be later than from"],
    ["years before 1970", { fromMs: -1 }, "from: must be a time in the years 1970 to 9999"],
    ["years from 10000", { toMs: 8e15 }, "to: must be a time in the years 1970 to 9999"],
    ["what is no time", { fromMs: Number.NaN }, "from: must be a time in the years 1970 to 9999"],
    [
      "an unknown zone",
      { timeZone: "Mars" },
      'timeZone: "Mars" is not known; give an IANA name such as Europe/Berlin or UTC',
    ],
    ["an empty list", { filter: { users: [] } }, "filter.users: is empty; leave it out to count all"],
    [
      "a long list",
      { filter: { models: Array.from({ length: 101 }, () => "m") } },
      "filter.models: holds 101 values; at most 100 are taken",
    ],
    [
      "texts that no database keeps",
      { filter: { users: ["a\0"] } },
      "filter.users: must hold texts without NUL, of at most 256 characters",
    ],
  ])("refuses %s", async (_, change, message) => {
    const question = { ...wholeMonth, ...change };
    await expect(databaseOf(name).records.usage(everyone, question)).rejects.toMatchObject({
      code: "invalid_request",
      message,
    });
  });
});

test("the reports of both databases are the same, percentiles included", async () => {
  const first = await reportsOf("SQLite");
  const second = await reportsOf("PostgreSQL");
  for (const [index, { question }] of questions.entries()) {
    expect(isDeepStrictEqual(second[index], first[index]), JSON.stringify(question)).toBe(true);
  }
}, 60_000);
