// Sessions of users, and the tokens that go on with them: each goes once, and one that comes back ends its session.

import type {
  DirectoryChange,
  FoundSession,
  RefreshOutcome,
  SessionRefresh,
} from "../../core/directory/directory-store.ts";
import type { DatabaseAccess, RunStatement } from "../database-access.ts";
import { marksOf } from "../sql-text.ts";
import { appendAudit } from "./append-audit.ts";
import type { Applied, AtVersion } from "./applied.ts";
import { raiseVersion, rememberChanges } from "./changes-feed.ts";
import type { TrailedRefresh } from "./directory-calls.ts";
import { isUser } from "./put-entry.ts";
import { changedOf } from "./remove-entry.ts";
import { rowFields } from "./row-fields.ts";
import { sessionColumns, sessionOf } from "./session-rows.ts";
import { selected } from "./tables.ts";
import { tenantColumns, tenantOf } from "./tenant-rows.ts";
import { userColumns, userOf } from "./user-rows.ts";

export async function findSession(run: RunStatement, id: string): Promise<FoundSession | undefined> {
  const [row] = await run(
    `select ${selected("s", sessionColumns)}, ${selected("u", userColumns)}, ${selected("t", tenantColumns)}
     from sessions s join users u on u.id = s.user_id join tenants t on t.slug = s.tenant_id
     where s.id = ? and s.ended_at is null`,
    [id],
  );
  if (row === undefined) return undefined;
  return {
    session: sessionOf(rowFields(row, "s_")),
    user: userOf(rowFields(row, "u_")),
    tenant: tenantOf(rowFields(row, "t_")),
  };
}

export async function refreshSession(
  access: DatabaseAccess,
  refresh: TrailedRefresh,
): Promise<RefreshOutcome> {
  if (refresh.presented.length === 0) return { outcome: "unknown" };
  // By itself: whoever waited for the session here would hold it while waiting for the version.
  if (await replaceToken(access.run, refresh)) {
    const found = await findSession(access.run, refresh.sessionId);
    return found === undefined ? { outcome: "unknown" } : { outcome: "refreshed", found };
  }
  return access.change(async (run) => {
    const value = await answerOldToken(run, refresh);
    return { keep: value.outcome === "reused", value };
  });
}

/** Of several at the same moment one finds the token as it was presented. */
async function replaceToken(
  run: RunStatement,
  { sessionId, presented, next, atMs }: SessionRefresh,
): Promise<boolean> {
  const replaced = await run(
    `update sessions set previous_refresh_hash = refresh_hash, refresh_hash = ?, refresh_key_id = ?,
       refreshed_at = ?, updated_at = ?
     where id = ? and ended_at is null and expires_at > ? and refresh_hash in (${marksOf(presented)})
     returning id`,
    [next.hash, next.keyId, atMs, atMs, sessionId, atMs, ...presented],
  );
  return replaced.length > 0;
}

/**
 * Whoever knows the session and has none of its tokens has an old one: how many there were before the last is not
 * remembered, and a thief may have used several.
 */
async function answerOldToken(run: RunStatement, refresh: TrailedRefresh): Promise<RefreshOutcome> {
  const { sessionId, presented, atMs, raceMs, reuse, auditKeys } = refresh;
  const version = await raiseVersion(run, atMs);
  const [row] = await run(
    `update sessions set ended_at = ?, updated_at = ?
     where id = ? and ended_at is null and expires_at > ? returning ${sessionColumns.join()},
       previous_refresh_hash, refreshed_at`,
    [atMs, atMs, sessionId, atMs],
  );
  if (row === undefined) return answerEnded(run, sessionId);
  const fields = rowFields(row);
  const isLast = presented.includes(fields.textIfAny("previous_refresh_hash") ?? "");
  if (isLast && atMs - fields.number("refreshed_at") <= raceMs) return { outcome: "raced" };
  const session = sessionOf(fields);
  await rememberChanges(run, [{ kind: "session", id: sessionId }], { version, epochMs: atMs });
  const entries = [{ ...reuse, tenantId: session.tenantId }];
  await appendAudit(run, { entries, keys: auditKeys, epochMs: atMs });
  return { outcome: "reused", session };
}

async function answerEnded(run: RunStatement, id: string): Promise<RefreshOutcome> {
  const [row] = await run(`select ${sessionColumns.join()} from sessions where id = ?`, [id]);
  return row === undefined ? { outcome: "unknown" } : { outcome: "over", session: sessionOf(rowFields(row)) };
}

/** Those of the user that are over by then are forgotten. */
export async function startSession(
  run: RunStatement,
  {
    session,
    refreshHash,
    passwordHash,
  }: Pick<Extract<DirectoryChange, { type: "start_session" }>, "session" | "refreshHash" | "passwordHash">,
  { epochMs }: AtVersion,
): Promise<Applied> {
  const { id, userId, tenantId } = session;
  if (!(await isUser(run, userId, tenantId))) return "no_owner";
  if (passwordHash !== undefined && !(await hasPassword(run, userId, passwordHash)))
    return "changed_meanwhile";
  await run("delete from sessions where user_id = ? and expires_at < ?", [userId, session.createdAtMs]);
  const started = await run(
    `insert into sessions (${sessionColumns.join()}, refresh_hash, refresh_key_id, updated_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning id`,
    [
      id,
      userId,
      tenantId,
      session.createdAtMs,
      session.expiresAtMs,
      session.endedAtMs ?? null,
      refreshHash.hash,
      refreshHash.keyId,
      epochMs,
    ],
  );
  return started.length === 0 ? "exists" : changedOf("session", started);
}

const hasPassword = async (run: RunStatement, userId: string, hash: string): Promise<boolean> =>
  (await run("select 1 as found from users where id = ? and password_hash = ?", [userId, hash])).length > 0;

/** What has ended already stays as it is. */
export async function endSession(
  run: RunStatement,
  { id, atMs }: { readonly id: string; readonly atMs: number },
): Promise<Applied> {
  const ended = await run(
    "update sessions set ended_at = ?, updated_at = ? where id = ? and ended_at is null returning id",
    [atMs, atMs, id],
  );
  return changedOf("session", ended);
}

/** The id of no session. */
const nobody = "00000000-0000-0000-0000-000000000000";

export async function endSessionsOfUser(
  run: RunStatement,
  { userId, atMs, except }: Omit<Extract<DirectoryChange, { type: "end_sessions_of_user" }>, "type">,
): Promise<Applied> {
  const ended = await run(
    `update sessions set ended_at = ?, updated_at = ? where user_id = ? and id <> ?
       and ended_at is null returning id`,
    [atMs, atMs, userId, except ?? nobody],
  );
  // Never earlier than it was, as by a gateway whose clock is behind.
  const users = await run(
    `update users set tokens_ended_at = ?
     where id = ? and (tokens_ended_at is null or tokens_ended_at < ?) returning id`,
    [atMs, userId, atMs],
  );
  return [...changedOf("session", ended), ...changedOf("user", users)];
}
