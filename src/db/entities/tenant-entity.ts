// Table `tenants`. Those that were deleted stay, so that their names are never given again.

import { defineEntity, p } from "@mikro-orm/core";
import { allowed, budget, dated, limits } from "./directory-columns.ts";

export const TenantEntity = defineEntity({
  name: "Tenant",
  tableName: "tenants",
  properties: {
    slug: p.text().primary().ignoreSchemaChanges("collation"),
    name: p.text(),
    contactEmail: p.text().nullable(),
    /** What is looked through when something is searched for, in small letters. */
    searchText: p.text(),
    active: p.boolean(),
    timeZone: p.text(),
    ...limits,
    ...budget,
    ...allowed,
    loggingBodies: p.text().nullable(),
    loggingRedact: p.boolean().nullable(),
    loggingRetentionDays: p.bigint("number").nullable(),
    cacheTtlSeconds: p.bigint("number").nullable(),
    ...dated,
    version: p.bigint("number"),
    deletedAt: p.bigint("number").nullable(),
  },
});
