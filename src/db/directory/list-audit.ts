// Pages of the audit trail, newest first, read through the entity.

import type { EntityManager, FilterQuery, InferEntity } from "@mikro-orm/core";
import type { AuditEntry, AuditQuery } from "../../core/directory/audit.ts";
import type { Page } from "../../core/directory/directory-store.ts";
import { firstIdOf } from "../first-id.ts";
import { AuditLogEntity } from "../entities/audit-log-entity.ts";
import { auditEntryOf } from "./audit-rows.ts";
import { pageOf } from "./page.ts";

export async function listAudit(em: EntityManager, query: AuditQuery): Promise<Page<AuditEntry>> {
  const rows = await em.find(AuditLogEntity, conditionOf(query), {
    orderBy: { id: "desc" },
    limit: query.first + 1,
    disableIdentityMap: true,
  });
  return pageOf(rows, query.first, auditEntryOf);
}

/**
 * How much later its own time an entry may say than its id, of which the time was read a moment before. It may say
 * one that is much earlier: of what was counted, or waited while the database was away.
 */
const leadMs = 60_000;

function conditionOf(query: AuditQuery): FilterQuery<InferEntity<typeof AuditLogEntity>> {
  const { tenantId, after, kind, action, actorId, targetId, fromMs, toMs } = query;
  return {
    $and: [
      tenantId === undefined ? {} : { tenantId },
      after === undefined ? {} : { id: { $lt: after } },
      kind === undefined ? {} : { kind },
      action === undefined ? {} : { action },
      actorId === undefined ? {} : { actorId },
      targetId === undefined ? {} : { targetId },
      // By the id too, in the order of which they are read: reading ends there, and not at the trail's beginning.
      fromMs === undefined ? {} : { id: { $gte: firstIdOf(fromMs - leadMs) }, createdAt: { $gte: fromMs } },
      toMs === undefined ? {} : { createdAt: { $lt: toMs } },
    ],
  };
}
