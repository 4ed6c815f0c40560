import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase, openSql } from "../support/postgres.ts";
import { directoryContract } from "./directory-contract.ts";

directoryContract(
  "The directory on PostgreSQL",
  async () => {
    const url = await createTestDatabase();
    const another = await openSql(url);
    return {
      open: (auditKeys) =>
        createDatabase({
          url,
          bodyKeepMaxBytes: 1000,
          queueMax: 1000,
          clock: systemClock,
          warn: () => {},
          auditKeys,
        }),
      async run(...statements) {
        let rows: readonly unknown[] = [];
        for (const sql of statements) rows = await another.run(sql);
        return rows;
      },
      dispose: () => another.end(),
    };
  },
  ["drop trigger audit_logs_append_only on audit_logs"],
);
