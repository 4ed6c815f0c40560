// Table `audit_logs`, append-only: who did what, chained by keyed hashes.

import { defineEntity, p } from "@mikro-orm/core";
import { dated, writtenJson } from "./directory-columns.ts";

export const AuditLogEntity = defineEntity({
  name: "AuditLog",
  tableName: "audit_logs",
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    sequence: p.bigint("number"),
    kind: p.text(),
    action: p.text(),
    actorType: p.text(),
    actorId: p.text().nullable(),
    targetType: p.text().nullable(),
    targetId: p.text().nullable(),
    before: writtenJson().nullable(),
    after: writtenJson().nullable(),
    address: p.text().nullable(),
    correlationId: p.text().nullable(),
    count: p.bigint("number"),
    hash: p.text(),
    keyId: p.text(),
    sealBefore: p.text().nullable(),
    /** When it happened; an entry is never changed. */
    ...dated,
  },
  uniques: [{ name: "audit_logs_sequence", properties: ["tenantId", "sequence"] }],
  indexes: [{ name: "audit_logs_tenant", properties: ["tenantId", "id"] }],
});
