import { expect, test } from "vitest";
import { TenantCache } from "../../../src/identity/watch/tenant-cache.ts";
import { startedFixture } from "../directory-fixture.ts";

async function withTenants(count: number, max?: number) {
  const fixture = await startedFixture({ keyless: true });
  for (let i = 0; i < count; i += 1) await fixture.putTenant(`t${String(i).padStart(4, "0")}`);
  const cache = new TenantCache(fixture.store, max);
  await cache.load();
  return { ...fixture, cache };
}

test("all tenants are read, page by page", async () => {
  const { cache, asked } = await withTenants(450);
  expect(asked.tenantsAfter).toBe(1 + 3);
  expect(cache.find("t0449")).toMatchObject({ active: true, grants: { tenant: { id: "t0449" } } });
  expect(cache.find("nowhere")).toBeUndefined();
  expect(asked.tenantsById).toBeUndefined();
});

test("of more than are held, the others are looked up when they are named, and never taken for unknown", async () => {
  const { cache, asked } = await withTenants(5, 3);
  expect(cache.find("t0000")).toMatchObject({ active: true });
  for (const named of ["t0004", "nowhere"]) {
    expect(() => cache.find(named)).toThrow(`The tenant ${named} is being looked up. Try again.`);
    expect(() => cache.find(named)).toThrow("is being looked up");
  }
  await expect.poll(() => cache.find("t0004")).toMatchObject({ grants: { tenant: { id: "t0004" } } });
  expect(cache.find("nowhere")).toBeUndefined();
  expect(asked.tenantsById).toBe(2);
  // In the place of the first ones.
  expect(() => cache.find("t0000")).toThrow("is being looked up");
});

test("one that was looked up before a change is looked up again", async () => {
  const { cache, hold, asked, database, putTenant } = await withTenants(5, 3);
  const answer = hold();
  expect(() => cache.find("t0004")).toThrow("is being looked up");
  await expect.poll(() => asked.tenantsById).toBe(1);
  await putTenant("t0004", { active: false });
  const [changed] = await database.tenantsById(["t0004"]);
  cache.put(new Map([["t0004", changed]]));
  answer();
  await new Promise(setImmediate);
  expect(cache.find("t0004")).toMatchObject({ active: false });
});

test("one whose look-up failed is looked up again", async () => {
  const { cache, fail, asked } = await withTenants(5, 3);
  fail(new Error("away"));
  expect(() => cache.find("t0004")).toThrow("is being looked up");
  await new Promise(setImmediate);
  fail();
  expect(() => cache.find("t0004")).toThrow("is being looked up");
  await expect.poll(() => cache.find("t0004")).toBeDefined();
  expect(asked.tenantsById).toBe(2);
});
