/** How long a tenant's answers may be cached. */
export const addTenantCache: readonly string[] = [
  "alter table tenants add column cache_ttl_seconds bigint null",
];
