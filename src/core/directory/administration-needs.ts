import type { Permission } from "../access/permissions.ts";
import type { Administration } from "./administration.ts";

/** What each function needs; `changePassword` needs a user who has logged in, and nothing else. */
export const administrationNeeds = {
  tenants: "tenants:view",
  tenantsById: "tenants:view",
  createTenant: "tenants:create",
  updateTenant: "tenants:update",
  deleteTenant: "tenants:delete",
  users: "users:view",
  usersById: "users:view",
  createUser: "users:create",
  updateUser: "users:update",
  deleteUser: "users:delete",
  apiKeys: "api_keys:view",
  apiKeysById: "api_keys:view",
  createApiKey: "api_keys:create",
  updateApiKey: "api_keys:update",
  rotateApiKey: "api_keys:update",
  revokeApiKey: "api_keys:delete",
  deleteApiKey: "api_keys:delete",
  importApiKeys: "api_keys:create",
  ssoConfig: "tenants:view",
  setSsoConfig: "tenants:update",
  deleteSsoConfig: "tenants:update",
  resealClientSecrets: "providers:update",
  auditLog: "audit:view",
  verifyAudit: "audit:view",
} as const satisfies Record<Exclude<keyof Administration, "changePassword">, Permission>;
