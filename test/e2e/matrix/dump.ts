// All that the database holds but the audit trail, row by row: what a refusal must leave as it was.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { ServedGateway } from "../served-gateway.ts";

/** Written by whatever is refused, or a while after a key was used. */
const leftOut = { tables: ["audit_logs", "audit_heads"], columns: ["last_used_at"] };

const tableSchema = z.object({ name: z.string() });
const rowSchema = z.record(z.string(), z.unknown());

export async function dumpDatabase({ gateway, folder }: ServedGateway): Promise<readonly string[]> {
  await gateway.database.flush();
  const database = new DatabaseSync(join(folder, "sluice.db"), { readOnly: true, readBigInts: true });
  try {
    const tables = database
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all()
      .map((row) => tableSchema.parse(row).name);
    return tables
      .filter((table) => !leftOut.tables.includes(table))
      .flatMap((table) =>
        database
          .prepare(`select * from "${table}"`)
          .all()
          .map((row) => `${table} ${shown(rowSchema.parse({ ...row }))}`),
      )
      .toSorted();
  } finally {
    database.close();
  }
}

const shown = (row: Readonly<Record<string, unknown>>): string =>
  Object.entries(row)
    .filter(([column]) => !leftOut.columns.includes(column))
    .map(([column, value]) => `${column}=${String(value)}`)
    .join(" ");
