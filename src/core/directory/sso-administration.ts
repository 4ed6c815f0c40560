// The part of the administration that is about sign-on by another issuer.

import { notFound } from "../access/authorize.ts";
import type { Role } from "../access/permissions.ts";
import type { Principal } from "../access/principal.ts";
import type { FieldFault } from "../errors.ts";
import type { Administration, SsoConfigInput } from "./administration.ts";
import { changedMeanwhile, conflictOn, requireVersion } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import { areSame } from "./audit-differences.ts";
import { hasAuthorityOver, requireGivable } from "./authority.ts";
import type { SsoCredential } from "./credentials.ts";
import type { SsoConfig } from "./entries.ts";
import { requireOwnTenant } from "./listed-tenant.ts";
import { newSsoConfig, type PlannedSsoConfig, plannedSsoConfig } from "./planned.ts";
import { refuse } from "./rules/faults.ts";
import { ssoFaults } from "./rules/sso-config.ts";

type SsoAdministration = Pick<Administration, "ssoConfig" | "setSsoConfig" | "deleteSsoConfig">;

export const createSsoAdministration = (steps: Steps): SsoAdministration => ({
  async ssoConfig(by, tenantId = by.tenantId) {
    steps.permit(by, "ssoConfig");
    requireOwnTenant(by, tenantId);
    return found(steps, tenantId);
  },
  setSsoConfig: settingSsoConfig(steps),
  async deleteSsoConfig(by, { tenantId = by.tenantId, version }) {
    steps.permit(by, "deleteSsoConfig");
    requireOwnTenant(by, tenantId);
    const was = await found(steps, tenantId);
    if (was === undefined) throw notFound("sign-on");
    requireRoles(steps, by, was);
    requireVersion(version, was.version);
    await steps.write(by, {
      changes: [{ type: "delete_sso_config", tenantId, seen: was.version }],
      audit: [{ ...about("delete", tenantId), before: plannedSsoConfig(was, {}) }],
    });
    return was;
  },
});

const settingSsoConfig =
  (steps: Steps): SsoAdministration["setSsoConfig"] =>
  async (by, input) => {
    steps.permit(by, "setSsoConfig");
    requireOwnersAuthority(steps, by);
    for (const role of rolesIn(input)) requireGivable(steps, by, role);
    const { tenantId = by.tenantId } = input;
    requireOwnTenant(by, tenantId);
    const was = await found(steps, tenantId);
    const start: PlannedSsoConfig = was ?? { ...newSsoConfig, tenantId };
    const [before, after] = [plannedSsoConfig(start, {}), plannedSsoConfig(start, input)];
    // Also those that stay: who changes the issuer says who has them.
    requireRoles(steps, by, after);
    const { allowsLoopbackIssuers } = steps;
    refuse([...ssoFaults(input, { planned: after, allowsLoopbackIssuers }), ...secretFaults(was, input)]);
    requireRead(was, input.version);
    if (was !== undefined && areSame(before, after) && input.clientSecret === undefined) return was;
    const credential =
      was === undefined
        ? (credentialOf(steps, tenantId, input) ?? noSecret)
        : credentialOf(steps, tenantId, input);
    const what = was === undefined ? "create" : "update";
    const hidden = input.clientSecret === undefined ? undefined : { clientSecretChanged: true };
    const version = await steps.write(by, {
      changes: [{ type: "put_sso_config", ssoConfig: after, credential, seen: was?.version }],
      audit: [{ ...about(what, tenantId), before: was && before, after, hidden }],
      taken: () => ({ field: "version", message: "somebody else has just made it. Read it, and change it" }),
    });
    const hasClientSecret =
      credential === undefined ? was?.hasClientSecret === true : credential.clientSecret !== undefined;
    return asStored(steps, {
      ...after,
      hasClientSecret,
      createdAtMs: was?.createdAtMs ?? steps.nowMs(),
      updatedAtMs: steps.nowMs(),
      version,
    });
  };

async function found(steps: Steps, tenantId: string): Promise<SsoConfig | undefined> {
  return (await steps.ask((store) => store.ssoConfig(tenantId)))?.config;
}

async function asStored(steps: Steps, built: SsoConfig): Promise<SsoConfig> {
  try {
    const now = await found(steps, built.tenantId);
    return now?.version === built.version ? now : built;
  } catch {
    return built;
  }
}

const noSecret: SsoCredential = { clientSecret: undefined };

const about = (what: string, tenantId: string) => ({
  tenantId,
  action: `sso_config.${what}`,
  target: { type: "sso_config", id: tenantId },
});

const rolesIn = ({ rolesOfGroups, defaultRole }: SsoConfigInput): readonly Role[] => [
  ...Object.values(rolesOfGroups ?? {}),
  ...(defaultRole === undefined || defaultRole === null ? [] : [defaultRole]),
];

/**
 * The issuer says who somebody is, and whoever is a user here already keeps their role: who chooses the issuer could be
 * any of the tenant's users.
 * @throws GatewayError `permission_denied`
 */
function requireOwnersAuthority(steps: Steps, by: Principal): void {
  if (hasAuthorityOver(by, "owner")) return;
  const message =
    "Who sets a tenant's sign-on could sign on as its owner, and you may do less than an owner. Ask the tenant's owner.";
  throw steps.denied(by, "role:owner", message);
}

/** @throws GatewayError `permission_denied` for a config that makes users above the caller */
function requireRoles(steps: Steps, by: Principal, config: PlannedSsoConfig): void {
  for (const role of new Set(rolesIn(config))) requireGivable(steps, by, role);
}

/** @throws GatewayError `conflict` */
function requireRead(was: SsoConfig | undefined, seen: number | undefined): void {
  if (was === undefined && seen !== undefined) throw changedMeanwhile();
  if (was === undefined) return;
  if (seen === undefined) {
    const message = `the tenant has one already: give its version, ${was.version}, to change it`;
    throw conflictOn({ field: "version", message });
  }
  requireVersion(seen, was.version);
}

/** Who changes the issuer would be sent the secret of the one before. */
const secretFaults = (was: SsoConfig | undefined, input: SsoConfigInput): readonly FieldFault[] =>
  was?.hasClientSecret === true &&
  input.issuer !== undefined &&
  input.issuer !== was.issuer &&
  input.clientSecret === undefined
    ? [{ field: "clientSecret", message: "must be given again, or null, for another issuer" }]
    : [];

function credentialOf(
  steps: Steps,
  tenantId: string,
  { clientSecret }: SsoConfigInput,
): SsoCredential | undefined {
  if (clientSecret === undefined) return undefined;
  return {
    clientSecret: clientSecret === null ? undefined : steps.secrets.sealClientSecret(clientSecret, tenantId),
  };
}
