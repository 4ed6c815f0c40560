// The mutations that change tenants.

import type { TenantInput } from "../../../core/directory/administration.ts";
import { builder } from "../builder.ts";
import { checkNotNull } from "../not-null.ts";
import { allowedInput } from "./allowed-lists.ts";
import { BudgetInput } from "./budget.ts";
import { readVersion } from "./entry-fields.ts";
import type { InputFields } from "./field-builders.ts";
import { problems } from "./problem.ts";
import { LoggingPolicyEnum } from "./request-record.ts";
import { Tenant } from "./tenant.ts";
import { UseLimitsInput } from "./use-limits.ts";

const TenantLoggingInput = builder.inputType("TenantLoggingInput", {
  description: "What is kept of a tenant's calls. It replaces what was said before.",
  fields: (t) => ({
    bodies: t.field({
      type: LoggingPolicyEnum,
      required: true,
      description: "What is kept of their content.",
    }),
    redact: t.boolean({
      required: true,
      defaultValue: true,
      description: "Take credentials out of bodies before they are kept.",
    }),
    retentionDays: t.int({
      description: "How long bodies and labels are kept; the accounting row stays. Null: without end.",
    }),
  }),
});

const settable = (t: InputFields) => ({
  contactEmail: t.string({ description: "Whom to write to. Null: nobody." }),
  active: t.boolean({ description: "False: its calls are refused. A new one is active." }),
  timeZone: t.string({
    description: "IANA name, as Europe/Berlin: a month of its budget begins at midnight there. Usually UTC.",
  }),
  limits: t.field({ type: UseLimitsInput, description: "Of all its calls together." }),
  ...allowedInput(t),
  budget: t.field({ type: BudgetInput, description: "Of all its calls together." }),
  logging: t.field({ type: TenantLoggingInput, description: "Null: as the gateway does it." }),
  cacheTtlSeconds: t.int({
    description:
      "How long its answers may be cached, where neither call, use case nor route says: 0 to 2592000; 0: not at all. Null: as the gateway says.",
  }),
});

const CreateTenantInput = builder.inputType("CreateTenantInput", {
  description: "A new tenant.",
  fields: (t) => ({
    id: t.id({
      required: true,
      description:
        "Its slug: 1 to 63 lower-case letters, digits or `-`. It is never changed, and never given again.",
    }),
    name: t.string({ required: true, description: "What people call it." }),
    ...settable(t),
  }),
});

const UpdateTenantInput = builder.inputType("UpdateTenantInput", {
  description: "What is to be changed: absent is as it was, null is the default again.",
  fields: (t) => ({ name: t.string({ description: "What people call it." }), ...settable(t) }),
});

/** @throws GatewayError `invalid_request` */
function toInput(input: typeof UpdateTenantInput.$inferInput): TenantInput {
  checkNotNull(input, ["name", "active"]);
  const { name, active, logging, ...others } = input;
  return {
    ...others,
    name: name ?? undefined,
    active: active ?? undefined,
    logging: logging && { ...logging, retentionDays: logging.retentionDays ?? undefined },
  };
}

builder.mutationField("createTenant", (t) =>
  t.field({
    type: Tenant,
    authScopes: { permission: "tenants:create" },
    errors: problems,
    description: "Makes a tenant.",
    args: { input: t.arg({ type: CreateTenantInput, required: true }) },
    resolve: (_, { input }, { gateway, caller }) =>
      gateway.administration.createTenant(caller.principal, {
        ...toInput(input),
        id: input.id,
        name: input.name,
      }),
  }),
);

builder.mutationField("updateTenant", (t) =>
  t.field({
    type: Tenant,
    authScopes: { permission: "tenants:update" },
    errors: problems,
    description: "Changes a tenant. What is said holds for its next call, on every node within seconds.",
    args: {
      id: t.arg.id({ required: true }),
      version: t.arg.int({ required: true, description: readVersion }),
      input: t.arg({ type: UpdateTenantInput, required: true }),
    },
    resolve: (_, { id, version, input }, { gateway, caller }) =>
      gateway.administration.updateTenant(caller.principal, id, { ...toInput(input), version }),
  }),
);

builder.mutationField("deleteTenant", (t) =>
  t.field({
    type: Tenant,
    authScopes: { permission: "tenants:delete" },
    errors: problems,
    description:
      "Removes a tenant with its users, keys and sign-on. Its records and its audit trail stay. Gives what it was.",
    args: {
      id: t.arg.id({ required: true }),
      version: t.arg.int({ required: true, description: readVersion }),
    },
    resolve: (_, { id, version }, { gateway, caller }) =>
      gateway.administration.deleteTenant(caller.principal, id, { version }),
  }),
);
