// Takes entries out of the directory, with what belongs to them.

import type { ChangedEntry } from "../../core/directory/directory-store.ts";
import type { RunStatement } from "../database-access.ts";
import type { Applied, AtVersion } from "./applied.ts";
import { rowFields } from "./row-fields.ts";

interface Seen {
  readonly id: string;
  readonly seen: number;
}

/** Its row stays, so that its name is never given again. */
export async function removeTenant(run: RunStatement, { id, seen }: Seen, at: AtVersion): Promise<Applied> {
  const { version, epochMs } = at;
  const removed = await run(
    `update tenants set deleted_at = ?, updated_at = ?, version = ?, active = ?, contact_email = null, search_text = ''
     where slug = ? and version = ? and deleted_at is null returning slug`,
    [epochMs, epochMs, version, 0, id, seen],
  );
  if (removed.length === 0) return "changed_meanwhile";
  await run("delete from sessions where user_id in (select id from users where tenant_id = ?)", [id]);
  for (const table of ["api_keys", "users", "sso_configs"]) {
    await run(`delete from ${table} where tenant_id = ?`, [id]);
  }
  return [{ kind: "tenant", id }];
}

export async function removeUser(run: RunStatement, { id, seen }: Seen, at: AtVersion): Promise<Applied> {
  const { version, epochMs } = at;
  const [user] = await run("delete from users where id = ? and version = ? returning tenant_id", [id, seen]);
  if (user === undefined) return "changed_meanwhile";
  const keys = await run(
    `update api_keys set revoked_at = ?, updated_at = ?, version = ?
     where tenant_id = ? and user_id = ? and revoked_at is null returning id`,
    [epochMs, epochMs, version, rowFields(user).text("tenant_id"), id],
  );
  const sessions = await run("delete from sessions where user_id = ? returning id", [id]);
  return [{ kind: "user", id }, ...changedOf("api_key", keys), ...changedOf("session", sessions)];
}

export async function removeApiKey(run: RunStatement, { id, seen }: Seen): Promise<Applied> {
  const removed = await run("delete from api_keys where id = ? and version = ? returning id", [id, seen]);
  return removed.length === 0 ? "changed_meanwhile" : changedOf("api_key", removed);
}

export async function removeSsoConfig(
  run: RunStatement,
  { tenantId, seen }: { readonly tenantId: string; readonly seen: number },
): Promise<Applied> {
  const removed = await run("delete from sso_configs where tenant_id = ? and version = ? returning version", [
    tenantId,
    seen,
  ]);
  return removed.length === 0 ? "changed_meanwhile" : [{ kind: "tenant", id: tenantId }];
}

export const changedOf = (kind: ChangedEntry["kind"], rows: readonly unknown[]): readonly ChangedEntry[] =>
  rows.map((row) => ({ kind, id: rowFields(row).text("id") }));
