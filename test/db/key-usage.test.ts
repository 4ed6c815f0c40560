// What each key used in a generated month, on each database, against a plain recomputation.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sumOfKnown, type KeyUsage, type KeyUsageQuestion } from "../../src/core/usage/key-usage.ts";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { keylessPrincipal } from "../support/principals.ts";
import { type PlainFigures, recompute } from "./recompute-usage.ts";
import { attemptOf, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";
import { wholeMonth } from "./usage-questions.ts";
import { generateMonth, monthFromMs, monthToMs, writeCall } from "./usage-month.ts";

const month = generateMonth(2000, 77);

let folder: string;
const databases = new Map<string, Database>();
const databaseOf = (name: string): Database => {
  const database = databases.get(name);
  if (database === undefined) throw new Error(`${name} is not open.`);
  return database;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-keys-"));
  const urls = { SQLite: `sqlite:${join(folder, "sluice.db")}`, PostgreSQL: await createTestDatabase() };
  for (const [name, url] of Object.entries(urls)) {
    const database = await createDatabase({
      url,
      bodyKeepMaxBytes: 1000,
      queueMax: 20_000,
      clock: systemClock,
      warn: (message) => {
        throw new Error(message);
      },
    });
    for (const call of month) writeCall(database.ledger, call);
    databases.set(name, database);
  }
});
afterAll(async () => {
  for (const database of databases.values()) await database.close();
  await rm(folder, { recursive: true });
});

/** The report of a question as its definition reads. */
function recomputed({ fromMs, toMs, environment }: KeyUsageQuestion, tenants?: readonly string[]) {
  const filter = { tenants, environments: environment === undefined ? undefined : [environment] };
  const figuresOf = (groupBy: ["tenant", "apiKey"] | ["tenant", "apiKey", "provider"]) => {
    const question = { ...wholeMonth, fromMs, toMs, filter, groupBy };
    const { groups } = recompute(month, question, ({ settlement }) => settlement?.status ?? "open");
    return [...groups].map(([name, figures]) => {
      const [, tenantId, apiKeyId, provider]: (string | null)[] = JSON.parse(name);
      return { tenantId, apiKeyId, provider, figures };
    });
  };
  const byProvider = figuresOf(["tenant", "apiKey", "provider"]);
  return figuresOf(["tenant", "apiKey"])
    .filter(({ apiKeyId }) => apiKeyId !== null)
    .map(({ tenantId, apiKeyId, figures }) => ({
      tenantId,
      apiKeyId,
      requests: figures.counts["calls"],
      failed: figures.counts["errors"],
      inputTokens: figures.tokens["input"],
      outputTokens: figures.tokens["output"],
      totalTokens: totalOf(figures),
      costNanos: figures.costNanos,
      latenciesMs: figures.latenciesMs,
      byProvider: byProvider
        .filter((each) => each.tenantId === tenantId && each.apiKeyId === apiKeyId)
        .map(({ provider, figures }) => ({
          provider,
          requests: figures.counts["calls"],
          totalTokens: totalOf(figures),
          costNanos: figures.costNanos,
        })),
      lastUsedAtMs: Math.max(
        ...month
          .map(({ opened }) => opened)
          .filter(
            (opened) =>
              opened.tenantId === tenantId &&
              opened.apiKeyId === apiKeyId &&
              opened.createdAtMs >= fromMs &&
              opened.createdAtMs < toMs &&
              (environment === undefined || opened.environment === environment),
          )
          .map(({ createdAtMs }) => createdAtMs),
      ),
    }));
}

const totalOf = ({ tokens }: PlainFigures) => sumOfKnown(tokens["input"], tokens["output"]);

const keyOf = ({
  tenantId,
  apiKeyId,
}: {
  tenantId?: string | null | undefined;
  apiKeyId?: string | null | undefined;
}) => `${tenantId} ${apiKeyId}`;

function expectKeys(keys: readonly KeyUsage[], expected: ReturnType<typeof recomputed>): void {
  expect(new Set(keys.map(keyOf))).toEqual(new Set(expected.map(keyOf)));
  for (const { latenciesMs, byProvider, ...exact } of expected) {
    const found = keys.find((each) => keyOf(each) === keyOf(exact));
    expect(found).toMatchObject(exact);
    expect(new Set(found?.byProvider)).toEqual(new Set(byProvider));
    const sorted = latenciesMs.toSorted((a, b) => a - b);
    const p95Ms = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
    expect(Math.abs((found?.latency?.p95Ms ?? Number.NaN) - p95Ms)).toBeLessThanOrEqual(p95Ms * 0.01);
    const averageMs = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
    expect(found?.latency?.averageMs).toBeCloseTo(averageMs, 2);
  }
}

