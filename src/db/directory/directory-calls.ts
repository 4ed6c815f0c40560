// What a database is asked for the directory, whichever it is. `stored-directory.ts` makes the core's port of it.

import type { AuditVerification } from "../../core/directory/audit.ts";
import type {
  DirectoryStore,
  DirectoryWrite,
  DirectoryWritten,
  RefreshOutcome,
  SessionRefresh,
} from "../../core/directory/directory-store.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import type { AuditLink } from "./audit-link.ts";
import type { UncheckedEntries } from "./audit-unchecked.ts";

export interface DatedWrite extends DirectoryWrite {
  readonly epochMs: number;
  /** The first is what new entries are made with; none where there are no entries. */
  readonly auditKeys: readonly AuditKey[];
}

export interface TrailedRefresh extends SessionRefresh {
  /** The first is what the entry is made with. */
  readonly auditKeys: readonly AuditKey[];
}

/** Answered by plain statements: most of them stand in the way of a call. */
export interface DirectoryCalls extends Pick<
  DirectoryStore,
  | "changesSince"
  | "hasApiKeys"
  | "keyByHash"
  | "keyById"
  | "importedKeys"
  | "importedPrefixes"
  | "rehashKey"
  | "touchKeys"
  | "userById"
  | "usersByEmail"
  | "activeUser"
  | "userByExternalId"
  | "touchUser"
  | "rehashPassword"
  | "session"
  | "ssoConfig"
  | "tenantsById"
  | "tenantsAfter"
  | "retentionsAfter"
  | "usersById"
  | "apiKeysById"
> {
  refreshSession(refresh: TrailedRefresh): Promise<RefreshOutcome>;
  writeDirectory(write: DatedWrite): Promise<DirectoryWritten>;
  /** Of keys that are not at their end by then. */
  underOtherKeysAt(keyIds: readonly string[], epochMs: number): ReturnType<DirectoryStore["underOtherKeys"]>;
}

/** A trail as far as it was verified. */
export interface AuditProgress {
  readonly tenantId: string;
  readonly auditKeys: readonly AuditKey[];
  /** Undefined: from its beginning. */
  readonly after: AuditLink | undefined;
  readonly unchecked: UncheckedEntries | undefined;
}

/** Answered through the entities, or at length. */
export interface DirectoryReadings extends Pick<DirectoryStore, "tenants" | "users" | "apiKeys" | "audit"> {
  /** One page. Of two answers the second: how it stands, when the end was reached or something was found. */
  verifyAuditPage(progress: AuditProgress): Promise<AuditProgress | AuditVerification>;
}
