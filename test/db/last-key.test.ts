// Whoever takes the last key away does not open the gateway to everybody.

import { afterAll, expect, it } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createMemoryDirectory } from "../support/memory-directory.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { hashed, newHash, putKey, putTenant, sampleKey, sampleTenant, written } from "./sample-directory.ts";

const opened: Database[] = [];
afterAll(() => Promise.all(opened.map((database) => database.close())));

const open = async (url: string) => {
  const database = await createDatabase({
    url,
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    clock: systemClock,
    warn: () => {},
    auditKeys: () => [],
  });
  opened.push(database);
  return database.directory;
};

const directories = {
  SQLite: () => open("sqlite::memory:"),
  PostgreSQL: async () => open(await createTestDatabase()),
  memory: async () => createMemoryDirectory({ clock: systemClock }),
};

it.each(Object.entries(directories))("%s knows that there was a key", async (_, openDirectory) => {
  const store = await openDirectory();
  const [tenant, other] = [sampleTenant(), sampleTenant()];
  const seen = await written(store, putTenant(tenant), putTenant(other));
  expect(await store.hasApiKeys()).toBe(false);
  const apiKey = sampleKey(tenant.id);
  const version = await written(store, putKey(apiKey, { credential: hashed(newHash()) }));
  expect(await store.hasApiKeys()).toBe(true);
  await written(store, { type: "delete_api_key", id: apiKey.id, seen: version });
  expect(await store.hasApiKeys()).toBe(true);

  await written(store, putKey(sampleKey(tenant.id), { credential: hashed(newHash()) }));
  await written(store, { type: "delete_tenant", id: tenant.id, seen });
  expect(await store.hasApiKeys()).toBe(true);
});

it("SQLite does not count a key that was not written", async () => {
  const store = await open("sqlite::memory:");
  const write = { changes: [putKey(sampleKey("nobodys"), { credential: hashed(newHash()) })], audit: [] };
  expect(await store.write(write)).toEqual({ outcome: "no_owner" });
  expect(await store.hasApiKeys()).toBe(false);
});
