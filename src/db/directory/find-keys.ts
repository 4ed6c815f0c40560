// Keys as calls are checked by them: each question is one statement.

import type { ApiKeyCredential } from "../../core/directory/credentials.ts";
import type { FoundKey, ImportedKeyLimits, ImportedPrefix } from "../../core/directory/directory-store.ts";
import type { DatabaseAccess, RunStatement, StatementValue } from "../database-access.ts";
import { marksOf } from "../sql-text.ts";
import { apiKeyColumns, apiKeyCredentialOf, apiKeyCredentialValues, apiKeyOf } from "./api-key-rows.ts";
import { rowFields } from "./row-fields.ts";
import { selected } from "./tables.ts";
import { tenantColumns, tenantOf } from "./tenant-rows.ts";
import { userColumns, userOf } from "./user-rows.ts";

/** Users who were erased leave their keys, revoked. */
const keysAndOwners = `select ${selected("k", apiKeyColumns)}, ${selected("t", tenantColumns)},
  ${selected("u", userColumns)}
  from api_keys k join tenants t on t.slug = k.tenant_id left join users u on u.id = k.user_id`;

async function findKeys(
  run: RunStatement,
  { joined = "", condition }: { readonly joined?: string; readonly condition: string },
  values: readonly StatementValue[],
): Promise<readonly FoundKey[]> {
  const rows = await run(`${keysAndOwners} ${joined} where ${condition}`, values);
  return rows.map((row) => {
    const key = rowFields(row, "k_");
    const user = rowFields(row, "u_");
    return {
      apiKey: apiKeyOf(key),
      credential: apiKeyCredentialOf(key),
      tenant: tenantOf(rowFields(row, "t_")),
      user: user.textIfAny("id") === undefined ? undefined : userOf(user),
    };
  });
}

/** Of the trail, which may be long, it would have to be read whole where there was none. */
export async function hasApiKeys(run: RunStatement): Promise<boolean> {
  return (await run("select 1 as found from directory_version where had_api_keys = 1", [])).length > 0;
}

export async function keyByHash(run: RunStatement, hashes: readonly string[]): Promise<FoundKey | undefined> {
  if (hashes.length === 0) return undefined;
  const marks = marksOf(hashes);
  // Each half has its index.
  const condition = `k.id in (select id from api_keys where hash in (${marks})
    union all select id from api_keys where previous_hash in (${marks}))`;
  const [found] = await findKeys(run, { condition }, [...hashes, ...hashes]);
  return found;
}

export async function keyById(run: RunStatement, id: string): Promise<FoundKey | undefined> {
  const [found] = await findKeys(run, { condition: "k.id = ?" }, [id]);
  return found;
}

/** The place of each among those of its tenant. */
const rankedImports = (prefixes: readonly string[]): string =>
  `select id as ranked_id, row_number() over (partition by tenant_id order by length(prefix) desc, id) as place
   from api_keys where prefix in (${marksOf(prefixes)}) and bcrypt_hash is not null`;

export async function importedKeys(
  run: RunStatement,
  prefixes: readonly string[],
  { ofTenant, limit }: ImportedKeyLimits,
): Promise<readonly FoundKey[]> {
  if (prefixes.length === 0) return [];
  const joined = `join (${rankedImports(prefixes)}) ranked on ranked.ranked_id = k.id`;
  const condition = "ranked.place <= ? order by ranked.place, length(k.prefix) desc, k.id limit ?";
  return findKeys(run, { joined, condition }, [...prefixes, ofTenant, limit]);
}

export async function importedPrefixes(
  run: RunStatement,
  tenantId: string,
  limit: number,
): Promise<readonly ImportedPrefix[]> {
  const rows = await run(
    `select prefix, count(*) as alike from api_keys where tenant_id = ? and bcrypt_hash is not null
     group by prefix limit ?`,
    [tenantId, limit],
  );
  return rows.map((row) => {
    const fields = rowFields(row);
    return { prefix: fields.text("prefix"), keys: fields.number("alike") };
  });
}

export async function rehashKey(
  run: RunStatement,
  id: string,
  change: { readonly from: ApiKeyCredential; readonly to: ApiKeyCredential },
): Promise<boolean> {
  const from = Object.entries(apiKeyCredentialValues(change.from));
  const to = Object.entries(apiKeyCredentialValues(change.to));
  const rows = await run(
    `update api_keys set ${to.map(([name]) => `${name} = ?`).join()}
     where id = ? and ${from.map(([name]) => `${name} is not distinct from ?`).join(" and ")}
       and not exists (select 1 from api_keys other where other.hash = ? and other.id <> ?)
     returning id`,
    [
      ...to.map(([, value]) => value),
      id,
      ...from.map(([, value]) => value),
      change.to.hash?.hash ?? null,
      id,
    ],
  );
  return rows.length > 0;
}

export const touchKeys = (
  access: DatabaseAccess,
  used: readonly { readonly id: string; readonly atMs: number }[],
): Promise<void> =>
  access.runEach(
    "update api_keys set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)",
    used.map(({ id, atMs }) => [atMs, id, atMs]),
  );

/** Of keys that are not at their end by then. */
export async function underOtherKeys(
  run: RunStatement,
  keyIds: readonly string[],
  epochMs: number,
): Promise<{ readonly apiKeys: number; readonly ssoConfigs: readonly string[] }> {
  // No key has an empty name; without one the list might be empty, which is no statement.
  const known = ["", ...keyIds];
  const marks = marksOf(known);
  const [count] = await run(
    `select count(*) as other from api_keys
     where revoked_at is null and (expires_at is null or expires_at > ?) and (hash_key_id not in (${marks})
       or (previous_hash_key_id not in (${marks}) and previous_expires_at > ?))`,
    [epochMs, ...known, ...known, epochMs],
  );
  const sealed = await run(
    `select tenant_id from sso_configs where secret_key_id not in (${marks}) order by tenant_id`,
    known,
  );
  return {
    apiKeys: rowFields(count).number("other"),
    ssoConfigs: sealed.map((row) => rowFields(row).text("tenant_id")),
  };
}
