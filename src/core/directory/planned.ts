// Entries as a change will make them, from what they are and what is said of them. Pure. Absent: as it was; null: its
// default.

import type { Budget, UseLimits } from "../access/grants.ts";
import { permissions } from "../access/permissions.ts";
import type {
  ApiKeyInput,
  BudgetInput,
  SsoConfigInput,
  TenantInput,
  UseLimitsInput,
  UserInput,
} from "./administration.ts";
import type { DirectoryChange } from "./directory-store.ts";
import type { Tenant, Unstored } from "./entries.ts";
import { emailOf } from "./rules/email.ts";

type Put<T extends DirectoryChange["type"]> = Extract<DirectoryChange, { readonly type: T }>;

export type PlannedTenant = Unstored<Tenant>;
export type PlannedUser = Put<"put_user">["user"];
export type PlannedKey = Put<"put_api_key">["apiKey"];
export type PlannedSsoConfig = Put<"put_sso_config">["ssoConfig"];

export const newTenant: Omit<PlannedTenant, "id"> = {
  name: "",
  contactEmail: undefined,
  active: true,
  timeZone: "UTC",
  limits: {},
  budget: {},
  logging: undefined,
  cacheTtlSeconds: undefined,
  allowedModels: undefined,
  allowedProviders: undefined,
};

export const newKey: Omit<PlannedKey, "id" | "tenantId" | "prefix" | "environment"> = {
  userId: undefined,
  name: "",
  limits: {},
  budget: {},
  permissions: ["gateway:use"],
  expiresAtMs: undefined,
  active: true,
  revokedAtMs: undefined,
  previousExpiresAtMs: undefined,
  allowedModels: undefined,
  allowedProviders: undefined,
};

export const newSsoConfig: Omit<PlannedSsoConfig, "tenantId"> = {
  active: true,
  issuer: "",
  clientId: "",
  scopes: ["openid", "profile", "email"],
  groupsClaim: "groups",
  rolesOfGroups: {},
  defaultRole: undefined,
  createsUsers: true,
};

export const plannedTenant = (was: PlannedTenant, input: TenantInput): PlannedTenant => ({
  id: was.id,
  name: input.name ?? was.name,
  contactEmail: said(asEmail(input.contactEmail), was.contactEmail, undefined),
  active: input.active ?? was.active,
  timeZone: said(input.timeZone, was.timeZone, newTenant.timeZone),
  limits: plannedLimits(was.limits, input.limits),
  budget: plannedBudget(was.budget, input.budget),
  logging: said(input.logging, was.logging, undefined),
  cacheTtlSeconds: said(input.cacheTtlSeconds, was.cacheTtlSeconds, undefined),
  allowedModels: said(input.allowedModels, was.allowedModels, undefined),
  allowedProviders: said(input.allowedProviders, was.allowedProviders, undefined),
});

export const plannedUser = (was: PlannedUser, input: UserInput): PlannedUser => ({
  id: was.id,
  tenantId: was.tenantId,
  email: asEmail(input.email) ?? was.email,
  name: input.name ?? was.name,
  role: input.role ?? was.role,
  active: input.active ?? was.active,
  budget: plannedBudget(was.budget, input.budget),
  externalId: was.externalId,
});

export const plannedKey = (was: PlannedKey, input: ApiKeyInput): PlannedKey => ({
  id: was.id,
  tenantId: was.tenantId,
  userId: said(input.userId, was.userId, undefined),
  name: input.name ?? was.name,
  prefix: was.prefix,
  environment: was.environment,
  limits: plannedLimits(was.limits, input.limits),
  budget: plannedBudget(was.budget, input.budget),
  permissions: inOneOrder(input.permissions ?? was.permissions),
  expiresAtMs: said(input.expiresAtMs, was.expiresAtMs, undefined),
  active: input.active ?? was.active,
  revokedAtMs: was.revokedAtMs,
  previousExpiresAtMs: was.previousExpiresAtMs,
  allowedModels: said(input.allowedModels, was.allowedModels, undefined),
  allowedProviders: said(input.allowedProviders, was.allowedProviders, undefined),
});

export const plannedSsoConfig = (was: PlannedSsoConfig, input: SsoConfigInput): PlannedSsoConfig => ({
  tenantId: was.tenantId,
  active: input.active ?? was.active,
  issuer: input.issuer ?? was.issuer,
  clientId: input.clientId ?? was.clientId,
  scopes: said(input.scopes, was.scopes, newSsoConfig.scopes),
  groupsClaim: said(input.groupsClaim, was.groupsClaim, newSsoConfig.groupsClaim),
  rolesOfGroups: said(input.rolesOfGroups, was.rolesOfGroups, newSsoConfig.rolesOfGroups),
  defaultRole: said(input.defaultRole, was.defaultRole, undefined),
  createsUsers: input.createsUsers ?? was.createsUsers,
});

function plannedLimits(was: UseLimits, input: UseLimitsInput | null | undefined): UseLimits {
  if (input === null) return {};
  return {
    requestsPerMinute: said(input?.requestsPerMinute, was.requestsPerMinute, undefined),
    tokensPerMinute: said(input?.tokensPerMinute, was.tokensPerMinute, undefined),
    concurrentStreams: said(input?.concurrentStreams, was.concurrentStreams, undefined),
  };
}

function plannedBudget(was: Budget, input: BudgetInput | null | undefined): Budget {
  if (input === null) return {};
  return {
    hardNanos: said(input?.hardNanos, was.hardNanos, undefined),
    softNanos: said(input?.softNanos, was.softNanos, undefined),
  };
}

function said<T>(input: T | null | undefined, was: T, fallback: T): T {
  if (input === undefined) return was;
  return input ?? fallback;
}

const asEmail = <T extends string | null | undefined>(email: T): T | string =>
  typeof email === "string" ? emailOf(email) : email;

const inOneOrder = (given: PlannedKey["permissions"]): PlannedKey["permissions"] =>
  permissions.filter((permission) => given.includes(permission));
