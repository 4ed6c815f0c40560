// The migrations for SQLite, oldest first. Their names are known without loading them, so that a start that
// has nothing to migrate loads nothing. A name is never changed: databases remember it.

export const sqliteMigrations = [
  {
    name: "0001-records",
    load: async () => (await import("./0001-records.ts")).CreateRecords,
  },
  {
    name: "0002-analytics",
    load: async () => (await import("./0002-analytics.ts")).AddAnalytics,
  },
] as const;
