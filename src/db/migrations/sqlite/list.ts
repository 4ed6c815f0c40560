import type { Migration } from "../migration.ts";

/** The migrations for SQLite, oldest first. */
export const sqliteMigrations: readonly Migration[] = [
  { name: "0001-records", load: async () => (await import("./0001-records.ts")).createRecords },
  { name: "0002-analytics", load: async () => (await import("./0002-analytics.ts")).addAnalytics },
  { name: "0003-managed", load: async () => (await import("./0003-managed.ts")).addManaged },
  { name: "0004-directory", load: async () => (await import("./0004-directory.ts")).addDirectory },
  { name: "0005-accounting", load: async () => (await import("./0005-accounting.ts")).addAccounting },
  { name: "0006-idempotency", load: async () => (await import("./0006-idempotency.ts")).addIdempotency },
  { name: "0007-tenant-cache", load: async () => (await import("./0007-tenant-cache.ts")).addTenantCache },
];
