// What stands in the way of a call is one statement, and every table in it is found by an index.

import { expect, it } from "vitest";
import type { RunStatement } from "../../../src/db/database-access.ts";
import { createDatabase } from "../../../src/db/database.ts";
import { changesSince } from "../../../src/db/directory/changes-feed.ts";
import { importedKeys, importedPrefixes, keyByHash, keyById } from "../../../src/db/directory/find-keys.ts";
import {
  activeUser,
  ssoConfig,
  userByExternalId,
  userById,
  usersByEmail,
} from "../../../src/db/directory/find-users.ts";
import { findSession } from "../../../src/db/directory/user-sessions.ts";
import { openSqlite } from "../../../src/db/sqlite-open.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createTestDatabase, openSql } from "../../support/postgres.ts";

const lookups: Readonly<Record<string, (run: RunStatement) => Promise<unknown>>> = {
  keyByHash: (run) => keyByHash(run, ["a", "b"]),
  keyById: (run) => keyById(run, "a"),
  importedKeys: (run) => importedKeys(run, ["a", "b"], { ofTenant: 2, limit: 5 }),
  importedPrefixes: (run) => importedPrefixes(run, "t", 5),
  userById: (run) => userById(run, "a"),
  usersByEmail: (run) => usersByEmail(run, "a", undefined),
  "usersByEmail of a tenant": (run) => usersByEmail(run, "a", "t"),
  activeUser: (run) => activeUser(run, { tenantId: "t", roles: ["owner", "admin"], except: "a" }),
  userByExternalId: (run) => userByExternalId(run, "t", "a"),
  session: (run) => findSession(run, "a"),
  ssoConfig: (run) => ssoConfig(run, "t"),
};

/** The statements that it runs, with their values written into them. */
async function statementsOf(lookup: (run: RunStatement) => Promise<unknown>): Promise<readonly string[]> {
  const statements: string[] = [];
  await lookup(async (text, values) => {
    // As texts, of which each database makes what stands beside them.
    const literals = values.map((value) => `'${String(value)}'`);
    statements.push(text.replaceAll("?", () => literals.shift() ?? "?"));
    return [];
  });
  return statements;
}

it("is so on SQLite", async () => {
  const database = await openSqlite(undefined, true);
  for (const [name, lookup] of Object.entries(lookups)) {
    const statements = await statementsOf(lookup);
    expect(statements, name).toHaveLength(1);
    const plan = database.native.prepare(`explain query plan ${statements.join()}`).all();
    expect(JSON.stringify(plan), name).toMatch(/SEARCH/);
    // What was ranked is no table.
    expect(JSON.stringify(plan), name).not.toMatch(/"SCAN (?!ranked"|\(subquery)/);
    if (name === "activeUser")
      expect(JSON.stringify(plan)).toMatch(/users_role \(tenant_id=\? AND role=\?\)/);
  }
  database.close();
});

it("is so on PostgreSQL", async () => {
  const url = await createTestDatabase();
  const options = { bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} };
  await (await createDatabase({ url, ...options })).close();
  const session = await openSql(url);
  await session.run(
    `insert into users (id, tenant_id, email, name, search_text, role, active, created_at, updated_at, version)
     select 'u-' || i, 't', i || '@example.com', 'U', 'u', 'developer', true, 1, 1, 1 from generate_series(1, 2000) i`,
  );
  await session.run("analyze users");
  const [search] = await statementsOf(lookups["activeUser"] ?? expect.unreachable());
  expect(JSON.stringify(await session.run(`explain ${search}`))).toMatch(
    /users_role.*Index Cond.*tenant_id.*role/,
  );
  // Small tables are read whole for as long as that is allowed.
  for (const way of ["seqscan", "hashjoin", "mergejoin"]) await session.run(`set enable_${way} = off`);
  for (const [name, lookup] of Object.entries(lookups)) {
    const plan = await session.run(`explain ${(await statementsOf(lookup)).join()}`);
    expect(JSON.stringify(plan), name).toMatch(/Index/);
    expect(JSON.stringify(plan), name).not.toMatch(/Seq Scan/);
  }
  await session.end();
});

it("asks once for what was changed, whatever that is", async () => {
  const asked: string[] = [];
  await changesSince(async (text) => {
    asked.push(text);
    return [{ version: 7, kind: null, id: null }];
  }, 7);
  expect(asked).toHaveLength(1);
});
