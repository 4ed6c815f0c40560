// Entries of the directory by their ids, as whoever holds something of them asks: each question is one statement.

import type { TenantRetention } from "../../core/directory/directory-store.ts";
import type { ApiKey, Tenant, User } from "../../core/directory/entries.ts";
import type { RunStatement, StatementValue } from "../database-access.ts";
import { marksOf } from "../sql-text.ts";
import { apiKeyColumns, apiKeyOf } from "./api-key-rows.ts";
import { type RowFields, rowFields } from "./row-fields.ts";
import { selected } from "./tables.ts";
import { tenantColumns, tenantOf } from "./tenant-rows.ts";
import { userColumns, userOf } from "./user-rows.ts";

interface Table<T> {
  readonly name: string;
  readonly columns: readonly string[];
  readonly entryOf: (fields: RowFields) => T;
}

const tenantTable: Table<Tenant> = { name: "tenants", columns: tenantColumns, entryOf: tenantOf };
const userTable: Table<User> = { name: "users", columns: userColumns, entryOf: userOf };
const apiKeyTable: Table<ApiKey> = { name: "api_keys", columns: apiKeyColumns, entryOf: apiKeyOf };

async function find<T>(
  run: RunStatement,
  { name, columns, entryOf }: Table<T>,
  where: { readonly condition: string; readonly values: readonly StatementValue[] },
): Promise<readonly T[]> {
  const rows = await run(
    `select ${selected("e", columns)} from ${name} e where ${where.condition}`,
    where.values,
  );
  return rows.map((row) => entryOf(rowFields(row, "e_")));
}

const among = (column: string, ids: readonly string[]) => ({
  // A list may be empty, which is no statement; no entry has an empty id.
  condition: `${column} in (${marksOf(["", ...ids])})`,
  values: ["", ...ids],
});

export function tenantsById(run: RunStatement, ids: readonly string[]): Promise<readonly Tenant[]> {
  const { condition, values } = among("e.slug", ids);
  return find(run, tenantTable, { condition: `${condition} and e.deleted_at is null`, values });
}

export const usersById = (run: RunStatement, ids: readonly string[]): Promise<readonly User[]> =>
  find(run, userTable, among("e.id", ids));

export const apiKeysById = (run: RunStatement, ids: readonly string[]): Promise<readonly ApiKey[]> =>
  find(run, apiKeyTable, among("e.id", ids));

export const tenantsAfter = (
  run: RunStatement,
  id: string | undefined,
  limit: number,
): Promise<readonly Tenant[]> =>
  find(run, tenantTable, {
    condition: "e.slug > ? and e.deleted_at is null order by e.slug limit ?",
    values: [id ?? "", limit],
  });

/** The row of a tenant that was deleted stays, and so do its records: what was said in them has its time all the same. */
export async function retentionsAfter(
  run: RunStatement,
  id: string | undefined,
  limit: number,
): Promise<readonly TenantRetention[]> {
  const rows = await run(
    `select slug, logging_retention_days from tenants
     where slug > ? and logging_retention_days is not null order by slug limit ?`,
    [id ?? "", limit],
  );
  return rows
    .map((row) => rowFields(row))
    .map((fields) => ({ id: fields.text("slug"), retentionDays: fields.number("logging_retention_days") }));
}
