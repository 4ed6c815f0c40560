// Keys that the configuration lists: of the tenant `default`, with what a developer may do.

import type { CredentialCheck } from "./credential-check.ts";
import { CredentialRefusal } from "./credential-refusal.ts";
import type { KnownTenants } from "./known-tenants.ts";
import { permissionsOfRole } from "./permissions.ts";
import type { Principal } from "./principal.ts";

export interface ConfiguredKeysOptions {
  readonly apiKeys: readonly string[];
  /** A one-way digest: keys are found by it, so that comparing them tells nothing by its time. */
  readonly digest: (text: string) => string;
  /** Absent: no tenants are kept. */
  readonly tenants?: KnownTenants | undefined;
}

const tenantId = "default";
const keyIdChars = 12;

export function createConfiguredKeys({ apiKeys, digest, tenants }: ConfiguredKeysOptions): CredentialCheck {
  const principals = new Map(
    apiKeys.map((key): [string, Principal] => {
      const hash = digest(key);
      const apiKeyId = `key_${hash.slice(0, keyIdChars)}`;
      const permissions = permissionsOfRole.developer;
      return [hash, { tenantId, apiKeyId, environment: "live", keyless: false, permissions }];
    }),
  );
  // Of another length it is none of them, and need not be hashed.
  const lengths = new Set(apiKeys.map((key) => key.length));
  const find = (credential: string): Principal | undefined =>
    lengths.has(credential.length) ? principals.get(digest(credential)) : undefined;
  return {
    handles: (credential) => find(credential) !== undefined,
    async check(credential) {
      const principal = find(credential);
      if (principal === undefined) throw unknownKey();
      const tenant = tenants?.find(tenantId);
      if (tenant?.active === false) throw inactive(principal);
      return { ...principal, grants: tenant?.grants };
    },
  };
}

const unknownKey = (): CredentialRefusal =>
  new CredentialRefusal({
    reason: "unknown",
    message: "The key is not known. Check it for a typing error, or ask for a new one.",
  });

const inactive = ({ apiKeyId = "" }: Principal): CredentialRefusal =>
  new CredentialRefusal({
    reason: "inactive",
    message: "The key's tenant is inactive. Ask an administrator to activate it.",
    tenantId,
    target: { type: "api_key", id: apiKeyId },
  });
