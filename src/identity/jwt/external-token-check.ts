// Tokens of an issuer that the operator trusts, as credentials: checked against its published keys. What they grant is
// what their claims and the directory say of their tenant.

import type { CredentialCheck } from "../../core/access/credential-check.ts";
import { CredentialRefusal, type RefusalOptions } from "../../core/access/credential-refusal.ts";
import {
  isAtMost,
  isRole,
  type PermissionSet,
  permissionsOfRole,
  type Role,
} from "../../core/access/permissions.ts";
import type { Principal } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { DirectoryFollower, DirectoryStore } from "../../core/directory/directory-store.ts";
import { grantOfTenant, grantOfUser } from "../../core/directory/grants-of.ts";
import { isSlug } from "../../core/directory/rules/ids.ts";
import { fromStore } from "../from-store.ts";
import { externalIdOf, isSubject } from "../sso/person.ts";
import { createExternalTokens, type ExternalTokenOptions } from "./external-tokens.ts";
import { createHeldGrants, type Held, type HeldGrantsOptions } from "./held-grants.ts";
import { createAlgorithmReader, isSymmetric } from "./token-shape.ts";

export interface ExternalTokenPorts extends ExternalTokenOptions, Pick<HeldGrantsOptions, "hearsChanges"> {
  readonly tenantClaim: string;
  readonly roleClaim: string;
  readonly clock: Clock;
  readonly store: Pick<DirectoryStore, "tenantsById" | "userByExternalId">;
}

/** What the directory has for a token's tenant and subject; else why they are refused. */
type Standing = Pick<Principal, "tenantId" | "userId" | "grants"> | CredentialRefusal;

export function createExternalTokenCheck(ports: ExternalTokenPorts): CredentialCheck & DirectoryFollower {
  const tokens = createExternalTokens(ports, (claims) => ({
    tenantId: textOf(claims, ports.tenantClaim, isSlug),
    subject: textOf(claims, "sub", isSubject),
    role: roleOf(claims, ports.roleClaim),
  }));
  const grants = createHeldGrants<Standing>(ports);
  const algorithmOf = createAlgorithmReader();

  return {
    handles(credential) {
      const algorithm = algorithmOf(credential);
      return algorithm !== undefined && !isSymmetric(algorithm);
    },
    async check(credential) {
      const { claims } = tokens.find(credential) ?? (await tokens.verify(credential));
      const { tenantId, subject, role } = claims;
      if (tenantId === undefined) {
        const message = `The token names no tenant in its claim "${ports.tenantClaim}". Ask its issuer to add it.`;
        throw denied(message, { target: personOf(ports.issuer, subject) });
      }
      const asked = { tenantId, issuer: ports.issuer, subject };
      const held = grants.of(JSON.stringify([tenantId, subject]), () => standingOf(asked, ports.store));
      const standing = held instanceof Promise ? await held : held;
      if (standing instanceof Error) throw standing;
      return {
        ...standing,
        externalId: subject === undefined ? undefined : externalIdOf({ issuer: ports.issuer, subject }),
        environment: "live",
        keyless: false,
        role,
        permissions: role === undefined ? usingOnly : permissionsOfRole[role],
      };
    },
    forget: (changed) => grants.forget(changed),
  };
}

const usingOnly: PermissionSet = new Set(["gateway:use"] as const);
type Claims = Readonly<Record<string, unknown>>;

const claimOf = (claims: Claims, name: string): unknown =>
  Object.hasOwn(claims, name) ? claims[name] : undefined;

function textOf(claims: Claims, name: string, isFit: (text: string) => boolean): string | undefined {
  const value = claimOf(claims, name);
  return typeof value === "string" && isFit(value) ? value : undefined;
}

/** Of a text, or the highest of a list; never the one that acts for every tenant. */
function roleOf(claims: Claims, name: string): Role | undefined {
  const value = claimOf(claims, name);
  const named: readonly unknown[] = Array.isArray(value) ? value : [value];
  return named
    .filter((each) => typeof each === "string")
    .filter(isRole)
    .filter((role) => role !== "platform_admin")
    .reduce<Role | undefined>(
      (most, role) => (most === undefined || isAtMost(most, role) ? role : most),
      undefined,
    );
}

const notServed = "The token's tenant is not served here. Ask an administrator.";

const denied = (message: string, known: Pick<RefusalOptions, "tenantId" | "target">): CredentialRefusal =>
  new CredentialRefusal({ reason: "denied", message, ...known });

/** Whom the directory need not know. */
const personOf = (issuer: string, subject: string | undefined): RefusalOptions["target"] =>
  subject === undefined ? undefined : { type: "user", id: externalIdOf({ issuer, subject }) };

async function standingOf(
  asked: { readonly tenantId: string; readonly issuer: string; readonly subject: string | undefined },
  store: ExternalTokenPorts["store"],
): Promise<Held<Standing>> {
  const { tenantId, issuer, subject } = asked;
  const [[tenant], found] = await fromStore(
    Promise.all([
      store.tenantsById([tenantId]),
      subject === undefined ? undefined : store.userByExternalId(tenantId, externalIdOf({ issuer, subject })),
    ]),
  );
  const user = found?.user;
  const owners = { tenantId, userId: user?.id };
  if (tenant === undefined) {
    return { owners, grant: denied(notServed, { target: { type: "tenant", id: tenantId } }) };
  }
  if (!tenant.active) {
    const target = user === undefined ? personOf(issuer, subject) : { type: "user", id: user.id };
    return { owners, grant: denied(notServed, { tenantId, target }) };
  }
  if (user !== undefined && !user.active) {
    const message = "The user is not active any more. Ask an administrator.";
    const target = { type: "user", id: user.id };
    return { owners, grant: new CredentialRefusal({ reason: "inactive", message, tenantId, target }) };
  }
  const grants = {
    tenant: grantOfTenant(tenant),
    user: user === undefined ? undefined : grantOfUser(user),
  };
  return { owners, grant: { tenantId, userId: user?.id, grants } };
}
