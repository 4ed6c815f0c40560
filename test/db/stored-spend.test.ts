// What was spent is summed up part by part: at whatever size of a part it is the same.

import { afterAll, expect, it } from "vitest";
import { createRecordQueue } from "../../src/db/record-queue.ts";
import { createPostgresStore } from "../../src/db/postgres-store.ts";
import { parseDatabaseUrl } from "../../src/db/database-url.ts";
import type { DatabaseStore } from "../../src/db/database-store.ts";
import { createSqliteStore } from "../../src/db/sqlite-store.ts";
import { createSpend } from "../../src/db/stored-spend.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { attemptOf, idAt, openedCall, settlementOf } from "./sample-records.ts";
import { generateMonth, monthFromMs, monthToMs, writeCall } from "./usage-month.ts";

const month = generateMonth(500, 5);
const warn = (message: string): never => {
  throw new Error(message);
};
const opened: DatabaseStore[] = [];
afterAll(async () => {
  for (const store of opened) await store.close();
});

async function openPostgres(): Promise<DatabaseStore> {
  const location = parseDatabaseUrl(await createTestDatabase());
  if (location.kind !== "postgres") throw new Error("It is no PostgreSQL.");
  return createPostgresStore({ location, poolMax: 3, clock: systemClock, warn, auditKeys: () => [] });
}
const openSqlite = () =>
  createSqliteStore({ file: undefined, clock: systemClock, warn, auditKeys: () => [] });

it.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("%s gives the same sum in parts of one call, of some and of all", async (_, open) => {
  const store = await open();
  opened.push(store);
  const queue = createRecordQueue({
    write: (calls, prices) => store.write(calls, prices),
    clock: systemClock,
    warn,
    queueMax: 1000,
    bodyKeepMaxBytes: 1000,
  });
  for (const call of month) writeCall(queue, call);
  // All of one millisecond: a part that would end among them takes them all.
  for (const id of Array.from({ length: 20 }, () => idAt(monthFromMs + 1000))) {
    const call = openedCall({ id, tenantId: "red", requestBody: undefined });
    writeCall(queue, {
      opened: call,
      attempts: [attemptOf(call, { costNanos: 7n })],
      settlement: settlementOf(call, { replyBody: undefined }),
    });
  }
  // Of one millisecond, by a key that acts for others more than for its own tenant.
  for (const id of Array.from({ length: 30 }, () => idAt(monthFromMs + 2000))) {
    const call = openedCall({
      id,
      tenantId: "blue",
      actingFrom: "red",
      apiKeyId: "acting",
      requestBody: undefined,
    });
    writeCall(queue, {
      opened: call,
      attempts: [attemptOf(call, { costNanos: 11n })],
      settlement: settlementOf(call, { replyBody: undefined }),
    });
  }
  const expected = month
    .filter((call) => call.opened.tenantId === "red")
    .flatMap(({ attempts }) => attempts)
    .reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), 20n * 7n);
  const account = {
    tenantId: "red",
    scope: "tenant",
    id: "red",
    fromMs: monthFromMs,
    toMs: monthToMs,
  } as const;
  for (const partCalls of [1, 3, 19, 20, 21, 100, 1000]) {
    const spend = createSpend({ store, queue, partCalls });
    expect(await spend.spentNanos(account, [])).toBe(expected);
    const ofKey = { ...account, scope: "api_key", id: "acting" } as const;
    expect(await spend.spentNanos(ofKey, [])).toBe(30n * 11n);
  }
  await queue.close();
});
