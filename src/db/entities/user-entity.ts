// Table `users`.

import { defineEntity, p } from "@mikro-orm/core";
import { budget, dated } from "./directory-columns.ts";

export const UserEntity = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    email: p.text(),
    name: p.text(),
    /** What is looked through when something is searched for, in small letters. */
    searchText: p.text(),
    role: p.text(),
    active: p.boolean(),
    ...budget,
    passwordHash: p.text().nullable(),
    externalId: p.text().nullable(),
    lastLogInAt: p.bigint("number").nullable(),
    tokensEndedAt: p.bigint("number").nullable(),
    ...dated,
    version: p.bigint("number"),
  },
  indexes: [{ name: "users_role", properties: ["tenantId", "role"] }],
  uniques: [
    { name: "users_email", properties: ["email", "tenantId"] },
    { name: "users_external_id", properties: ["tenantId", "externalId"] },
  ],
});
