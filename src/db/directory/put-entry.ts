// Puts an entry of the directory where there is none, or in the place of the one that was seen.

import type { DirectoryChange } from "../../core/directory/directory-store.ts";
import type { RunStatement } from "../database-access.ts";
import { apiKeyValues } from "./api-key-rows.ts";
import type { Applied, AtVersion } from "./applied.ts";
import { ssoConfigValues } from "./sso-config-rows.ts";
import type { RowValues } from "./tables.ts";
import { tenantValues } from "./tenant-rows.ts";
import { userValues } from "./user-rows.ts";

export async function putTenant(
  run: RunStatement,
  change: Extract<DirectoryChange, { type: "put_tenant" }>,
  at: AtVersion,
): Promise<Applied> {
  const { tenant, seen } = change;
  const values = tenantValues(tenant);
  const refused = await put(run, { table: "tenants", key: ["slug"], values, seen }, at);
  return refused ?? [{ kind: "tenant", id: tenant.id }];
}

export async function putUser(
  run: RunStatement,
  change: Extract<DirectoryChange, { type: "put_user" }>,
  at: AtVersion,
): Promise<Applied> {
  const { user, seen } = change;
  const row = { table: "users", key: ["id", "tenant_id"], values: userValues(change), seen };
  const refused = await put(run, row, at);
  if (refused !== undefined) return refused;
  if (!(await isTenant(run, user.tenantId))) return "no_owner";
  return [{ kind: "user", id: user.id }];
}

export async function putApiKey(
  run: RunStatement,
  change: Extract<DirectoryChange, { type: "put_api_key" }>,
  at: AtVersion,
): Promise<Applied> {
  const { apiKey, seen } = change;
  const row = { table: "api_keys", key: ["id", "tenant_id"], values: apiKeyValues(change), seen };
  const refused = await put(run, row, at);
  if (refused !== undefined) return refused;
  const { tenantId, userId } = apiKey;
  const isOwned = userId === undefined ? await isTenant(run, tenantId) : await isUser(run, userId, tenantId);
  if (!isOwned) return "no_owner";
  await run("update directory_version set had_api_keys = 1 where had_api_keys = 0", []);
  return [{ kind: "api_key", id: apiKey.id }];
}

export async function putSsoConfig(
  run: RunStatement,
  change: Extract<DirectoryChange, { type: "put_sso_config" }>,
  at: AtVersion,
): Promise<Applied> {
  const { tenantId } = change.ssoConfig;
  const row = {
    table: "sso_configs",
    key: ["tenant_id"],
    values: ssoConfigValues(change),
    seen: change.seen,
  };
  const refused = await put(run, row, at);
  if (refused !== undefined) return refused;
  return (await isTenant(run, tenantId)) ? [{ kind: "tenant", id: tenantId }] : "no_owner";
}

interface PutRow {
  readonly table: string;
  /** Columns that never change: an entry does not go over to another tenant. */
  readonly key: readonly string[];
  readonly values: RowValues;
  readonly seen: number | undefined;
}

async function put(
  run: RunStatement,
  { table, key, values, seen }: PutRow,
  { version, epochMs }: AtVersion,
): Promise<"exists" | "changed_meanwhile" | undefined> {
  const dated: RowValues = { ...values, updated_at: epochMs, version };
  if (seen === undefined) {
    const row: RowValues = { ...dated, created_at: epochMs };
    const columns = Object.keys(row);
    const inserted = await run(
      `insert into ${table} (${columns.join()}) values (${columns.map(() => "?").join()})
       on conflict do nothing returning version`,
      Object.values(row),
    );
    return inserted.length > 0 ? undefined : "exists";
  }
  const changed = Object.entries(dated).filter(([name]) => !key.includes(name));
  const isThere = table === "tenants" ? "and deleted_at is null" : "";
  const updated = await run(
    `update ${table} set ${changed.map(([name]) => `${name} = ?`).join()}
     where ${key.map((name) => `${name} = ?`).join(" and ")} and version = ? ${isThere} returning version`,
    [...changed.map(([, value]) => value), ...key.map((name) => values[name] ?? null), seen],
  );
  return updated.length > 0 ? undefined : "changed_meanwhile";
}

const isTenant = async (run: RunStatement, id: string): Promise<boolean> =>
  (await run("select 1 as found from tenants where slug = ? and deleted_at is null", [id])).length > 0;

/** Of that tenant. */
export const isUser = async (run: RunStatement, id: string, tenantId: string): Promise<boolean> =>
  (await run("select 1 as found from users where id = ? and tenant_id = ?", [id, tenantId])).length > 0;
