/**
 * What was spent is read from indexes alone, also by credentials that act for another tenant, in an index that has no
 * other calls; and how far what tenants do not keep was removed.
 */
export const addAccounting: readonly string[] = [
  "drop index requests_tenant_created",
  "create index requests_tenant_created on requests (tenant_id, created_at, id, api_key_id, user_id)",
  "drop index provider_attempts_request",
  "create index provider_attempts_request on provider_attempts (request_id, cost_nanos)",
  `create table retention_progress (
    tenant_id text not null primary key, created_at bigint not null, request_id text not null) without rowid`,
  "alter table requests add column acting_from text null",
  `create index requests_acting on requests (acting_from, created_at, id, api_key_id, user_id)
   where acting_from is not null`,
];
