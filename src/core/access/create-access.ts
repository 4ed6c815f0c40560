// Access by credentials of every kind, and without one while that is allowed.

import { platformTrail, type AuditTrail } from "../directory/audit.ts";
import { GatewayError } from "../errors.ts";
import type { Access, Presented } from "./access.ts";
import { type ConfiguredKeysOptions, createConfiguredKeys } from "./configured-keys.ts";
import type { CredentialCheck } from "./credential-check.ts";
import { CredentialRefusal } from "./credential-refusal.ts";
import { createKeylessRules, type KeylessOptions } from "./keyless-rules.ts";
import { ownPrincipal } from "./own-principal.ts";
import type { Principal } from "./principal.ts";

export interface AccessOptions extends KeylessOptions, ConfiguredKeysOptions {
  /** True: a credential is always asked for. False: never. Absent: as soon as there is a key. */
  readonly authRequired?: boolean | undefined;
  /** Asked in their order, after the configured keys; absent: there are no others. */
  readonly credentials?: readonly CredentialCheck[] | undefined;
  /** Whether the directory has, or ever had, a key, as far as is known now; absent: there is no directory. */
  readonly hasApiKeys?: (() => boolean) | undefined;
  /** Hears of credentials that are refused; absent: nobody does. */
  readonly auditTrail?: AuditTrail | undefined;
}

/** Longer ones are nobody's: not even looked at. */
const maxCredentialChars = 8_192;

export function createAccess(options: AccessOptions): Access {
  const { apiKeys, authRequired, hasApiKeys, credentials = [] } = options;
  const checkKeyless = createKeylessRules(options);
  const checks = apiKeys.length === 0 ? credentials : [createConfiguredKeys(options), ...credentials];

  function isKeyless(): boolean {
    if (authRequired !== undefined) return !authRequired;
    return apiKeys.length === 0 && hasApiKeys?.() !== true;
  }

  function withoutCredential(presented: Presented): Principal {
    checkKeyless(presented);
    return { ...ownPrincipal, origin: originOf(presented) };
  }

  function check(credential: string, presented: Presented): Promise<Principal> {
    if (credential.length > maxCredentialChars) throw tooLong();
    for (const each of checks) if (each.handles(credential)) return each.check(credential, presented);
    throw nobodys();
  }

  return {
    get keyless() {
      return isKeyless();
    },
    async authenticate(presented) {
      const { credential } = presented;
      if (credential === undefined) {
        if (isKeyless()) return withoutCredential(presented);
        throw missing();
      }
      try {
        return { ...(await check(credential, presented)), origin: originOf(presented) };
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // Tools that cannot be without a key send one that nobody knows.
        if (isKeyless() && !isDenial(error)) return withoutCredential(presented);
        options.auditTrail?.note(entryOf(error, presented));
        throw error;
      }
    },
  };
}

const originOf = ({ remoteAddress, correlationId }: Presented) => ({ address: remoteAddress, correlationId });

/** And not that it could not be looked up. */
const isRefusal = (error: unknown): error is GatewayError =>
  error instanceof GatewayError &&
  (error.code === "unauthenticated" || error.code === "rate_limited" || isDenial(error));

/** Of one that is good: whoever has it must not be taken for somebody else. */
const isDenial = ({ code }: GatewayError): boolean => code === "permission_denied";

function entryOf(error: GatewayError, presented: Presented): Parameters<AuditTrail["note"]>[0] {
  const { reason, tenantId, target } = error instanceof CredentialRefusal ? error : unnamed(error);
  return {
    tenantId: tenantId ?? platformTrail,
    kind: isDenial(error) ? "decision" : "refused_credential",
    action: `credential.${reason}`,
    actor: { type: "unknown", id: undefined },
    target,
    before: undefined,
    after: undefined,
    origin: originOf(presented),
  };
}

const unnamed = (error: GatewayError) => ({
  reason: isDenial(error) ? "denied" : "refused",
  tenantId: undefined,
  target: undefined,
});

const missing = () =>
  new GatewayError({
    code: "unauthenticated",
    message: "A key is needed. Send it as `Authorization: Bearer <key>` or `X-API-Key`.",
  });

const nobodys = () =>
  new CredentialRefusal({
    reason: "unknown",
    message: "The key is not known. Check it for a typing error, or ask for a new one.",
  });

const tooLong = () =>
  new CredentialRefusal({
    reason: "malformed",
    message: `The credential is longer than ${maxCredentialChars} characters. Send the key alone.`,
  });
