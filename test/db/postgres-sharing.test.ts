// How several starts share a PostgreSQL database: its migrations, and the calls that earlier processes left.

import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { postgresMigrations } from "../../src/db/migrations/postgres/list.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase, createTestUser, openSql, runSql } from "../support/postgres.ts";
import { claimAt, sealedKeys } from "./idempotency-contract.ts";
import { type OtherProcess, startHolder as startHolderProcess } from "./processes.ts";
import { attemptOf, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";

const tenant = principalOf("default");

let testUrl: string;
let started: OtherProcess[] = [];
beforeEach(async () => {
  testUrl = await createTestDatabase();
});
afterEach(async () => {
  for (const holder of started) await holder.kill();
  started = [];
});

const open = (url: string) =>
  createDatabase({ url, bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} });

async function startHolder(url: string): Promise<OtherProcess> {
  const holder = await startHolderProcess(url);
  started.push(holder);
  return holder;
}

/** How many tables there are. */
const tables = async () =>
  (await runSql(testUrl, "select tablename from pg_tables where schemaname = 'public' order by 1")).length;

describe("migrations", () => {
  it("of several processes that start at once are made once, and all of them serve", async () => {
    const holders = await Promise.all([1, 2].map(() => startHolder(testUrl)));
    for (const { said } of holders) expect(said).toMatch(/^holds /);
    expect(await runSql(testUrl, "select name from schema_migrations order by name")).toEqual(
      postgresMigrations.map(({ name }) => ({ name })),
    );
    const database = await open(testUrl);
    const { records } = database;
    for (const { said } of holders) {
      expect((await records.request(tenant, said.split(" ")[2] ?? ""))?.status).toBe("ok");
    }
    await database.close();
  });

  it("that are interrupted half-way leave nothing behind, and the next start makes them", async () => {
    // A table of this name stands in the way until its own transaction ends.
    const other = await openSql(testUrl);
    await other.run("begin");
    await other.run("create table request_bodies (id int)");
    const interrupted = startHolder(testUrl);
    const migrating =
      "select 1 from pg_stat_activity where datname = current_database() and query like 'create table req%bod%' and application_name = 'sluice'";
    await expect.poll(() => runSql(testUrl, migrating), { timeout: 10_000 }).toHaveLength(1);
    await runSql(
      testUrl,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice' and datname = current_database()",
    );
    expect((await interrupted).said).toMatch(/^DatabaseError: .*was stopped, or ended the connection/);
    await other.end();
    expect(await tables()).toBe(0);
    await (await open(testUrl)).close();
    expect(await runSql(testUrl, "select name from schema_migrations order by name")).toEqual(
      postgresMigrations.map(({ name }) => ({ name })),
    );
  });

  it("that fail for good leave nothing behind, and say what is in the way", async () => {
    await runSql(testUrl, "create table request_bodies (id int)");
    await expect(open(testUrl)).rejects.toThrow(/cannot be used.*"request_bodies" already exists/);
    expect(await tables()).toBe(1);
  });

  it("need no right to create anything once they are made", async () => {
    await (await open(testUrl)).close();
    const { name, url } = await createTestUser(testUrl);
    await runSql(testUrl, `grant select, insert, update on all tables in schema public to ${name}`);
    const database = await open(url);
    const call = openedCall();
    database.ledger.open(call);
    expect((await database.records.request(tenant, call.id))?.status).toBe("open");
    await database.close();
  });
});

