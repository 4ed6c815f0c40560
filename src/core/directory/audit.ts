// The audit trail: who did what, when and from where. Append-only; the entries of a tenant form a chain.

import type { Origin } from "../access/principal.ts";
import type { JsonObject } from "../json.ts";

export interface AuditActor {
  /** `user`, `api_key`, `keyless`, `system` (the gateway itself, its set-up), `unknown` (a refused credential). */
  readonly type: "user" | "api_key" | "keyless" | "system" | "unknown";
  readonly id: string | undefined;
}

/** `decision`: a policy said no. */
export type AuditKind = "change" | "log_in" | "refused_credential" | "decision";

export interface NewAuditEntry {
  /** UUIDv7, made when it is written: its time is not before `atMs`, but for the moment between the two. */
  readonly id: string;
  readonly atMs: number;
  /** Whose trail; `platform` for what is no tenant's. */
  readonly tenantId: string;
  readonly kind: AuditKind;
  /** As `api_key.create`. */
  readonly action: string;
  readonly actor: AuditActor;
  readonly target: { readonly type: string; readonly id: string } | undefined;
  /** Without secrets. Absent: there was none. */
  readonly before: JsonObject | undefined;
  readonly after: JsonObject | undefined;
  readonly origin: Origin;
  /** How often it happened, where many of a kind make one entry. */
  readonly count: number;
}

/** The trail of what is no tenant's. No tenant may have the name. */
export const platformTrail = "platform";

export interface AuditEntry extends NewAuditEntry {
  /** From 1, without a gap in its trail. */
  readonly sequence: number;
  /** HMAC-SHA-256 over the entry and the hash before it, in hexadecimal. */
  readonly hash: string;
  readonly keyId: string;
  /** Where the entry before bears another key: that key's id, and SHA-256 of the seal that the trail's end had then. */
  readonly sealBefore: string | undefined;
}

export interface AuditQuery {
  /** Absent: of every trail. */
  readonly tenantId: string | undefined;
  readonly first: number;
  /** The id of the last entry of the page before; newest first. */
  readonly after: string | undefined;
  readonly kind?: AuditKind | undefined;
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly targetId?: string | undefined;
  /** When they were written: by that, nothing joins a time that has been read. What they tell of may be earlier. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Those that follow it in their trail, oldest first; with a tenant, and without `after`. */
  readonly afterSequence?: number | undefined;
}

export interface AuditVerification {
  readonly tenantId: string;
  readonly entries: number;
  /** True: all of it is proven. Undefined: nothing is at fault, but not all could be checked. */
  readonly intact: boolean | undefined;
  /** The first entry at fault, in words; absent: none was found. */
  readonly problem: string | undefined;
  /** What could not be checked, as its key is not here, in words; absent: all was, as far as it was read. */
  readonly unchecked: string | undefined;
}

/** Takes entries that come with no change of the directory; never blocks a call, never throws. */
export interface AuditTrail {
  note(entry: Omit<NewAuditEntry, "id" | "atMs" | "count">): void;
}
