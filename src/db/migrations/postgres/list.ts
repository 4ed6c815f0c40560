import type { Migration } from "../migration.ts";

/** The migrations for PostgreSQL, oldest first. */
export const postgresMigrations: readonly Migration[] = [
  { name: "0001-records", load: async () => (await import("./0001-records.ts")).createRecords },
  { name: "0002-gateways", load: async () => (await import("./0002-gateways.ts")).addGateways },
  { name: "0003-managed", load: async () => (await import("./0003-managed.ts")).addManaged },
  { name: "0004-directory", load: async () => (await import("./0004-directory.ts")).addDirectory },
  { name: "0005-accounting", load: async () => (await import("./0005-accounting.ts")).addAccounting },
  { name: "0006-idempotency", load: async () => (await import("./0006-idempotency.ts")).addIdempotency },
  { name: "0007-tenant-cache", load: async () => (await import("./0007-tenant-cache.ts")).addTenantCache },
];
