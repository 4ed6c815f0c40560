// Table `sessions`: of a refresh token no more than its hash is kept, and that of the one before it.

import { defineEntity, p } from "@mikro-orm/core";
import { dated } from "./directory-columns.ts";

export const SessionEntity = defineEntity({
  name: "Session",
  tableName: "sessions",
  properties: {
    id: p.text().primary(),
    userId: p.text(),
    tenantId: p.text(),
    refreshHash: p.text(),
    refreshKeyId: p.text(),
    previousRefreshHash: p.text().nullable(),
    refreshedAt: p.bigint("number").nullable(),
    expiresAt: p.bigint("number"),
    endedAt: p.bigint("number").nullable(),
    ...dated,
  },
  indexes: [{ name: "sessions_user", properties: ["userId"] }],
});
