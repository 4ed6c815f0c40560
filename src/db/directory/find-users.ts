// Users as log-ins and calls are checked by them: each question is one statement.

import type { SsoCredential } from "../../core/directory/credentials.ts";
import type { FoundUser, WantedUser } from "../../core/directory/directory-store.ts";
import type { SsoConfig, User } from "../../core/directory/entries.ts";
import type { RunStatement, StatementValue } from "../database-access.ts";
import { marksOf } from "../sql-text.ts";
import { rowFields } from "./row-fields.ts";
import { ssoConfigColumns, ssoConfigOf, ssoCredentialOf } from "./sso-config-rows.ts";
import { selected } from "./tables.ts";
import { tenantColumns, tenantOf } from "./tenant-rows.ts";
import { userColumns, userCredentialOf, userOf } from "./user-rows.ts";

/** More than one email has users in. */
const maxUsersOfEmail = 10;

const usersAndTenants = `select ${selected("u", userColumns)}, ${selected("t", tenantColumns)}
  from users u join tenants t on t.slug = u.tenant_id`;

async function findUsers(
  run: RunStatement,
  condition: string,
  values: readonly StatementValue[],
): Promise<readonly FoundUser[]> {
  const rows = await run(`${usersAndTenants} where ${condition}`, values);
  return rows.map((row) => {
    const user = rowFields(row, "u_");
    return { user: userOf(user), tenant: tenantOf(rowFields(row, "t_")), credential: userCredentialOf(user) };
  });
}

export async function userById(run: RunStatement, id: string): Promise<FoundUser | undefined> {
  const [found] = await findUsers(run, "u.id = ?", [id]);
  return found;
}

export const usersByEmail = (
  run: RunStatement,
  email: string,
  tenantId: string | undefined,
): Promise<readonly FoundUser[]> =>
  tenantId === undefined
    ? findUsers(run, `u.email = ? order by u.id limit ${maxUsersOfEmail}`, [email])
    : findUsers(run, "u.email = ? and u.tenant_id = ?", [email, tenantId]);

export async function userByExternalId(
  run: RunStatement,
  tenantId: string,
  externalId: string,
): Promise<FoundUser | undefined> {
  const [found] = await findUsers(run, "u.tenant_id = ? and u.external_id = ?", [tenantId, externalId]);
  return found;
}

export async function activeUser(
  run: RunStatement,
  { tenantId, roles, except, hasPassword }: WantedUser,
): Promise<User | undefined> {
  const [row] = await run(
    `select ${selected("u", userColumns)} from users u
     where u.tenant_id = ? and u.role in (${marksOf(roles)}) and u.active = ?
       ${except === undefined ? "" : "and u.id <> ?"} ${hasPassword === true ? "and u.password_hash is not null" : ""}
     limit 1`,
    [tenantId, ...roles, 1, ...(except === undefined ? [] : [except])],
  );
  return row === undefined ? undefined : userOf(rowFields(row, "u_"));
}

export async function touchUser(run: RunStatement, id: string, atMs: number): Promise<void> {
  await run(
    "update users set last_log_in_at = ? where id = ? and (last_log_in_at is null or last_log_in_at < ?)",
    [atMs, id, atMs],
  );
}

export async function rehashPassword(
  run: RunStatement,
  id: string,
  hash: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const rows = await run(
    "update users set password_hash = ? where id = ? and password_hash = ? returning id",
    [hash.to, id, hash.from],
  );
  return rows.length > 0;
}

export async function ssoConfig(
  run: RunStatement,
  tenantId: string,
): Promise<{ readonly config: SsoConfig; readonly credential: SsoCredential } | undefined> {
  const [row] = await run(
    `select ${selected("s", ssoConfigColumns)} from sso_configs s where s.tenant_id = ?`,
    [tenantId],
  );
  if (row === undefined) return undefined;
  const fields = rowFields(row, "s_");
  return { config: ssoConfigOf(fields), credential: ssoCredentialOf(fields) };
}
