// Roles and permissions: the table of who may do what.

import {
  permissions,
  permissionsOfRole,
  type Permission,
  type Role,
  roles,
} from "../../../core/access/permissions.ts";
import { builder } from "../builder.ts";

export const UserRole = builder.enumType("UserRole", {
  description: "What a user may do. `roles` tells it in permissions.",
  values: {
    OWNER: { value: "owner", description: "All of its own tenant, and what the tenant itself is." },
    ADMIN: { value: "admin", description: "Users and keys of its own tenant, and all that is seen of it." },
    DEVELOPER: { value: "developer", description: "Asks models, and sees what that came to." },
    VIEWER: { value: "viewer", description: "Sees its own tenant's affairs, and asks no models." },
    PLATFORM_ADMIN: { value: "platform_admin", description: "All, of every tenant." },
  } satisfies Record<Uppercase<Role>, { value: Role; description: string }>,
});

const RoleInfo = builder.objectRef<Role>("RoleInfo").implement({
  description: "A role and what it may do.",
  fields: (t) => ({
    role: t.field({ type: UserRole, description: "Which one.", resolve: (role) => role }),
    permissions: t.stringList({
      description: "What it may do, as `gateway:use`.",
      resolve: (role) => inTableOrder(permissionsOfRole[role]),
    }),
  }),
});

const PermissionInfo = builder.objectRef<Permission>("PermissionInfo").implement({
  description: "A permission and who has it.",
  fields: (t) => ({
    permission: t.string({ description: "As `api_keys:create`.", resolve: (permission) => permission }),
    roles: t.field({
      type: [UserRole],
      description: "Those that have it.",
      resolve: (permission) => roles.filter((role) => permissionsOfRole[role].has(permission)),
    }),
  }),
});

export const inTableOrder = (some: ReadonlySet<Permission>): Permission[] =>
  permissions.filter((permission) => some.has(permission));

builder.queryField("roles", (t) =>
  t.field({
    type: [RoleInfo],
    authScopes: { signedIn: true },
    description: "The roles that a user can have.",
    resolve: () => [...roles],
  }),
);

builder.queryField("permissions", (t) =>
  t.field({
    type: [PermissionInfo],
    authScopes: { signedIn: true },
    description: "The permissions that a role or a key can have.",
    resolve: () => [...permissions],
  }),
);
