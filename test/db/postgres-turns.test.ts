// Changes that wait for each other leave connections to those who let calls in.

import { expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase, openSql } from "../support/postgres.ts";
import { family, putTenant, sampleTenant, written } from "./sample-directory.ts";

it("finds a key while more changes wait than there are connections", async () => {
  const url = await createTestDatabase();
  const database = await createDatabase({
    url,
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    poolMax: 4,
    clock: systemClock,
    warn: () => {},
  });
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