/** Of living gateways, each a row. */
const presences = `select pid from pg_locks
  where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;

describe("calls that were left open", () => {
  it("are interrupted by the next start when their gateway was killed, those of one that lives stay", async () => {
    const [crashing, living] = await Promise.all([startHolder(testUrl), startHolder(testUrl)]);
    const [, leftId = "", doneId = ""] = crashing.said.split(" ");
    const [, openId = ""] = living.said.split(" ");
    await crashing.kill();
    await expect.poll(() => runSql(testUrl, presences)).toHaveLength(1);
    const database = await open(testUrl);
    const { records } = database;
    expect(await records.request(tenant, leftId)).toMatchObject({
      status: "interrupted",
      attemptRecords: [{ number: 1 }],
    });
    expect((await records.request(tenant, doneId))?.status).toBe("ok");
    expect((await records.request(tenant, openId))?.status).toBe("open");
    await database.close();
  });

  it("stay open while their gateway lives, whatever became of its connection", async () => {
    const database = await open(testUrl);
    const call = openedCall();
    database.ledger.open(call);
    await database.records.request(tenant, call.id);
    const before = await runSql(testUrl, presences);
    await runSql(testUrl, `select pg_terminate_backend(pid) from (${presences}) as present`);
    const isBack = async () => {
      const now = await runSql(testUrl, presences);
      return now.length === 1 && !isDeepStrictEqual(now, before);
    };
    await expect.poll(isBack).toBe(true);
    const later = openedCall();
    database.ledger.open(later);
    await database.records.request(tenant, later.id);
    await (await open(testUrl)).close();
    for (const { id } of [call, later]) {
      expect((await database.records.request(tenant, id))?.status).toBe("open");
    }
    await database.close();
  });

  it("are settled by their own gateway even when another took them for left", async () => {
    const database = await open(testUrl);
    const call = openedCall();
    const whole = openedCall();
    for (const each of [call, whole]) database.ledger.open(each);
    await database.records.request(tenant, call.id);
    await runSql(testUrl, "update requests set status = 'interrupted'");
    database.ledger.settle(settlementOf(call, { status: "ok" }));
    database.ledger.open(whole);
    database.ledger.attempt(attemptOf(whole));
    database.ledger.settle(settlementOf(whole, { status: "ok" }));
    expect((await database.records.request(tenant, call.id))?.status).toBe("ok");
    expect((await database.records.request(tenant, whole.id))?.status).toBe("ok");
    await database.close();
  });
});

it("shows requests as usage_logs, without what was said", async () => {
  const database = await open(testUrl);
  const call = openedCall();
  database.ledger.open(call);
  database.ledger.attempt(attemptOf(call));
  database.ledger.settle(settlementOf(call, { costNanos: 42n }));
  await database.close();
  const rows = await runSql(testUrl, "select * from usage_logs");
  expect(rows).toMatchObject([
    { request_id: call.id, tenant_id: "default", input_tokens: "100", output_tokens: "50", cost_nanos: "42" },
  ]);
  expect(Object.keys(rows[0] ?? {})).not.toContain("labels");
});

describe("idempotency keys", () => {
  it("go to one of all who claim them at two gateways, and what became of the run is known at both", async () => {
    const [here, there] = await Promise.all([open(testUrl), open(testUrl)]);
    const mine = sealedKeys(here.idempotency, systemClock);
    const theirs = sealedKeys(there.idempotency, systemClock);
    for (let round = 0; round < 5; round += 1) {
      const first = claimAt(systemClock);
      const claims = Array.from({ length: 100 }, () => ({ ...first, runId: newId() }));
      const standings = await Promise.all(
        claims.map((claim, index) => (index % 2 === 0 ? mine : theirs).claim(claim)),
      );
      const winners = claims.filter((_, index) => standings[index]?.state === "claimed");
      expect(winners).toHaveLength(1);
      const [winner = first] = winners;
      await (round % 2 === 0 ? mine : theirs).finish({ ...winner, reply: "kept" });
      for (const store of [mine, theirs]) {
        expect(await store.claim(first)).toMatchObject({ state: "done", runId: winner.runId, reply: "kept" });
      }
    }
    await here.close();
    await there.close();
  });

  it("that are expired are removed by several gateways at once without waiting for each other", async () => {
    const [here, there] = await Promise.all([open(testUrl), open(testUrl)]);
    const claims = Array.from({ length: 60 }, () => claimAt(systemClock, { expiresAtMs: 1 }));
    for (const claim of claims) await here.idempotency.claim(claim, 0);
    const step = { nowMs: 1, limit: 50 };
    await Promise.all([here, there, here, there].map(({ idempotency }) => idempotency.removeExpired(step)));
    await here.idempotency.removeExpired(step);
    const standings = await Promise.all(claims.map((claim) => here.idempotency.claim(claim, 0)));
    expect(standings.every(({ state }) => state === "claimed")).toBe(true);
    await here.close();
    await there.close();
  });
});

it("keeps what others may read of usage_logs when it gets more columns", async () => {
  const { name, url } = await createTestUser(testUrl);
  const session = await openSql(testUrl);
  for (const { load } of postgresMigrations.slice(0, 5)) {
    for (const statement of await load()) await session.run(statement);
  }
  await session.run(`grant select on usage_logs to ${name}`);
  for (const statement of (await postgresMigrations[5]?.load()) ?? []) await session.run(statement);
  await session.end();
  expect(await runSql(url, "select saved_nanos, answered_from from usage_logs")).toEqual([]);
});
