// Pages of the audit trail, read through the entity: newest first, or on from a sequence.

import type { EntityManager, FilterQuery, InferEntity } from "@mikro-orm/core";
import type { AuditEntry, AuditQuery } from "../../core/directory/audit.ts";
import type { Page } from "../../core/directory/directory-store.ts";
import { firstIdOf } from "../first-id.ts";
import { AuditLogEntity } from "../entities/audit-log-entity.ts";
import { auditEntryOf } from "./audit-rows.ts";
import { pageOf } from "./page.ts";

export async function listAudit(em: EntityManager, query: AuditQuery): Promise<Page<AuditEntry>> {
  const rows = await em.find(AuditLogEntity, conditionOf(query), {
    orderBy: query.afterSequence === undefined ? { id: "desc" } : { sequence: "asc" },
    limit: query.first + 1,
    disableIdentityMap: true,
  });
  return pageOf(rows, query.first, auditEntryOf);
}

function conditionOf(query: AuditQuery): FilterQuery<InferEntity<typeof AuditLogEntity>> {
  const { tenantId, after, kind, action, actorId, targetId, fromMs, toMs, afterSequence } = query;
  return {
    $and: [
      tenantId === undefined ? {} : { tenantId },
      after === undefined ? {} : { id: { $lt: after } },
      kind === undefined ? {} : { kind },
      action === undefined ? {} : { action },
      actorId === undefined ? {} : { actorId },
      targetId === undefined ? {} : { targetId },
      // Ids are made when entries are written, some of them long after what they tell of.
      fromMs === undefined ? {} : { id: { $gte: firstIdOf(fromMs) } },
      toMs === undefined ? {} : { id: { $lt: firstIdOf(toMs) } },
      afterSequence === undefined ? {} : { sequence: { $gt: afterSequence } },
    ],
  };
}
