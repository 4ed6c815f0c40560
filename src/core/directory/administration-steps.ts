// The steps that every function of the administration goes through: may the caller, is it there and of the version
// that was read, and then change and audit entry in one write.

import { notFound, requirePermission } from "../access/authorize.ts";
import { denialBy } from "../access/permission-check.ts";
import type { Permission } from "../access/permissions.ts";
import type { Principal } from "../access/principal.ts";
import type { Clock } from "../clock.ts";
import { type FieldFault, GatewayError, type ReportFault } from "../errors.ts";
import type { NewId } from "../ids.ts";
import { changedMeanwhile, conflictOn } from "./administration-errors.ts";
import { administrationNeeds } from "./administration-needs.ts";
import { dated, entryBy } from "./audit-entry.ts";
import type { AuditTrail } from "./audit.ts";
import { type Differences, differencesOf } from "./audit-differences.ts";
import type { DirectoryChange, DirectoryStore } from "./directory-store.ts";
import type { DirectorySecrets } from "./secrets.ts";

export interface AdministrationPorts {
  readonly store: DirectoryStore;
  readonly secrets: DirectorySecrets;
  /** Hears of what was refused. */
  readonly trail: AuditTrail;
  readonly newId: NewId;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
  /** Makes this gateway forget what it holds of the directory; awaited after each change. */
  readonly changed: () => Promise<void>;
  /** Whether an issuer on loopback may be asked by `http:`. */
  readonly allowsLoopbackIssuers: boolean;
  /** `AUTH_REQUIRED=false`: the gateway stays keyless when there are keys. */
  readonly staysKeyless: boolean;
}

export interface AuditedChange {
  /** Whose trail. */
  readonly tenantId: string;
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string };
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  /** What was changed and is not shown, as `passwordChanged`. */
  readonly hidden?: Readonly<Record<string, boolean>> | undefined;
}

export interface PlannedWrite {
  readonly changes: readonly DirectoryChange[];
  readonly audit: readonly AuditedChange[];
  /** What is said where another one has it: of the change at this place. */
  readonly taken?: ((at: number) => FieldFault) | undefined;
  /** What is said where something else than its version has changed. */
  readonly meanwhile?: FieldFault | undefined;
  /** What it belongs to. */
  readonly owner?: string | undefined;
}

export interface Steps extends Pick<
  AdministrationPorts,
  "secrets" | "newId" | "staysKeyless" | "allowsLoopbackIssuers"
> {
  nowMs(): number;
  /** @throws GatewayError `permission_denied`, which leaves an entry in the trail */
  permit(by: Principal, what: keyof typeof administrationNeeds): void;
  permitTo(by: Principal, permission: Permission): void;
  /** A `permission_denied` to be thrown, which leaves an entry in the trail. `what`: as `role:owner`. */
  denied(by: Principal, what: string, message: string): GatewayError;
  /** @throws GatewayError `unavailable` where the store rejects */
  ask<T>(question: (store: DirectoryStore) => Promise<T>): Promise<T>;
  /** @returns the new version. @throws GatewayError `unavailable`, `conflict`, `not_found` */
  write(by: Principal, write: PlannedWrite): Promise<number>;
  note: AuditTrail["note"];
}

export function createSteps(ports: AdministrationPorts): Steps {
  const { store, clock, newId, secrets, trail, staysKeyless, allowsLoopbackIssuers } = ports;
  const told = createTold(ports.reportFault);

  const entryOf = (by: Principal, change: AuditedChange) =>
    dated(entryBy(by, { ...change, ...shown(change) }), { atMs: clock.epochMs(), id: newId(), count: 1 });

  return {
    secrets,
    newId,
    staysKeyless,
    allowsLoopbackIssuers,
    nowMs: () => clock.epochMs(),
    ...createPermits(trail),
    ask: (question) => told(() => question(store), "The database does not answer. Try again later."),
    async write(by, { changes, audit, taken, meanwhile, owner }) {
      const written = await told(
        () => store.write({ changes, audit: audit.map((change) => entryOf(by, change)) }),
        "The database did not take the change. Look whether it was made, then try again.",
      );
      switch (written.outcome) {
        case "written":
          await forget(ports);
          return written.version;
        case "changed_meanwhile":
          throw meanwhile === undefined ? changedMeanwhile() : conflictOn(meanwhile);
        case "exists":
          throw conflictOn(taken?.(written.at) ?? { field: "id", message: "is in use" });
        case "no_owner":
          throw notFound(owner ?? "tenant");
      }
    },
    note: (entry) => trail.note(entry),
  };
}

function createPermits(trail: AuditTrail): Pick<Steps, "permit" | "permitTo" | "denied"> {
  function denied(by: Principal, what: string, message: string): GatewayError {
    trail.note(denialBy(by, what));
    return new GatewayError({ code: "permission_denied", message });
  }

  function permitTo(by: Principal, permission: Permission): void {
    try {
      requirePermission(by, permission);
    } catch (error) {
      throw error instanceof GatewayError ? denied(by, permission, error.message) : error;
    }
  }

  return { permit: (by, what) => permitTo(by, administrationNeeds[what]), permitTo, denied };
}

/** The one place where a rejection of the store becomes an error for callers. */
const createTold =
  (reportFault: ReportFault) =>
  async <T>(asked: () => Promise<T>, message: string): Promise<T> => {
    try {
      return await asked();
    } catch (cause) {
      reportFault(cause, {});
      throw new GatewayError({ code: "unavailable", message, cause });
    }
  };

/** The change stands, whoever has not heard of it yet. */
async function forget({ changed, reportFault }: AdministrationPorts): Promise<void> {
  try {
    await changed();
  } catch (error) {
    reportFault(error, {});
  }
}

function shown({ before, after, hidden }: AuditedChange): Differences {
  const differences = differencesOf(before, after);
  return hidden === undefined ? differences : { ...differences, after: { ...differences.after, ...hidden } };
}
