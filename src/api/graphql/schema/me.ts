// Who the caller is, as the gateway sees it.

import { may } from "../../../core/access/authorize.ts";
import type { Principal } from "../../../core/access/principal.ts";
import { builder } from "../builder.ts";
import { ApiKey } from "./api-key.ts";
import { EnvironmentEnum } from "./request-record.ts";
import { inTableOrder, UserRole } from "./role.ts";
import { Tenant } from "./tenant.ts";
import { User } from "./user.ts";

const Me = builder.objectRef<Principal>("Me").implement({
  description: "Who the caller is, and what it may do.",
  fields: (t) => ({
    tenantId: t.exposeID("tenantId", { description: "Whose calls it makes." }),
    tenant: t.field({
      type: Tenant,
      nullable: true,
      description: "Whose calls it makes.",
      resolve: ({ tenantId }) => tenantId,
    }),
    userId: t.exposeID("userId", { nullable: true, description: "Null: it is no user's key or session." }),
    user: t.field({
      type: User,
      nullable: true,
      description: "Who it is, or whose key it has.",
      resolve: ({ userId }) => userId,
    }),
    apiKeyId: t.exposeID("apiKeyId", { nullable: true, description: "Null: it came without a key." }),
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: "The key that it came with.",
      resolve: ({ apiKeyId }) => apiKeyId,
    }),
    environment: t.expose("environment", { type: EnvironmentEnum, description: "What its key is for." }),
    keyless: t.exposeBoolean("keyless", {
      description: "It was served without a credential, as a gateway without keys does for its own machine.",
    }),
    role: t.expose("role", {
      type: UserRole,
      nullable: true,
      description: "Of a user. Null: a key, whose permissions are its own.",
    }),
    permissions: t.stringList({
      description: "As `gateway:use`.",
      resolve: (principal) => inTableOrder(principal.permissions).filter((each) => may(principal, each)),
    }),
  }),
});

builder.queryField("me", (t) =>
  t.field({
    type: Me,
    authScopes: { signedIn: true },
    description: "Who the caller is.",
    resolve: (_, _args, { caller }) => caller.principal,
  }),
);
