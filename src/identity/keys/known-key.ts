// A key as it is held in memory: who calls by it, and until when.

import type { RefusalReason } from "../../core/access/credential-refusal.ts";
import { permissionsOfRole, type PermissionSet } from "../../core/access/permissions.ts";
import type { Principal } from "../../core/access/principal.ts";
import type { ChangedEntry, FoundKey } from "../../core/directory/directory-store.ts";
import type { ApiKey } from "../../core/directory/entries.ts";
import { grantsOfKey } from "../../core/directory/grants-of.ts";

interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
}

export interface KnownKey {
  readonly apiKey: ApiKey;
  readonly principal: Principal;
  /** Undefined: it is good, until it ends. */
  readonly refusal: Refusal | undefined;
  readonly endsAtMs: number;
  readonly atItsEnd: Refusal;
  /** Of its last use; 0: it was not used yet. */
  usedAtMs: number;
  /** Whether the use waits to be written. */
  isGathered: boolean;
}

/** `isPrevious`: it was found by the secret before its rotation. */
export function knownKeyOf(found: Omit<FoundKey, "credential">, isPrevious: boolean): KnownKey {
  const { apiKey } = found;
  const expiresAtMs = apiKey.expiresAtMs ?? Number.POSITIVE_INFINITY;
  // Nobody has said how long it goes on: not at all.
  const replacedAtMs = isPrevious ? (apiKey.previousExpiresAtMs ?? 0) : Number.POSITIVE_INFINITY;
  return {
    apiKey,
    principal: principalOf(found),
    refusal: refusalOf(found),
    endsAtMs: Math.min(expiresAtMs, replacedAtMs),
    atItsEnd: replacedAtMs < expiresAtMs ? replaced : expired,
    usedAtMs: 0,
    isGathered: false,
  };
}

/** Whether something that it was made of has changed. */
export const isMadeOf = ({ apiKey }: KnownKey, changed: ChangedIds): boolean =>
  changed.api_key.has(apiKey.id) ||
  changed.tenant.has(apiKey.tenantId) ||
  (apiKey.userId !== undefined && changed.user.has(apiKey.userId));

export type ChangedIds = Readonly<Record<ChangedEntry["kind"], ReadonlySet<string>>>;

function principalOf(found: Omit<FoundKey, "credential">): Principal {
  const { apiKey, tenant } = found;
  return {
    tenantId: tenant.id,
    userId: apiKey.userId,
    apiKeyId: apiKey.id,
    environment: apiKey.environment,
    keyless: false,
    permissions: permissionsOf(found),
    grants: grantsOfKey(found),
  };
}

function permissionsOf({ apiKey, user }: Omit<FoundKey, "credential">): PermissionSet {
  if (apiKey.userId === undefined) return new Set(apiKey.permissions);
  if (user === undefined) return new Set();
  const ofRole = permissionsOfRole[user.role];
  return new Set(apiKey.permissions.filter((permission) => ofRole.has(permission)));
}

function refusalOf({ apiKey, tenant, user }: Omit<FoundKey, "credential">): Refusal | undefined {
  if (apiKey.revokedAtMs !== undefined) return revoked;
  if (!apiKey.active) return inactive("The key");
  if (apiKey.userId !== undefined && user?.active !== true) return inactive("The key's user");
  return tenant.active ? undefined : inactive("The key's tenant");
}

const revoked: Refusal = { reason: "revoked", message: "The key was revoked. Ask for a new one." };

const expired: Refusal = { reason: "expired", message: "The key has expired. Ask for a new one." };

const replaced: Refusal = {
  reason: "expired",
  message: "The key was replaced by a new one, and its time is over. Use the new one.",
};

const inactive = (what: string): Refusal => ({
  reason: "inactive",
  message: `${what} is inactive. Ask an administrator to activate it.`,
});
