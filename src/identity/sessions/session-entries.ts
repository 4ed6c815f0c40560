// What the audit trail tells of sessions.

import type { Origin, Principal } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import { type NewAuditEntry, platformTrail } from "../../core/directory/audit.ts";
import { dated, entryBy, type UndatedEntry } from "../../core/directory/audit-entry.ts";
import type { NewId } from "../../core/ids.ts";

export type SessionAction =
  | "session.log_in"
  | "session.sign_on"
  | "session.log_out"
  | "session.log_out_everywhere"
  | "session.refresh";

/** Of a session's beginning. */
export const began = (about: {
  readonly action: "session.log_in" | "session.sign_on";
  readonly session: { readonly id: string; readonly userId: string; readonly tenantId: string };
  readonly origin: Origin;
}): UndatedEntry => ({
  tenantId: about.session.tenantId,
  kind: "log_in",
  action: about.action,
  actor: { type: "user", id: about.session.userId },
  target: { type: "session", id: about.session.id },
  before: undefined,
  after: undefined,
  origin: about.origin,
});

export const ended = (
  by: Principal,
  action: "session.log_out" | "session.log_out_everywhere",
  target: { readonly type: "session" | "user"; readonly id: string },
): UndatedEntry =>
  entryBy(by, {
    tenantId: by.tenantId,
    kind: "log_in",
    action,
    target,
    before: undefined,
    after: undefined,
  });

export interface Refused {
  readonly action: SessionAction;
  readonly reason: string;
  /** Absent: of none that is known. */
  readonly tenantId?: string | undefined;
  /** The user or session that it was tried on. */
  readonly target?: UndatedEntry["target"];
  readonly email?: string | undefined;
  readonly origin: Origin;
  /** `decision`: a rule said no to somebody who may be whom they say. */
  readonly kind?: "decision" | undefined;
}

export const refused = (about: Refused): UndatedEntry => ({
  tenantId: about.tenantId ?? platformTrail,
  kind: about.kind ?? "refused_credential",
  action: about.action,
  actor: { type: "unknown", id: undefined },
  target: about.target,
  before: undefined,
  after: { reason: about.reason, ...(about.email === undefined ? {} : { email: about.email }) },
  origin: about.origin,
});

/** As the store takes it, with a change of its own. */
export const toWrite = (
  entry: UndatedEntry,
  ports: { readonly clock: Clock; readonly newId: NewId },
): NewAuditEntry => dated(entry, { id: ports.newId(), atMs: ports.clock.epochMs(), count: 1 });
