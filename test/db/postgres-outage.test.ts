// What becomes of records and readers when PostgreSQL is away, hangs, is slow or takes nothing.

import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { makeCertificates } from "../api/make-certificates.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { createTestDatabase, openSql, runSql } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { attemptOf, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";

const tenant = principalOf("default");

let database: Database | undefined;
let warned: string[] = [];
afterEach(async () => {
  await database?.close();
  database = undefined;
  warned = [];
});

async function open(url: string, poolMax = 3): Promise<Database> {
  database = await createDatabase({
    url,
    poolMax,
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    clock: systemClock,
    warn: (message) => warned.push(message),
  });
  return database;
}

function record({ ledger }: Database): string {
  const call = openedCall();
  ledger.open(call);
  ledger.attempt(attemptOf(call));
  ledger.settle(settlementOf(call, { status: "ok" }));
  return call.id;
}

/** How often a call stands with one attempt. */
const whole = (url: string, ids: readonly string[]) =>
  runSql(
    url,
    `select count(*)::int as calls, sum(attempts)::int as attempts from (
       select id, (select count(*) from provider_attempts where request_id = r.id) as attempts
       from requests r where id in (${ids.map((id) => `'${id}'`).join()}) and status = 'ok') as found`,
  );

/** Milliseconds until it is refused as unavailable. */
async function unavailableAfterMs(reading: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await expect(reading).rejects.toMatchObject({ code: "unavailable" });
  return performance.now() - startMs;
}

/** Lets the server write a file itself: it has to be its own. */
const writeFile = (file: string, pem: Buffer) =>
  `copy (select unnest(array['${pem.toString().trim().replaceAll("\n", "','")}']))
   to program 'umask 077; cat > ${file}'`;

/** Fails as the server does whose disk is full (PostgreSQL's manual, appendix A: class 53). */
const withoutRoom = `create function no_room() returns trigger language plpgsql as
  $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`;

describe("a server", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  it("that stops and comes back finds all that was recorded meanwhile once; readers are told at once", async () => {
    const url = `${server.url}/postgres`;
    const gateway = await open(url);
    const ids = [record(gateway)];
    // Leaves a connection idle.
    await gateway.records.request(tenant, newId());
    // One under way while the server stops.
    const stopping = server.stop();
    ids.push(record(gateway));
    await stopping;
    await expect.poll(() => gateway.problems()).not.toEqual([]);
    await expect
      .poll(() => gateway.problems())
      .toContain("The database cannot be reached: the log says why.");
    expect(gateway.problems().join()).not.toMatch(/127\.0\.0\.1|postgres|ECONN/i);
    expect(warned.join()).toMatch(/The PostgreSQL database postgres at 127.0.0.1:\d+ /);
    for (let i = 0; i < 150; i++) ids.push(record(gateway));
    expect(await unavailableAfterMs(gateway.records.request(tenant, newId()))).toBeLessThan(1000);
    const account = { tenantId: "default", scope: "tenant", id: "default", fromMs: 0, toMs: 1 } as const;
    await expect(gateway.spend.spentNanos(account, [])).rejects.toThrow(
      /The PostgreSQL database postgres at /,
    );
    await server.start();
    await expect.poll(() => gateway.problems(), { timeout: 15_000 }).toEqual([]);
    expect((await gateway.records.request(tenant, ids[0] ?? ""))?.status).toBe("ok");
    expect(await whole(url, ids)).toEqual([{ calls: ids.length, attempts: ids.length }]);
    expect(gateway.refused).toBe(0);
  });

  it("with TLS is spoken to by it, and checked where that is asked for", async () => {
    const certificates = makeCertificates();
    const url = `${server.url.replace("127.0.0.1", "localhost")}/postgres`;
    const session = await openSql(url);
    const [folder] = await session.run("select setting from pg_settings where name = 'data_directory'");
    const path = (name: string) => `${String(Object.values(folder ?? {})[0])}/${name}`;
    for (const name of ["server.pem", "server.key"]) {
      await session.run(writeFile(path(name), certificates.pem(name)));
    }
    await session.run(`alter system set ssl_cert_file = '${path("server.pem")}'`);
    await session.run(`alter system set ssl_key_file = '${path("server.key")}'`);
    await session.run("alter system set ssl = on");
    await session.run("select pg_reload_conf()");
    await session.end();
    await expect.poll(() => runSql(url, "show ssl")).toEqual([{ ssl: "on" }]);
    const encrypted =
      "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'sluice'";
    for (const mode of ["require", `verify-full&sslrootcert=${certificates.path("ca.pem")}`]) {
      const gateway = await open(`${url}?sslmode=${mode}`);
      expect((await gateway.records.request(tenant, record(gateway)))?.status).toBe("ok");
      expect(new Set((await runSql(url, encrypted)).map((row) => JSON.stringify(row)))).toEqual(
        new Set(['{"ssl":true}']),
      );
      await gateway.close();
    }
    const stranger = `verify-full&sslrootcert=${certificates.path("stranger.pem")}`;
    for (const mode of ["verify-full", stranger]) {
      await expect(open(`${url}?sslmode=${mode}`)).rejects.toThrow(/certificate that cannot be trusted/);
    }
    await rm(certificates.folder, { recursive: true });
  });
});

