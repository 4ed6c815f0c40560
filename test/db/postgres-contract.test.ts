import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { bodyKeepMaxBytes, databaseContract } from "./contract.ts";
import { currentAuditKey } from "./sample-directory.ts";

databaseContract("PostgreSQL", async () => {
  const url = await createTestDatabase();
  return {
    open: () =>
      createDatabase({
        url,
        bodyKeepMaxBytes,
        queueMax: 1000,
        clock: systemClock,
        warn: () => {},
        auditKeys: () => [currentAuditKey],
      }),
    dispose: async () => {},
  };
});
