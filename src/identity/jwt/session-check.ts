// Access tokens of the gateway's own as credentials: the token is checked once, and its session at each call, in memory.

import type { CredentialCheck } from "../../core/access/credential-check.ts";
import { CredentialRefusal, type RefusalReason } from "../../core/access/credential-refusal.ts";
import { permissionsOfRole } from "../../core/access/permissions.ts";
import type { Principal } from "../../core/access/principal.ts";
import type { DirectoryFollower, DirectoryStore } from "../../core/directory/directory-store.ts";
import type { Tenant, User } from "../../core/directory/entries.ts";
import { grantOfTenant, grantOfUser } from "../../core/directory/grants-of.ts";
import { fromStore } from "../from-store.ts";
import { createHeldGrants, type Held, type HeldGrantsOptions } from "./held-grants.ts";
import { createSessionTokens, type IssuedClaims, type TokenPorts } from "./session-tokens.ts";
import { createAlgorithmReader, isSymmetric } from "./token-shape.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

export interface SessionCheckPorts extends TokenPorts, Pick<HeldGrantsOptions, "hearsChanges"> {
  readonly store: Pick<DirectoryStore, "session" | "userById">;
}

interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
}

/** Whom a token stands for; or why it stands for nobody any more. */
type Standing = { readonly principal: Principal } | { readonly refusal: Refusal };

export function createSessionCheck(ports: SessionCheckPorts): CredentialCheck & DirectoryFollower {
  const tokens = createSessionTokens(ports);
  const verified = createVerifiedTokens<IssuedClaims>(ports.clock);
  const grants = createHeldGrants<Standing>(ports);
  const algorithmOf = createAlgorithmReader();

  async function verify(token: string): Promise<IssuedClaims> {
    const claims = await tokens.verify(token);
    verified.add(token, claims);
    return claims;
  }

  return {
    handles(credential) {
      const algorithm = algorithmOf(credential);
      return algorithm !== undefined && isSymmetric(algorithm);
    },
    async check(credential) {
      const claims = verified.find(credential) ?? (await verify(credential));
      const { sessionId, userId, tenantId, issuedAtMs } = claims;
      const held = grants.of(sessionId ?? `${userId} ${issuedAtMs}`, () => standingOf(claims, ports.store));
      const standing = held instanceof Promise ? await held : held;
      if (!("principal" in standing)) throw refused(standing.refusal, claims);
      const { principal } = standing;
      // A token without a session names its tenant by itself.
      if (principal.userId === userId && principal.tenantId === tenantId) return principal;
      throw refused(ended, claims);
    },
    forget: (changed) => grants.forget(changed),
  };
}

const ended: Refusal = { reason: "expired", message: "The session has ended. Log in again." };

const inactive: Refusal = {
  reason: "inactive",
  message: "The user or the tenant is not active any more. Ask an administrator.",
};

function refused(refusal: Refusal, { sessionId, userId, tenantId }: IssuedClaims): CredentialRefusal {
  const target = sessionId === undefined ? { type: "user", id: userId } : { type: "session", id: sessionId };
  return new CredentialRefusal({ ...refusal, tenantId, target });
}

/** No access token outlives its session's time. */
async function standingOf(
  { sessionId, userId, tenantId, issuedAtMs }: IssuedClaims,
  store: SessionCheckPorts["store"],
): Promise<Held<Standing>> {
  const owners = { tenantId, userId, sessionId };
  if (sessionId === undefined) {
    const found = await fromStore(store.userById(userId));
    if (found === undefined) return { owners, grant: nobody(inactive) };
    // In the same second as well: nobody can say which of the two came first.
    const hasEnded = issuedAtMs <= (found.user.tokensEndedAtMs ?? -1);
    return { owners, grant: hasEnded ? nobody(ended) : grantOf({ ...found, tokenIssuedAtMs: issuedAtMs }) };
  }
  const found = await fromStore(store.session(sessionId));
  const hasEnded = found === undefined || found.session.endedAtMs !== undefined;
  return { owners, grant: hasEnded ? nobody(ended) : grantOf(found) };
}

const nobody = (refusal: Refusal): Standing => ({ refusal });

function grantOf(found: {
  readonly user: User;
  readonly tenant: Tenant;
  readonly session?: { readonly id: string };
  readonly tokenIssuedAtMs?: number;
}): Standing {
  const { user, tenant, session, tokenIssuedAtMs } = found;
  if (!user.active || !tenant.active) return nobody(inactive);
  return {
    principal: {
      tenantId: tenant.id,
      userId: user.id,
      sessionId: session?.id,
      tokenIssuedAtMs,
      environment: "live",
      keyless: false,
      role: user.role,
      permissions: permissionsOfRole[user.role],
      grants: { tenant: grantOfTenant(tenant), user: grantOfUser(user) },
    },
  };
}
