// The part of the administration that is about the audit trail.

import type { FieldFault } from "../errors.ts";
import type { Administration } from "./administration.ts";
import type { Steps } from "./administration-steps.ts";
import type { AuditKind, AuditQuery } from "./audit.ts";
import { listedTenant, requireOwnTenant } from "./listed-tenant.ts";
import { type Fault, faultsOf, refuse } from "./rules/faults.ts";
import { pageFaults } from "./rules/page.ts";
import { nameFault } from "./rules/text.ts";

type AuditAdministration = Pick<Administration, "auditLog" | "verifyAudit">;

/** The trail of what is no tenant's is for those who act for every tenant: no tenant has its name. */
export const createAuditAdministration = (steps: Steps): AuditAdministration => ({
  async auditLog(by, query) {
    steps.permit(by, "auditLog");
    const tenantId = listedTenant(by, query.tenantId);
    refuse(queryFaults({ ...query, tenantId }));
    const { first, after, kind, action, actorId, targetId, fromMs, toMs, afterSequence } = query;
    const asked = { tenantId, first, after, kind, action, actorId, targetId, fromMs, toMs, afterSequence };
    return steps.ask((store) => store.audit(asked));
  },
  async verifyAudit(by, tenantId = by.tenantId) {
    steps.permit(by, "verifyAudit");
    requireOwnTenant(by, tenantId);
    return steps.ask((store) => store.verifyAudit(tenantId));
  },
});

const kinds: Readonly<Record<AuditKind, true>> = {
  change: true,
  log_in: true,
  refused_credential: true,
  decision: true,
};

const queryFaults = (query: Partial<AuditQuery> & Pick<AuditQuery, "first">): readonly FieldFault[] => [
  ...pageFaults(query),
  ...faultsOf("kind", query.kind, kindFault),
  ...faultsOf("action", query.action, nameFault),
  ...faultsOf("actorId", query.actorId, nameFault),
  ...faultsOf("targetId", query.targetId, nameFault),
  ...faultsOf("fromMs", query.fromMs, timeFault),
  ...faultsOf("toMs", query.toMs, timeFault),
  ...faultsOf("afterSequence", query.afterSequence, (sequence) => sequenceFault(sequence, query)),
  ...trailFaults(query),
];

function sequenceFault(sequence: number, { after }: Partial<AuditQuery>): Fault {
  if (!Number.isSafeInteger(sequence) || sequence < 0) return "must be a whole number from 0";
  return after === undefined
    ? undefined
    : "cannot be given with `after`: the one is an order, the other another";
}

const trailFaults = ({ afterSequence, tenantId }: Partial<AuditQuery>): readonly FieldFault[] =>
  afterSequence === undefined || tenantId !== undefined
    ? []
    : [{ field: "tenantId", message: "must be given: each trail has a sequence of its own" }];

const kindFault = (kind: string): Fault =>
  Object.hasOwn(kinds, kind) ? undefined : `must be ${Object.keys(kinds).join(", ")}`;

const timeFault = (ms: number): Fault =>
  Number.isSafeInteger(ms) ? undefined : "must be a time in whole milliseconds";
