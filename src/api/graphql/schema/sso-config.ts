// How a tenant's users sign on with an issuer of their own (OpenID Connect).

import type { Role } from "../../../core/access/permissions.ts";
import type { SsoConfigInput as SsoConfigFields } from "../../../core/directory/administration.ts";
import type { SsoConfig as SsoConfigShape } from "../../../core/directory/entries.ts";
import { invalidRequest } from "../../../core/errors.ts";
import { quotable } from "../../../core/field-rules.ts";
import { builder } from "../builder.ts";
import { checkNotNull } from "../not-null.ts";
import { entryFields, readVersion } from "./entry-fields.ts";
import { problems } from "./problem.ts";
import { UserRole } from "./role.ts";
import { Tenant } from "./tenant.ts";

const GroupRole = builder.objectRef<{ readonly group: string; readonly role: Role }>("GroupRole").implement({
  description: "The role that a group of the issuer's gives.",
  fields: (t) => ({
    group: t.exposeString("group", { description: "As the issuer names it." }),
    role: t.expose("role", { type: UserRole, description: "What its members may do." }),
  }),
});

const GroupRoleInput = builder.inputType("GroupRoleInput", {
  description: "The role that a group of the issuer's is to give.",
  fields: (t) => ({
    group: t.string({ required: true, description: "As the issuer names it." }),
    role: t.field({ type: UserRole, required: true, description: "What its members may do." }),
  }),
});

const words = {
  active: "False: nobody signs on by it.",
  issuer: "An `https:` address; its metadata is found below it (OpenID Connect Discovery 1.0).",
  groupsClaim: "The claim that lists a user's groups.",
  rolesOfGroups: "Of several groups the highest role counts.",
  defaultRole: "Of a user in none of these groups. Null: they are not let in.",
  createsUsers: "Users are made when they first sign on.",
} as const;

const SsoConfig = builder.objectRef<SsoConfigShape>("SsoConfig").implement({
  description: "How a tenant's users sign on with an issuer of their own (OpenID Connect).",
  fields: (t) => ({
    tenantId: t.exposeID("tenantId", { description: "One for each tenant." }),
    tenant: t.field({
      type: Tenant,
      nullable: true,
      authScopes: { permission: "tenants:view" },
      description: "Whose users sign on by it.",
      resolve: ({ tenantId }) => tenantId,
    }),
    active: t.exposeBoolean("active", { description: words.active }),
    issuer: t.exposeString("issuer", { description: words.issuer }),
    clientId: t.exposeString("clientId", { description: "What the issuer knows the gateway by." }),
    hasClientSecret: t.exposeBoolean("hasClientSecret", { description: "False: a public client." }),
    scopes: t.stringList({
      description: "What the issuer is asked for.",
      resolve: ({ scopes }) => [...scopes],
    }),
    groupsClaim: t.exposeString("groupsClaim", { description: words.groupsClaim }),
    rolesOfGroups: t.field({
      type: [GroupRole],
      description: words.rolesOfGroups,
      resolve: ({ rolesOfGroups }) => Object.entries(rolesOfGroups).map(([group, role]) => ({ group, role })),
    }),
    defaultRole: t.expose("defaultRole", { type: UserRole, nullable: true, description: words.defaultRole }),
    createsUsers: t.exposeBoolean("createsUsers", { description: words.createsUsers }),
    ...entryFields(t),
  }),
});

const SsoConfigInput = builder.inputType("SsoConfigInput", {
  description:
    "What is to be so: absent is as it was, or the default of a new one; null is the default again.",
  fields: (t) => ({
    tenantId: t.id({ description: "Absent: the caller's own tenant." }),
    active: t.boolean({ description: words.active }),
    issuer: t.string({ description: `${words.issuer} A new one needs it.` }),
    clientId: t.string({ description: "A new one needs it." }),
    clientSecret: t.string({ description: "Kept encrypted, and never shown. Null: a public client." }),
    scopes: t.stringList({ description: "Usually `openid`, `email` and `profile`." }),
    groupsClaim: t.string({ description: `${words.groupsClaim} Usually \`groups\`.` }),
    rolesOfGroups: t.field({ type: [GroupRoleInput], description: words.rolesOfGroups }),
    defaultRole: t.field({ type: UserRole, description: words.defaultRole }),
    createsUsers: t.boolean({ description: words.createsUsers }),
  }),
});

type InputFields = typeof SsoConfigInput.$inferInput;

/** @throws GatewayError `invalid_request` */
function toInput(input: InputFields): SsoConfigFields & { readonly tenantId: string | undefined } {
  checkNotNull(input, ["active", "issuer", "clientId", "createsUsers"]);
  const { tenantId, active, issuer, clientId, createsUsers, rolesOfGroups, ...others } = input;
  return {
    ...others,
    tenantId: tenantId ?? undefined,
    active: active ?? undefined,
    issuer: issuer ?? undefined,
    clientId: clientId ?? undefined,
    createsUsers: createsUsers ?? undefined,
    rolesOfGroups: rolesOfGroups && toRolesOfGroups(rolesOfGroups),
  };
}

function toRolesOfGroups(given: NonNullable<InputFields["rolesOfGroups"]>): Readonly<Record<string, Role>> {
  const roles = new Map<string, Role>();
  for (const [i, { group, role }] of given.entries()) {
    if (roles.has(group)) {
      throw invalidRequest(`rolesOfGroups[${i}].group`, `"${quotable(group)}" is said twice; say it once.`);
    }
    roles.set(group, role);
  }
  return Object.fromEntries(roles);
}

builder.queryField("ssoConfig", (t) =>
  t.field({
    type: SsoConfig,
    nullable: true,
    authScopes: { permission: "tenants:view" },
    description: "How a tenant's users sign on; null where they log in here alone.",
    args: { tenant: t.arg.id({ description: "Absent: the caller's own." }) },
    resolve: (_, { tenant }, { gateway, caller }) =>
      gateway.administration.ssoConfig(caller.principal, tenant ?? undefined),
  }),
);

builder.mutationField("setSsoConfig", (t) =>
  t.field({
    type: SsoConfig,
    authScopes: { permission: "tenants:update" },
    errors: problems,
    description: "Says how a tenant's users sign on, or changes it.",
    args: {
      version: t.arg.int({ description: `${readVersion} Absent: there is none yet.` }),
      input: t.arg({ type: SsoConfigInput, required: true }),
    },
    resolve: (_, { version, input }, { gateway, caller }) =>
      gateway.administration.setSsoConfig(caller.principal, {
        ...toInput(input),
        version: version ?? undefined,
      }),
  }),
);

builder.mutationField("deleteSsoConfig", (t) =>
  t.field({
    type: SsoConfig,
    authScopes: { permission: "tenants:update" },
    errors: problems,
    description: "Ends the sign-on of a tenant's users, who stay. Gives what it was.",
    args: {
      tenant: t.arg.id({ description: "Absent: the caller's own." }),
      version: t.arg.int({ required: true, description: readVersion }),
    },
    resolve: (_, { tenant, version }, { gateway, caller }) =>
      gateway.administration.deleteSsoConfig(caller.principal, { tenantId: tenant ?? undefined, version }),
  }),
);
