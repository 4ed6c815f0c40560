// Removes what was said in a tenant's old calls, a few calls at a time. What they used and cost stays. How far it has
// come is remembered, so that no call is looked at twice, now or after a restart.

import type { RunStatement } from "./database-access.ts";
import { rowsOf, textOf } from "./read-usage-rows.ts";
import type { ForgetStep, ForgottenCalls } from "./record-store.ts";
import { marksOf } from "./sql-text.ts";

/** On SQLite all that is written waits for a step. */
const longestStep = 200;

/** Before every call. */
const start = { createdAtMs: 0, id: "00000000-0000-0000-0000-000000000000" };

/** In a transaction of its own. */
export async function forgetCalls(
  run: RunStatement,
  { tenantId, beforeMs, limit }: ForgetStep,
): Promise<ForgottenCalls> {
  const after = await comeTo(run, tenantId);
  const most = Math.min(Math.max(Math.trunc(limit), 1), longestStep);
  const answer = await run(
    `select cast(created_at as text) as created_at, cast(id as text) as id from requests
     where tenant_id = ? and created_at < ? and (created_at, id) > (?, ?)
     order by requests.created_at, requests.id limit ?`,
    [tenantId, beforeMs, after.createdAtMs, after.id, most],
  );
  const calls = rowsOf(answer).map(placeOf);
  const last = calls.at(-1);
  if (last === undefined) return { calls: 0, hasMore: false };
  const ids = calls.map(({ id }) => id);
  await run(`delete from request_bodies where request_id in (${marksOf(ids)})`, ids);
  // Vendors quote what they were asked.
  await run(
    `update provider_attempts set error_message = null
     where request_id in (${marksOf(ids)}) and error_message is not null`,
    ids,
  );
  await run(
    `update requests set labels = null
     where tenant_id = ? and (created_at, id) > (?, ?) and (created_at, id) <= (?, ?) and labels is not null`,
    [tenantId, after.createdAtMs, after.id, last.createdAtMs, last.id],
  );
  await run("update retention_progress set created_at = ?, request_id = ? where tenant_id = ?", [
    last.createdAtMs,
    last.id,
    tenantId,
  ]);
  return { calls: calls.length, hasMore: calls.length === most };
}

/** A call in the order of calls. */
interface Place {
  readonly createdAtMs: number;
  readonly id: string;
}

/** The last call that was looked at. Another gateway waits here until the step is done. */
async function comeTo(run: RunStatement, tenantId: string): Promise<Place> {
  const answer = await run(
    `insert into retention_progress (tenant_id, created_at, request_id) values (?, ?, ?)
     on conflict (tenant_id) do update set tenant_id = excluded.tenant_id
     returning cast(created_at as text) as created_at, cast(request_id as text) as id`,
    [tenantId, start.createdAtMs, start.id],
  );
  const [row] = rowsOf(answer);
  return row === undefined ? start : placeOf(row);
}

const placeOf = (row: Readonly<Record<string, unknown>>): Place => ({
  createdAtMs: Number(textOf(row, "created_at")),
  id: textOf(row, "id") ?? start.id,
});
