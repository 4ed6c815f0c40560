// Sums up what a tenant, key or user has spent, a part of the time at a time: however many calls there are, no
// statement takes long.

import { isUuid7 } from "../core/ids.ts";
import type { BudgetAccount } from "../core/budgets/budget-store.ts";
import type { RunStatement } from "./database-access.ts";
import { countOf, rowsOf, sumOf } from "./read-usage-rows.ts";
import type { SpendPart, SpendQuery } from "./record-store.ts";

/** What of the statement differs between the databases. */
export interface SpendDialect {
  /** Joins to the calls `r` the sums or values `high` and `low` of the halves of their attempts' costs, as `a`. */
  readonly attempts: string;
  /** That `r` is none of the ids in its one parameter. */
  readonly isNoneOf: string;
  /** The parameter of that. */
  readonly idList: (ids: readonly string[]) => string;
}

export const sqliteSpend: SpendDialect = {
  attempts: `cross join (select request_id, cost_nanos >> 32 as high, cost_nanos & 4294967295 as low
    from provider_attempts) a on a.request_id = r.id`,
  isNoneOf: "r.id not in (select value from json_each(?))",
  idList: (ids) => JSON.stringify(ids),
};

export const postgresSpend: SpendDialect = {
  // A sum for each call: so it is found by the index, whatever the planner thinks of the table.
  attempts: `cross join lateral (select sum(cost_nanos >> 32) as high, sum(cost_nanos & 4294967295) as low
    from provider_attempts where request_id = r.id) a`,
  isNoneOf: "not exists (select 1 from unnest(cast(? as uuid[])) as left_out (id) where left_out.id = r.id)",
  idList: (ids) => `{${ids.join()}}`,
};

/** What names an account's tenant in a call: of a key's and a user's also the one that they acted from. */
type OwnerColumn = "tenant_id" | "acting_from";

const ownerColumns = ({ scope }: BudgetAccount): readonly OwnerColumn[] =>
  scope === "tenant" ? ["tenant_id"] : ["tenant_id", "acting_from"];

/** Reads the first part of the account's time. */
export async function readSpend(
  run: RunStatement,
  query: SpendQuery,
  dialect: SpendDialect,
): Promise<SpendPart> {
  const columns = ownerColumns(query.account);
  let { toMs } = query.account;
  for (const column of columns) toMs = await endOfPart(run, { query, toMs, column });
  const part = { ...query, account: { ...query.account, toMs } };
  let nanos = 0n;
  // No call acts for its own tenant, and no other tenant's key has the same id: each is in one of the sums.
  for (const column of columns) nanos += await sumBy(run, part, { column, dialect });
  return { nanos, toMs };
}

async function sumBy(
  run: RunStatement,
  { account, exceptCallIds }: SpendQuery,
  { column, dialect }: { readonly column: OwnerColumn; readonly dialect: SpendDialect },
): Promise<bigint> {
  const { tenantId, scope, id, fromMs, toMs } = account;
  const owner = scope === "tenant" ? undefined : { column: `${scope}_id`, id };
  // Every call's id is one: what is none is no call's, and PostgreSQL would not compare it.
  const leftOut = exceptCallIds.filter(isUuid7);
  const ofOwner = owner === undefined ? "" : ` and r.${owner.column} = ?`;
  const others = leftOut.length === 0 ? "" : ` and ${dialect.isNoneOf}`;
  const answer = await run(
    `select cast(sum(a.high) as text) as cost_nanos_high, cast(sum(a.low) as text) as cost_nanos_low
     from requests r ${dialect.attempts}
     where r.${column} = ? and r.created_at >= ? and r.created_at < ?${ofOwner}${others}`,
    [
      tenantId,
      fromMs,
      toMs,
      ...(owner === undefined ? [] : [owner.id]),
      ...(leftOut.length === 0 ? [] : [dialect.idList(leftOut)]),
    ],
  );
  return sumOf(rowsOf(answer), "cost_nanos") ?? 0n;
}

/** The time before which so many calls were made as one part takes, a whole millisecond at least. */
async function endOfPart(
  run: RunStatement,
  {
    query,
    toMs,
    column,
  }: { readonly query: SpendQuery; readonly toMs: number; readonly column: OwnerColumn },
): Promise<number> {
  const { tenantId, fromMs } = query.account;
  const [next] = rowsOf(
    await run(
      `select cast(created_at as text) as ends_at from requests
       where ${column} = ? and created_at >= ? and created_at < ?
       order by created_at limit 1 offset ?`,
      [tenantId, fromMs, toMs, query.partCalls],
    ),
  );
  return next === undefined ? toMs : Math.max(Number(countOf(next, "ends_at")), fromMs + 1);
}
