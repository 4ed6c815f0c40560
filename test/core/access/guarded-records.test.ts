import { expect, it } from "vitest";
import { guardRecords } from "../../../src/core/access/guarded-ports.ts";
import { noRecords } from "../../support/no-records.ts";
import { principalOfRole } from "../../support/principals.ts";

it("what keys used is told to whoever may see what is used, and to nobody else", async () => {
  const records = guardRecords(noRecords);
  const viewer = principalOfRole("viewer");
  const question = { fromMs: 1, toMs: 2 };
  expect(await records.usageByKey(viewer, question)).toEqual({ fromMs: 1, toMs: 2, keys: [] });
  const others = [...viewer.permissions].filter((permission) => permission !== "usage:view");
  await expect(
    records.usageByKey({ ...viewer, permissions: new Set(others) }, question),
  ).rejects.toMatchObject({ code: "permission_denied", message: expect.stringContaining("usage:view") });
});
