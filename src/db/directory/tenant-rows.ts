import type { TenantLogging } from "../../core/access/grants.ts";
import type { Tenant, Unstored } from "../../core/directory/entries.ts";
import type { LoggingPolicy } from "../../core/snapshot.ts";
import type { RowFields } from "./row-fields.ts";
import {
  allowedColumns,
  allowedOf,
  allowedValues,
  budgetColumns,
  budgetOf,
  budgetValues,
  entryColumns,
  entryOf,
  limitColumns,
  limitsOf,
  limitValues,
} from "./shared-columns.ts";
import { orNull, type RowValues, searchText } from "./tables.ts";

export const tenantColumns = [
  "slug",
  "name",
  "contact_email",
  "active",
  "time_zone",
  ...limitColumns,
  ...budgetColumns,
  ...allowedColumns,
  "logging_bodies",
  "logging_redact",
  "logging_retention_days",
  "cache_ttl_seconds",
  ...entryColumns,
];

export const tenantOf = (fields: RowFields): Tenant => ({
  id: fields.text("slug"),
  name: fields.text("name"),
  contactEmail: fields.textIfAny("contact_email"),
  active: fields.flag("active"),
  timeZone: fields.text("time_zone"),
  limits: limitsOf(fields),
  budget: budgetOf(fields),
  ...allowedOf(fields),
  logging: loggingOf(fields),
  cacheTtlSeconds: fields.numberIfAny("cache_ttl_seconds"),
  ...entryOf(fields),
});

export const tenantValues = (tenant: Unstored<Tenant>): RowValues => ({
  slug: tenant.id,
  name: tenant.name,
  contact_email: orNull(tenant.contactEmail),
  search_text: searchText(tenant.name, tenant.id, tenant.contactEmail),
  active: Number(tenant.active),
  time_zone: tenant.timeZone,
  ...limitValues(tenant.limits),
  ...budgetValues(tenant.budget),
  ...allowedValues(tenant),
  logging_bodies: orNull(tenant.logging?.bodies),
  logging_redact: tenant.logging === undefined ? null : Number(tenant.logging.redact),
  logging_retention_days: orNull(tenant.logging?.retentionDays),
  cache_ttl_seconds: orNull(tenant.cacheTtlSeconds),
});

function loggingOf(fields: RowFields): TenantLogging | undefined {
  if (fields.textIfAny("logging_bodies") === undefined) return undefined;
  return {
    bodies: fields.oneOf("logging_bodies", isLoggingPolicy),
    redact: fields.flag("logging_redact"),
    retentionDays: fields.numberIfAny("logging_retention_days"),
  };
}

const isLoggingPolicy = (text: string): text is LoggingPolicy =>
  text === "full" || text === "metadata" || text === "none";
