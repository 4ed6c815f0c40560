import { expect, it } from "vitest";
import { grantOfTenant } from "../../../src/core/directory/grants-of.ts";
import { newTenant, plannedTenant } from "../../../src/core/directory/planned.ts";

const stored = { createdAtMs: 0, updatedAtMs: 0, version: 1 };

it.each([undefined, 0, 60])(
  "a tenant's calls may be cached for %s seconds, as it says",
  (cacheTtlSeconds) => {
    const tenant = { ...plannedTenant({ ...newTenant, id: "acme" }, { cacheTtlSeconds }), ...stored };
    expect(grantOfTenant(tenant)).toMatchObject({ id: "acme", cacheTtlSeconds });
  },
);