const mostFirst = <T extends { readonly requests: bigint }>(list: readonly T[]) =>
  list.toSorted((a, b) => Number(b.requests - a.requests));

const wholeTime = { fromMs: monthFromMs, toMs: monthToMs };
// At times of calls: the first counts, the last does not.
const aWeek = { fromMs: month[400]?.opened.createdAtMs ?? 0, toMs: month[900]?.opened.createdAtMs ?? 0 };

describe.each(["SQLite", "PostgreSQL"])("%s", (name) => {
  test.each<KeyUsageQuestion>([
    wholeTime,
    aWeek,
    { ...wholeTime, environment: "live" },
    { ...aWeek, environment: "test" },
  ])("gives what a plain recomputation gives: %o", async (question) => {
    const { records } = databaseOf(name);
    const report = await records.usageByKey(keylessPrincipal, question);
    expect(report).toMatchObject({ fromMs: question.fromMs, toMs: question.toMs });
    expectKeys(report.keys, recomputed(question));
    const own = await records.usageByKey(principalOf("red"), question);
    expectKeys(own.keys, recomputed(question, ["red"]));
    expect(new Set(own.keys.map(({ tenantId }) => tenantId))).toEqual(new Set(["red"]));
  });

  test("names no provider that was passed over", async () => {
    const { ledger, records } = databaseOf(name);
    const tenantId = "passed-over";
    const opened = openedCall({ tenantId });
    const attempts = [
      attemptOf(opened, { status: "skipped", provider: "groq", usage: undefined, costNanos: 0n }),
      attemptOf(opened, { number: 2, status: "ok", reason: "fallback", provider: "my-azure", costNanos: 7n }),
    ];
    const settlement = settlementOf(opened, { attempts: 1, provider: "my-azure", costNanos: 7n });
    writeCall(ledger, { opened, attempts, settlement });
    const question = { fromMs: opened.createdAtMs, toMs: opened.createdAtMs + 1 };
    expect((await records.usageByKey(principalOf(tenantId), question)).keys).toMatchObject([
      { requests: 1n, byProvider: [{ provider: "my-azure", requests: 1n, costNanos: 7n }] },
    ]);
  });

  test("puts those of most calls first", async () => {
    const { keys } = await databaseOf(name).records.usageByKey(keylessPrincipal, wholeTime);
    expect(keys).toEqual(mostFirst(keys));
    for (const { byProvider } of keys) expect(byProvider).toEqual(mostFirst(byProvider));
  });

  test("gives 10,000 keys and refuses more, and what is no time, with what to do", async () => {
    const { ledger, records } = databaseOf(name);
    const tenant = principalOf("crowded");
    const atMs = Date.now();
    const ids = Array.from({ length: 10_000 }, () => newId());
    for (const [index, id] of ids.entries()) {
      ledger.open(
        openedCall({
          id,
          tenantId: "crowded",
          apiKeyId: `k${index}`,
          labels: undefined,
          requestBody: undefined,
        }),
      );
    }
    ledger.open(openedCall({ tenantId: "crowded", apiKeyId: undefined, requestBody: undefined }));
    const question = { fromMs: atMs - 600_000, toMs: atMs + 600_000 };
    const { keys } = await records.usageByKey(tenant, question);
    expect(keys).toHaveLength(10_000);
    expect(keys[0]).toMatchObject({
      requests: 1n,
      failed: 0n,
      inputTokens: undefined,
      totalTokens: undefined,
      latency: undefined,
      costNanos: null,
      byProvider: [],
    });
    ledger.open(openedCall({ tenantId: "crowded", apiKeyId: "one more", requestBody: undefined }));
    await expect(records.usageByKey(tenant, question)).rejects.toMatchObject({
      code: "invalid_request",
      message: "from: more than 10000 keys were used in that time; ask for a shorter one",
    });
    await expect(records.usageByKey(tenant, { fromMs: atMs, toMs: atMs })).rejects.toMatchObject({
      code: "invalid_request",
      message: "to: must be later than from",
    });
  }, 30_000);
});
