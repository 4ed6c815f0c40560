// Changes that wait for each other, and readings that take long, leave connections to those who let calls in.

import { expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase, openSql } from "../support/postgres.ts";
import { principalOf } from "./sample-records.ts";
import { family, putTenant, sampleTenant, written } from "./sample-directory.ts";

const open = (url: string) =>
  createDatabase({
    url,
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    poolMax: 4,
    clock: systemClock,
    warn: () => {},
  });

it("finds a key while more changes wait than there are connections", async () => {
  const url = await createTestDatabase();
  const database = await open(url);
  const { directory } = database;
  const { apiKey, hash } = await family(directory);
  const another = await openSql(url);
  await another.run("begin; update directory_version set version = version");
  const changes = Array.from({ length: 8 }, () => written(directory, putTenant(sampleTenant())));
  expect((await directory.keyByHash([hash.hash]))?.apiKey.id).toBe(apiKey.id);
  await another.run("commit");
  expect(new Set(await Promise.all(changes)).size).toBe(8);
  await another.end();
  await database.close();
});

it("finds a key while more readings are under way than there are connections", async () => {
  const url = await createTestDatabase();
  const database = await open(url);
  const { directory } = database;
  const { apiKey, hash } = await family(directory);
  const by = principalOf(apiKey.tenantId);
  const ask = () =>
    Promise.all([
      database.records.requests(by, { first: 5, after: undefined, filter: {} }),
      directory.users({ tenantId: apiKey.tenantId, first: 5, after: undefined }),
    ]);
  await ask();
  const another = await openSql(url);
  await another.run("begin; lock table requests, users in access exclusive mode");
  const readings = Array.from({ length: 6 }, ask);
  const waiting =
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  await expect.poll(async () => (await another.run(waiting)).length).toBeGreaterThan(0);
  // The keys' own look-up waits for the users' table.
  expect(await directory.hasApiKeys()).toBe(true);
  expect(await directory.tenantsById([apiKey.tenantId])).toHaveLength(1);
  await another.run("commit");
  await Promise.all(readings);
  expect((await directory.keyByHash([hash.hash]))?.apiKey.id).toBe(apiKey.id);
  await another.end();
  await database.close();
});
