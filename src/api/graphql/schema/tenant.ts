// Tenants as administrators see them.

import type { TenantLogging as TenantLoggingShape } from "../../../core/access/grants.ts";
import type { Tenant as TenantShape } from "../../../core/directory/entries.ts";
import { builder } from "../builder.ts";
import { maxBatch } from "../max-batch.ts";
import { allowedFields } from "./allowed-lists.ts";
import { budgetFields } from "./budget.ts";
import { pageArgs, toConnection } from "./connection.ts";
import { entryFields } from "./entry-fields.ts";
import { LoggingPolicyEnum } from "./request-record.ts";
import { UseLimits } from "./use-limits.ts";

const TenantLogging = builder.objectRef<TenantLoggingShape>("TenantLogging").implement({
  description: "What is kept of a tenant's calls.",
  fields: (t) => ({
    bodies: t.expose("bodies", { type: LoggingPolicyEnum, description: "What is kept of their content." }),
    redact: t.exposeBoolean("redact", {
      description: "Credentials are taken out of bodies before they are kept.",
    }),
    retentionDays: t.exposeInt("retentionDays", {
      nullable: true,
      description: "How long bodies and labels are kept; the accounting row stays. Null: without end.",
    }),
  }),
});

export const Tenant = builder.loadableObjectRef<TenantShape | undefined, string, string, TenantShape>(
  "Tenant",
  {
    loaderOptions: { maxBatchSize: maxBatch },
    async load(ids, context) {
      const { gateway, caller } = context;
      const found = await gateway.administration.tenantsById(caller.principal, ids);
      // A later mutation of the operation may change them.
      Tenant.getDataloader(context).clearAll();
      return found;
    },
  },
);

Tenant.implement({
  description: "Whose calls, money and people are kept apart from others'.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "Its slug: never changed, and never given again." }),
    name: t.exposeString("name", { description: "What people call it." }),
    contactEmail: t.exposeString("contactEmail", {
      nullable: true,
      description: "Whom to write to. Null: nobody.",
    }),
    active: t.exposeBoolean("active", { description: "False: its calls are refused." }),
    timeZone: t.exposeString("timeZone", {
      description: "IANA name, as Europe/Berlin: a month of its budget begins at midnight there.",
    }),
    limits: t.expose("limits", { type: UseLimits, description: "Of all its calls together." }),
    ...allowedFields(t),
    ...budgetFields(t, "tenant", ({ id }) => id),
    logging: t.expose("logging", {
      type: TenantLogging,
      nullable: true,
      description: "Null: as the gateway does it.",
    }),
    cacheTtlSeconds: t.exposeInt("cacheTtlSeconds", {
      nullable: true,
      description:
        "How long its answers may be cached, where neither call, use case nor route says; 0: not at all. Null: as the gateway says.",
    }),
    ...entryFields(t),
  }),
});

const TenantConnection = builder.connectionObject(
  { type: Tenant, name: "TenantConnection", description: "A page of tenants, by their ids." },
  { name: "TenantEdge", description: "A tenant in its list.", nodeField: { description: "The tenant." } },
);

const TenantFilter = builder.inputType("TenantFilter", {
  description: "All that is given has to hold.",
  fields: (t) => ({
    search: t.string({ description: "A part of its name or email, in any case." }),
    active: t.boolean({ description: "Those that are active, or those that are not." }),
  }),
});

builder.queryField("tenants", (t) =>
  t.field({
    type: TenantConnection,
    authScopes: { permission: "tenants:view" },
    description: "The tenants that the caller may see: its own, or all for who acts for all.",
    args: { ...pageArgs(t.arg), filter: t.arg({ type: TenantFilter }) },
    resolve(_, { filter, ...args }, { gateway, caller }) {
      const { search, active } = filter ?? {};
      const query = {
        search: search ?? undefined,
        active: active ?? undefined,
      };
      return toConnection("tenants", args, (page) =>
        gateway.administration.tenants(caller.principal, { ...page, ...query }),
      );
    },
  }),
);

builder.queryField("tenant", (t) =>
  t.field({
    type: Tenant,
    nullable: true,
    authScopes: { permission: "tenants:view" },
    description: "One tenant; null where there is none, or none that the caller may see.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }) => id,
  }),
);
