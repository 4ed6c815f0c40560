// Table `api_keys`: of a key no more than its hash is kept.

import { defineEntity, p } from "@mikro-orm/core";
import { allowed, budget, dated, limits, writtenJson } from "./directory-columns.ts";

export const ApiKeyEntity = defineEntity({
  name: "ApiKey",
  tableName: "api_keys",
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    userId: p.text().nullable(),
    name: p.text(),
    prefix: p.text(),
    /** What is looked through when something is searched for, in small letters. */
    searchText: p.text(),
    environment: p.text(),
    ...limits,
    ...budget,
    ...allowed,
    permissions: writtenJson(),
    expiresAt: p.bigint("number").nullable(),
    active: p.boolean(),
    revokedAt: p.bigint("number").nullable(),
    lastUsedAt: p.bigint("number").nullable(),
    hash: p.text().nullable(),
    hashKeyId: p.text().nullable(),
    previousHash: p.text().nullable(),
    previousHashKeyId: p.text().nullable(),
    previousExpiresAt: p.bigint("number").nullable(),
    bcryptHash: p.text().nullable(),
    ...dated,
    version: p.bigint("number"),
  },
  uniques: [
    { name: "api_keys_hash", properties: ["hash"] },
    { name: "api_keys_previous_hash", properties: ["previousHash"] },
    { name: "api_keys_bcrypt_hash", properties: ["bcryptHash"], where: { bcryptHash: { $ne: null } } },
  ],
  indexes: [
    { name: "api_keys_imported", properties: ["prefix"], where: { bcryptHash: { $ne: null } } },
    { name: "api_keys_owner", properties: ["tenantId", "userId"] },
  ],
});
