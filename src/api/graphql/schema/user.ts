// Users as administrators see them.

import type { User as UserShape } from "../../../core/directory/entries.ts";
import { builder } from "../builder.ts";
import { maxBatch } from "../max-batch.ts";
import { budgetFields } from "./budget.ts";
import { pageArgs, toConnection } from "./connection.ts";
import { entryFields } from "./entry-fields.ts";
import { UserRole } from "./role.ts";
import { Tenant } from "./tenant.ts";

export const User = builder.loadableObjectRef<UserShape | undefined, string, string, UserShape>("User", {
  loaderOptions: { maxBatchSize: maxBatch },
  async load(ids, context) {
    const { gateway, caller } = context;
    const found = await gateway.administration.usersById(caller.principal, ids);
    // A later mutation of the operation may change them.
    User.getDataloader(context).clearAll();
    return found;
  },
});

User.implement({
  description: "A person of a tenant.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "It stays whatever else is changed." }),
    tenantId: t.exposeID("tenantId", { description: "Whose user it is." }),
    tenant: t.field({
      type: Tenant,
      nullable: true,
      authScopes: { permission: "tenants:view" },
      description: "Whose user it is.",
      resolve: ({ tenantId }) => tenantId,
    }),
    email: t.exposeString("email", { description: "One user of a tenant has it." }),
    name: t.exposeString("name", { description: "What people call it." }),
    role: t.expose("role", { type: UserRole, description: "What it may do." }),
    active: t.exposeBoolean("active", { description: "False: it is refused, and so are its keys." }),
    hasPassword: t.exposeBoolean("hasPassword", {
      description: "It can log in here; without one only by sign-on.",
    }),
    externalId: t.exposeString("externalId", {
      nullable: true,
      description: "Issuer and subject of the sign-on that made it. Null: it was made here.",
    }),
    lastLogInAt: t.expose("lastLogInAtMs", {
      type: "DateTime",
      nullable: true,
      description: "Null: never yet.",
    }),
    ...budgetFields(t, "user", ({ tenantId }) => tenantId),
    ...entryFields(t),
  }),
});

const UserConnection = builder.connectionObject(
  { type: User, name: "UserConnection", description: "A page of users, by their ids." },
  { name: "UserEdge", description: "A user in its list.", nodeField: { description: "The user." } },
);

const UserFilter = builder.inputType("UserFilter", {
  description: "All that is given has to hold.",
  fields: (t) => ({
    tenant: t.id({ description: "Absent: the caller's own, or all for who acts for all." }),
    search: t.string({ description: "A part of its name or email, in any case." }),
    active: t.boolean({ description: "Those that are active, or those that are not." }),
  }),
});

builder.queryField("users", (t) =>
  t.field({
    type: UserConnection,
    authScopes: { permission: "users:view" },
    description: "The users that the caller may see.",
    args: { ...pageArgs(t.arg), filter: t.arg({ type: UserFilter }) },
    resolve(_, { filter, ...args }, { gateway, caller }) {
      const { tenant, search, active } = filter ?? {};
      const query = {
        tenantId: tenant ?? undefined,
        search: search ?? undefined,
        active: active ?? undefined,
      };
      return toConnection("users", args, (page) =>
        gateway.administration.users(caller.principal, { ...page, ...query }),
      );
    },
  }),
);

builder.queryField("user", (t) =>
  t.field({
    type: User,
    nullable: true,
    authScopes: { permission: "users:view" },
    description: "One user; null where there is none, or none that the caller may see.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }) => id,
  }),
);
