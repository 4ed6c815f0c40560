// What principals may do: every permission, and which of them each role has. The one table; the README shows it.

/** A permission is never renamed: keys and roles on record hold it by its name. */
export const permissions = [
  "gateway:use",
  "guardrails:test",
  "api_keys:view",
  "api_keys:create",
  "api_keys:update",
  "api_keys:delete",
  "users:view",
  "users:create",
  "users:update",
  "users:delete",
  "tenants:view",
  "tenants:create",
  "tenants:update",
  "tenants:delete",
  "tenants:act_as",
  "providers:view",
  "providers:update",
  "routes:view",
  "routes:update",
  "prices:view",
  "budgets:view",
  "budgets:update",
  "requests:view",
  "usage:view",
  "audit:view",
  "metrics:view",
] as const;

export type Permission = (typeof permissions)[number];

export const roles = ["owner", "admin", "developer", "viewer", "platform_admin"] as const;

export type Role = (typeof roles)[number];

export type PermissionSet = ReadonlySet<Permission>;

/** What whoever may see a tenant's affairs sees. */
const viewing: readonly Permission[] = [
  "api_keys:view",
  "users:view",
  "tenants:view",
  "providers:view",
  "routes:view",
  "prices:view",
  "budgets:view",
  "requests:view",
  "usage:view",
];

const developing: readonly Permission[] = [
  "gateway:use",
  "guardrails:test",
  "providers:view",
  "routes:view",
  "prices:view",
  "budgets:view",
  "requests:view",
  "usage:view",
];

const administering: readonly Permission[] = [
  ...viewing,
  "gateway:use",
  "guardrails:test",
  "api_keys:create",
  "api_keys:update",
  "api_keys:delete",
  "users:create",
  "users:update",
  "users:delete",
  "audit:view",
];

/**
 * `platform_admin` acts for every tenant and changes what all of them share; all others are of their own tenant. What
 * a tenant may use and spend at most (`budgets:update`) is not its own to say.
 */
export const permissionsOfRole: Readonly<Record<Role, PermissionSet>> = {
  owner: new Set<Permission>([...administering, "tenants:update"]),
  admin: new Set<Permission>(administering),
  developer: new Set<Permission>(developing),
  viewer: new Set<Permission>(viewing),
  platform_admin: new Set<Permission>(permissions),
};

export const allPermissions: PermissionSet = permissionsOfRole.platform_admin;

/**
 * What a test key may not do, whatever it was given: by these it would get at more than a test key reaches, as a user
 * who reaches all, or a provider that is called one for tests.
 */
export const ofLiveCallers: PermissionSet = new Set<Permission>([
  "users:create",
  "users:update",
  "users:delete",
  "tenants:create",
  "tenants:update",
  "tenants:delete",
  "providers:update",
  "routes:update",
]);

/** From the least to the most: nobody gives a role above their own. */
const rank: Readonly<Record<Role, number>> = {
  viewer: 0,
  developer: 1,
  admin: 2,
  owner: 3,
  platform_admin: 4,
};

export const isAtMost = (role: Role, other: Role): boolean => rank[role] <= rank[other];

export const isPermission = (text: string): text is Permission =>
  permissions.some((permission) => permission === text);

export const isRole = (text: string): text is Role => roles.some((role) => role === text);
