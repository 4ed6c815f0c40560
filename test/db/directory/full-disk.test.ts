import { expect, it } from "vitest";
import type { DatedWrite } from "../../../src/db/directory/directory-calls.ts";
import { createDirectoryCalls } from "../../../src/db/directory/answer-calls.ts";
import { createSqliteAccess } from "../../../src/db/sqlite-access.ts";
import { openSqlite } from "../../../src/db/sqlite-open.ts";
import { auditOf, currentAuditKey, putTenant, sampleTenant } from "../sample-directory.ts";

it("a disk that is full refuses a write whole, and the next is written when there is room", async () => {
  const database = await openSqlite(undefined, true);
  const { native } = database;
  const calls = createDirectoryCalls(createSqliteAccess(native, () => undefined));
  native.exec("pragma max_page_count = 60");
  const tenant = sampleTenant();
  const refused: DatedWrite = {
    changes: [putTenant(tenant)],
    audit: Array.from({ length: 200 }, () => auditOf(tenant.id)),
    auditKeys: [currentAuditKey],
    epochMs: 1,
  };
  await expect(calls.writeDirectory(refused)).rejects.toThrow(/full/);
  expect(native.inTransaction).toBe(false);
  expect(await calls.changesSince(0)).toEqual({ version: 0, changed: [] });
  const counted =
    "select (select count(*) from tenants) as tenants, (select count(*) from audit_logs) as entries";
  expect(native.prepare(counted).all()).toEqual([{ tenants: 1, entries: 0 }]);
  native.exec("pragma max_page_count = 100000");
  expect(await calls.writeDirectory(refused)).toEqual({ outcome: "written", version: 1 });
  expect(native.prepare(counted).all()).toEqual([{ tenants: 2, entries: 200 }]);
  database.close();
});
