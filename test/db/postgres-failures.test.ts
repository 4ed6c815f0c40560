import { createDatabase } from "../../src/db/database.ts";
import { createTestDatabase, openSql, runSql } from "../support/postgres.ts";
import { databaseFailures } from "./failures.ts";

databaseFailures("PostgreSQL", async () => {
  const url = await createTestDatabase();
  return {
    open: (options) =>
      createDatabase({
        url: `${url}?statement_timeout=300`,
        bodyKeepMaxBytes: 1000,
        queueMax: 100,
        ...options,
      }),
    async block() {
      const other = await openSql(url);
      await other.run("begin");
      await other.run("lock table requests in exclusive mode");
      return () => other.end();
    },
    blocked: /takes too long to answer.*statement timeout/,
    async sever() {
      await runSql(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'sluice'`,
      );
    },
    dispose: async () => {},
  };
});
