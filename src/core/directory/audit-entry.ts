// Audit entries as they are written: every text in them is fit to be read.

import type { Principal } from "../access/principal.ts";
import type { AuditActor, AuditTrail, NewAuditEntry } from "./audit.ts";
import { auditJson, auditText } from "./audit-text.ts";

/** An entry that nobody has dated yet. */
export type UndatedEntry = Parameters<AuditTrail["note"]>[0];

export function actorOf({ system, keyless, apiKeyId, userId, externalId }: Principal): AuditActor {
  if (system) return { type: "system", id: undefined };
  if (keyless) return { type: "keyless", id: undefined };
  if (apiKeyId !== undefined) return { type: "api_key", id: apiKeyId };
  return { type: "user", id: userId ?? externalId };
}

/** What a principal did, or was refused. */
export const entryBy = (
  by: Principal,
  entry: Omit<UndatedEntry, "actor" | "origin" | "kind"> & Partial<Pick<UndatedEntry, "kind">>,
): UndatedEntry => ({ kind: "change", ...entry, actor: actorOf(by), origin: by.origin ?? {} });

/** What was refused of a call. */
export const entryOfCall = (
  { principal, correlationId = principal.origin?.correlationId }: RefusedCall,
  entry: Pick<UndatedEntry, "action" | "target" | "after">,
): UndatedEntry =>
  entryBy(
    { ...principal, origin: { ...principal.origin, correlationId } },
    { ...entry, tenantId: principal.tenantId, kind: "decision", before: undefined },
  );

interface RefusedCall {
  readonly principal: Principal;
  readonly correlationId: string | undefined;
}

export function readableEntry(entry: UndatedEntry): UndatedEntry {
  const { tenantId, kind, action, actor, target, before, after, origin } = entry;
  const { address, correlationId } = origin;
  return {
    tenantId: auditText(tenantId),
    kind,
    action: auditText(action),
    actor: { type: actor.type, id: ifGiven(actor.id, auditText) },
    target: target && { type: auditText(target.type), id: auditText(target.id) },
    before: ifGiven(before, auditJson),
    after: ifGiven(after, auditJson),
    origin: { address: ifGiven(address, auditText), correlationId: ifGiven(correlationId, auditText) },
  };
}

export const dated = (
  entry: UndatedEntry,
  date: Pick<NewAuditEntry, "id" | "atMs" | "count">,
): NewAuditEntry => ({
  ...readableEntry(entry),
  ...date,
});

const ifGiven = <T>(value: T | undefined, make: (value: T) => T): T | undefined =>
  value === undefined ? undefined : make(value);
