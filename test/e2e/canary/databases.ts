// Databases with a password of their own, and what somebody finds in them who has taken them.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestDatabase, runSql } from "../../support/postgres.ts";
import type { ServedGateway } from "../served-gateway.ts";
import type { Planted } from "./planted.ts";

interface Database {
  readonly urlOf: (planted: Planted) => Promise<string | undefined>;
  /** All that stands in it, as far as somebody who has taken it sees. */
  readonly contents: (served: ServedGateway) => Promise<string>;
}

export const databases: Readonly<Record<"SQLite" | "PostgreSQL", Database>> = {
  SQLite: {
    urlOf: () => Promise.resolve(undefined),
    async contents({ folder }) {
      const names = (await readdir(folder)).filter((name) => name.startsWith("sluice.db"));
      return (await Promise.all(names.map((name) => readFile(join(folder, name), "latin1")))).join("\n");
    },
  },
  PostgreSQL: {
    async urlOf({ databasePassword }) {
      const url = new URL(await createTestDatabase());
      const role = `canary_${Date.now()}`;
      await runSql(url.href, `create role ${role} login superuser password '${databasePassword}'`);
      url.username = role;
      url.password = databasePassword;
      return url.href;
    },
    async contents({ databaseUrl }) {
      const tables = await runSql(
        databaseUrl,
        `select format('select %L as name, t::text as row from %I t', tablename, tablename) as query
         from pg_tables where schemaname = 'public'`,
      );
      const queries = [...JSON.stringify(tables).matchAll(/"query":"([^"]+)"/g)].map(
        ([, query = ""]) => query,
      );
      return JSON.stringify(await Promise.all(queries.map((query) => runSql(databaseUrl, query))));
    },
  },
};