describe("a way to the server", () => {
  let proxy: TcpProxy;
  let url: string;
  let direct: string;
  beforeEach(async () => {
    direct = await createTestDatabase();
    const changed = new URL(direct);
    proxy = await startTcpProxy({ host: changed.hostname, port: Number(changed.port) });
    changed.port = String(proxy.port);
    changed.searchParams.set("statement_timeout", "200");
    changed.searchParams.set("connect_timeout", "1");
    url = changed.href;
  });
  afterEach(() => proxy.close());

  it("that breaks between a commit and its answer doubles nothing", async () => {
    const gateway = await open(url);
    await gateway.records.request(tenant, record(gateway));
    const cut = proxy.cutNextAnswer();
    const ids = Array.from({ length: 20 }, () => record(gateway));
    await cut;
    expect(await whole(direct, ids)).toEqual([{ calls: 20, attempts: 20 }]);
    await expect.poll(() => warned.some((text) => text.includes("could not be written"))).toBe(true);
    await expect.poll(() => gateway.problems()).toEqual([]);
    expect(await whole(direct, ids)).toEqual([{ calls: 20, attempts: 20 }]);
    expect(gateway.refused).toBe(0);
  });

  it("that hangs is given up in time, by readers, by the queue and at the end", async () => {
    const gateway = await open(url);
    const before = record(gateway);
    await gateway.records.request(tenant, before);
    proxy.hang();
    expect(await unavailableAfterMs(gateway.records.request(tenant, before))).toBeLessThan(3000);
    const lost = record(gateway);
    await expect.poll(() => gateway.problems(), { timeout: 5000 }).not.toEqual([]);
    const startMs = performance.now();
    await gateway.close();
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(warned.at(-1)).toMatch(/failed to the end: 1 calls/);
    expect(await whole(direct, [before, lost])).toEqual([{ calls: 1, attempts: 1 }]);
  });

  it("that is silent while nothing is asked is kept, and its end is still seen", async () => {
    const gateway = await open(url);
    // Two connections: the one that writes, and an idle one.
    await gateway.records.request(tenant, record(gateway));
    const connections =
      "select pid from pg_stat_activity where application_name = 'sluice' and datname = current_database()";
    const before = await runSql(direct, connections);
    // Longer than the 1200 ms for which an answer is waited.
    await wait(2_000);
    expect(gateway.problems()).toEqual([]);
    expect(await runSql(direct, connections)).toEqual(before);
    proxy.hang();
    record(gateway);
    const startMs = performance.now();
    await gateway.close();
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });
});

describe("a database", () => {
  it("that is slow gets fewer connections than the pool may have, and readers are told", async () => {
    const url = await createTestDatabase();
    const gateway = await open(`${url}?statement_timeout=300&connect_timeout=1`);
    const id = record(gateway);
    await gateway.records.request(tenant, id);
    const other = await openSql(url);
    await other.run("begin");
    await other.run("lock table requests in access exclusive mode");
    const readings = Array.from({ length: 30 }, () => gateway.records.request(tenant, id));
    const refused = Promise.all(readings.map(unavailableAfterMs));
    const connections =
      "select 1 from pg_stat_activity where application_name = 'sluice' and datname = current_database()";
    // One writes, one reads; the third is for who is to be let in.
    await expect.poll(() => runSql(url, connections)).toHaveLength(2);
    expect(Math.max(...(await refused))).toBeLessThan(4000);
    expect(warned.join()).toMatch(/takes too long to answer/);
    await other.end();
    expect((await gateway.records.request(tenant, id))?.status).toBe("ok");
  });

  it("that another gateway migrates for long is waited for", async () => {
    const url = await createTestDatabase();
    const other = await openSql(url);
    await other.run("select pg_advisory_lock(20942, 1)");
    const opening = open(`${url}?statement_timeout=200&connect_timeout=1`);
    await wait(2_000);
    await other.run("select pg_advisory_unlock(20942, 1)");
    expect((await opening).problems()).toEqual([]);
    await other.end();
  });

  it("whose disk is full says so, and takes what waits when there is room", async () => {
    const url = await createTestDatabase();
    const gateway = await open(url);
    await runSql(url, withoutRoom);
    await runSql(url, "create trigger no_room before insert on requests execute function no_room()");
    const id = record(gateway);
    await gateway.flush();
    expect(gateway.problems()).toContain("Records cannot be written: the log says why.");
    expect(warned.join()).toMatch(/cannot be written, as its disk is full.*Make room/);
    await runSql(url, "drop trigger no_room on requests");
    await expect.poll(() => gateway.problems(), { timeout: 15_000 }).toEqual([]);
    expect(await whole(url, [id])).toEqual([{ calls: 1, attempts: 1 }]);
    expect(gateway.refused).toBe(0);
  });

  it("that can only be read says so, and takes what waits when it can be written again", async () => {
    const url = await createTestDatabase();
    const gateway = await open(url);
    const name = new URL(url).pathname.slice(1);
    await runSql(url, `alter database ${name} set default_transaction_read_only = on`);
    const sever = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'sluice' and datname = current_database()`;
    await runSql(url, sever);
    const id = record(gateway);
    await expect.poll(() => warned.join()).toMatch(/can only be read.*Name the primary server/);
    expect(gateway.problems()).not.toEqual([]);
    await runSql(url, `begin read write; alter database ${name} reset default_transaction_read_only; commit`);
    await expect.poll(() => gateway.problems(), { timeout: 15_000 }).toEqual([]);
    expect((await gateway.records.request(tenant, id))?.status).toBe("ok");
  });
});
