import type { AuditActor, AuditEntry, AuditKind } from "../../core/directory/audit.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { RowFields } from "./row-fields.ts";
import { orNull, type RowValues } from "./tables.ts";

export const auditColumns = [
  "id",
  "tenant_id",
  "sequence",
  "kind",
  "action",
  "actor_type",
  "actor_id",
  "target_type",
  "target_id",
  "before",
  "after",
  "address",
  "correlation_id",
  "count",
  "hash",
  "key_id",
  "seal_before",
  "created_at",
  "updated_at",
];

export const auditEntryOf = (fields: RowFields): AuditEntry => ({
  id: fields.text("id"),
  atMs: fields.number("created_at"),
  tenantId: fields.text("tenant_id"),
  kind: fields.oneOf("kind", isAuditKind),
  action: fields.text("action"),
  actor: { type: fields.oneOf("actor_type", isActorType), id: fields.textIfAny("actor_id") },
  target: targetOf(fields),
  before: fields.objectIfAny("before"),
  after: fields.objectIfAny("after"),
  origin: { address: fields.textIfAny("address"), correlationId: fields.textIfAny("correlation_id") },
  count: fields.number("count"),
  sequence: fields.number("sequence"),
  hash: fields.text("hash"),
  keyId: fields.text("key_id"),
  sealBefore: fields.textIfAny("seal_before"),
});

export const auditValues = (entry: AuditEntry): RowValues => ({
  id: entry.id,
  tenant_id: entry.tenantId,
  sequence: entry.sequence,
  kind: entry.kind,
  action: entry.action,
  actor_type: entry.actor.type,
  actor_id: orNull(entry.actor.id),
  target_type: orNull(entry.target?.type),
  target_id: orNull(entry.target?.id),
  before: entry.before === undefined ? null : canonicalJson(entry.before),
  after: entry.after === undefined ? null : canonicalJson(entry.after),
  address: orNull(entry.origin.address),
  correlation_id: orNull(entry.origin.correlationId),
  count: entry.count,
  hash: entry.hash,
  key_id: entry.keyId,
  seal_before: orNull(entry.sealBefore),
  created_at: entry.atMs,
  // An entry is never changed.
  updated_at: entry.atMs,
});

function targetOf(fields: RowFields): AuditEntry["target"] {
  const type = fields.textIfAny("target_type");
  return type === undefined ? undefined : { type, id: fields.text("target_id") };
}

const auditKinds = ["change", "log_in", "refused_credential", "decision"] satisfies AuditKind[];
const isAuditKind = (text: string): text is AuditKind => auditKinds.some((kind) => kind === text);

const actorTypes = ["user", "api_key", "keyless", "system", "unknown"] satisfies AuditActor["type"][];
const isActorType = (text: string): text is AuditActor["type"] => actorTypes.some((type) => type === text);
