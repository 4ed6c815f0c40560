// What was spent is read from indexes alone, also of a key that acts for other tenants than its own.

import { expect, it } from "vitest";
import type { RunStatement } from "../../src/db/database-access.ts";
import { createDatabase } from "../../src/db/database.ts";
import { postgresSpend, readSpend, type SpendDialect, sqliteSpend } from "../../src/db/read-spend.ts";
import { openSqlite } from "../../src/db/sqlite-open.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase, openSql } from "../support/postgres.ts";

/** With their values written into them. */
async function statementsOf(scope: "tenant" | "api_key", dialect: SpendDialect): Promise<readonly string[]> {
  const statements: string[] = [];
  const run: RunStatement = async (text, values) => {
    const literals = values.map((value) =>
      typeof value === "number" ? String(value) : `'${String(value)}'`,
    );
    statements.push(text.replaceAll("?", () => literals.shift() ?? "?"));
    return text.includes("sum(") ? [{ cost_nanos_high: null, cost_nanos_low: null }] : [];
  };
  const account = { tenantId: "t", scope, id: "k", fromMs: 1, toMs: 2 };
  await readSpend(run, { account, exceptCallIds: [], partCalls: 50 }, dialect);
  return statements;
}

const indexes = {
  tenant: ["requests_tenant_created", "requests_tenant_created"],
  api_key: ["requests_tenant_created", "requests_acting", "requests_tenant_created", "requests_acting"],
} as const;

it.each(["tenant", "api_key"] as const)("is so on SQLite for a %s", async (scope) => {
  const database = await openSqlite(undefined, true);
  const statements = await statementsOf(scope, sqliteSpend);
  const plans = statements.map((each) =>
    JSON.stringify(database.native.prepare(`explain query plan ${each}`).all()),
  );
  expect(plans).toEqual(
    indexes[scope].map((index) => expect.stringContaining(`USING COVERING INDEX ${index} (`)),
  );
  expect(plans.join()).not.toMatch(/SCAN|USING INDEX|PRIMARY KEY/);
  database.close();
});

it("is so on PostgreSQL", async () => {
  const url = await createTestDatabase();
  const options = { bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} };
  await (await createDatabase({ url, ...options })).close();
  const session = await openSql(url);
  // Small tables are read whole for as long as that is allowed.
  for (const way of ["seqscan", "bitmapscan", "sort"]) await session.run(`set enable_${way} = off`);
  for (const scope of ["tenant", "api_key"] as const) {
    for (const [i, statement] of (await statementsOf(scope, postgresSpend)).entries()) {
      const plan = JSON.stringify(await session.run(`explain ${statement}`));
      expect(plan, statement).toMatch(new RegExp(`Index Only Scan using ${indexes[scope][i]} `));
      expect(plan, statement).not.toMatch(/Seq Scan/);
    }
  }
  await session.end();
});
