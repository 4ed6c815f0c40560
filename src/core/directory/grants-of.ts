// What those of the directory may use and spend, as their entries say. Pure.

import type { Grants, KeyGrant, TenantGrant, UserGrant } from "../access/grants.ts";
import type { FoundKey } from "./directory-store.ts";
import type { ApiKey, Tenant, User } from "./entries.ts";

export const grantOfTenant = (tenant: Tenant): TenantGrant => ({
  id: tenant.id,
  timeZone: tenant.timeZone,
  limits: tenant.limits,
  budget: tenant.budget,
  logging: tenant.logging,
  cacheTtlSeconds: tenant.cacheTtlSeconds,
  allowedModels: tenant.allowedModels,
  allowedProviders: tenant.allowedProviders,
});

export const grantOfUser = ({ id, budget }: User): UserGrant => ({ id, budget });

const grantOfKey = ({ id, limits, budget, allowedModels, allowedProviders }: ApiKey): KeyGrant => ({
  id,
  limits,
  budget,
  allowedModels,
  allowedProviders,
});

export const grantsOfKey = ({ apiKey, tenant, user }: Omit<FoundKey, "credential">): Grants => ({
  tenant: grantOfTenant(tenant),
  key: grantOfKey(apiKey),
  user: user === undefined ? undefined : grantOfUser(user),
});
