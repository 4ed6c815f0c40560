// What ends with a user or a tenant, asked in the transaction that deletes it: nobody adds to it meanwhile, for whoever
// does waits for the directory's version.

import type { DirectoryChange } from "../../core/directory/directory-store.ts";
import { type EndedWith, maxNamed } from "../../core/directory/ended-with.ts";
import type { RunStatement, StatementValue } from "../database-access.ts";
import { rowFields, type RowFields } from "./row-fields.ts";

interface Wheres {
  readonly apiKeys: string;
  readonly sessions: string;
}

const wheres = {
  delete_user: {
    apiKeys: "tenant_id = (select tenant_id from users where id = ?) and user_id = ? and revoked_at is null",
    sessions: "user_id = ? and ended_at is null",
  },
  delete_tenant: {
    apiKeys: "tenant_id = ?",
    sessions: "user_id in (select id from users where tenant_id = ?) and ended_at is null",
  },
} as const satisfies Record<string, Wheres>;

/** Undefined: nothing ends with it that is not told by the change itself. */
export async function endedWith(run: RunStatement, change: DirectoryChange): Promise<EndedWith | undefined> {
  const { type } = change;
  if (type !== "delete_user" && type !== "delete_tenant") return undefined;
  const { id } = change;
  const { apiKeys, sessions } = wheres[type];
  const keys = await some(run, { columns: "id, prefix", from: `api_keys where ${apiKeys}`, id });
  const ended = await some(run, { columns: "id", from: `sessions where ${sessions}`, id });
  return {
    target: { type: type === "delete_user" ? "user" : "tenant", id },
    apiKeys: keys.rows.map((row) => ({ id: row.text("id"), prefix: row.text("prefix") })),
    apiKeyCount: keys.count,
    sessions: ended.rows.map((row) => row.text("id")),
    sessionCount: ended.count,
  };
}

/** The first of them, and how many there are. */
async function some(
  run: RunStatement,
  { columns, from, id }: { readonly columns: string; readonly from: string; readonly id: string },
): Promise<{ readonly rows: readonly RowFields[]; readonly count: number }> {
  const values: readonly StatementValue[] = Array.from(from.matchAll(/\?/g), () => id);
  const found = await run(
    `select ${columns}, count(*) over () as total from ${from} order by id limit ${maxNamed}`,
    values,
  );
  const rows = found.map((row) => rowFields(row));
  return { rows, count: rows[0]?.number("total") ?? 0 };
}
