// API keys as administrators see them: never the key itself, and no hash of it.

import type { ApiKey as ApiKeyShape } from "../../../core/directory/entries.ts";
import { builder } from "../builder.ts";
import { maxBatch } from "../max-batch.ts";
import { allowedFields } from "./allowed-lists.ts";
import { budgetFields } from "./budget.ts";
import { pageArgs, toConnection } from "./connection.ts";
import { entryFields } from "./entry-fields.ts";
import { EnvironmentEnum } from "./request-record.ts";
import { Tenant } from "./tenant.ts";
import { UseLimits } from "./use-limits.ts";
import { User } from "./user.ts";

export const ApiKey = builder.loadableObjectRef<ApiKeyShape | undefined, string, string, ApiKeyShape>(
  "ApiKey",
  {
    loaderOptions: { maxBatchSize: maxBatch },
    async load(ids, context) {
      const { gateway, caller } = context;
      const found = await gateway.administration.apiKeysById(caller.principal, ids);
      // A later mutation of the operation may change them.
      ApiKey.getDataloader(context).clearAll();
      return found;
    },
  },
);

ApiKey.implement({
  description: "A key that programs call the gateway by.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "It stays when the key is rotated." }),
    tenantId: t.exposeID("tenantId", { description: "Whose calls are made by it." }),
    tenant: t.field({
      type: Tenant,
      nullable: true,
      authScopes: { permission: "tenants:view" },
      description: "Whose calls are made by it.",
      resolve: ({ tenantId }) => tenantId,
    }),
    userId: t.exposeID("userId", { nullable: true, description: "Whose it is. Null: the tenant's." }),
    user: t.field({
      type: User,
      nullable: true,
      authScopes: { permission: "users:view" },
      description: "Whose it is, and what it may never go beyond. Null: it is the tenant's.",
      resolve: ({ userId }) => userId,
    }),
    name: t.exposeString("name", { description: "What people call it." }),
    prefix: t.exposeString("prefix", { description: "How it begins, to tell it from others." }),
    environment: t.expose("environment", {
      type: EnvironmentEnum,
      description: "A test key reaches only what is marked for tests, and stays out of invoices.",
    }),
    permissions: t.stringList({
      description: "As `gateway:use`. `permissions` lists all that there are.",
      resolve: ({ permissions }) => [...permissions],
    }),
    limits: t.expose("limits", { type: UseLimits, description: "Within those of its tenant." }),
    ...allowedFields(t),
    ...budgetFields(t, "api_key", ({ tenantId }) => tenantId),
    active: t.exposeBoolean("active", { description: "False: it is refused." }),
    expiresAt: t.expose("expiresAtMs", { type: "DateTime", nullable: true, description: "Null: never." }),
    revokedAt: t.expose("revokedAtMs", {
      type: "DateTime",
      nullable: true,
      description: "It is refused for good. Null: it is not.",
    }),
    lastUsedAt: t.expose("lastUsedAtMs", {
      type: "DateTime",
      nullable: true,
      description: "Within a minute or so. Null: never yet.",
    }),
    previousExpiresAt: t.expose("previousExpiresAtMs", {
      type: "DateTime",
      nullable: true,
      description: "When the secret before the last rotation ends. Null: there is none.",
    }),
    ...entryFields(t),
  }),
});

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKey, name: "ApiKeyConnection", description: "A page of keys, by their ids." },
  { name: "ApiKeyEdge", description: "A key in its list.", nodeField: { description: "The key." } },
);

const ApiKeyFilter = builder.inputType("ApiKeyFilter", {
  description: "All that is given has to hold.",
  fields: (t) => ({
    tenant: t.id({ description: "Absent: the caller's own, or all for who acts for all." }),
    user: t.id({ description: "Whose." }),
    search: t.string({ description: "A part of its name or prefix, in any case." }),
    active: t.boolean({ description: "Those that are active, or those that are not." }),
  }),
});

builder.queryField("apiKeys", (t) =>
  t.field({
    type: ApiKeyConnection,
    authScopes: { permission: "api_keys:view" },
    description: "The keys that the caller may see.",
    args: { ...pageArgs(t.arg), filter: t.arg({ type: ApiKeyFilter }) },
    resolve(_, { filter, ...args }, { gateway, caller }) {
      const { tenant, user, search, active } = filter ?? {};
      const query = {
        tenantId: tenant ?? undefined,
        userId: user ?? undefined,
        search: search ?? undefined,
        active: active ?? undefined,
      };
      return toConnection("apiKeys", args, (page) =>
        gateway.administration.apiKeys(caller.principal, { ...page, ...query }),
      );
    },
  }),
);

builder.queryField("apiKey", (t) =>
  t.field({
    type: ApiKey,
    nullable: true,
    authScopes: { permission: "api_keys:view" },
    description: "One key; null where there is none, or none that the caller may see.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }) => id,
  }),
);
