// Writes batches of records by prepared statements, each batch in one transaction. Every statement may be run
// again: what stands is not written twice, and a call that is settled stays as it was settled.

import { createdAtOf } from "./created-at.ts";
import { attemptColumns, openedColumns, settledColumns, type SqlValue, valuesOf } from "./record-columns.ts";
import { createBodyKeeper } from "./kept-body.ts";
import type { QueuedCall, RejectedCall } from "./record-store.ts";
import type { NativeDatabase } from "./sqlite-native.ts";

export type WriteBatch = (calls: readonly QueuedCall[]) => RejectedCall[];

export function createBatchWriter(database: NativeDatabase, bodyKeepMaxBytes: number): WriteBatch {
  const writeCall = createCallWriter(database, bodyKeepMaxBytes);
  return (calls) => {
    try {
      inTransaction(database, () => calls.forEach(writeCall));
      return [];
    } catch (error) {
      if (!isAboutTheValues(error)) throw error;
    }
    // One call that cannot be written must not keep the others out: each alone.
    const rejected: RejectedCall[] = [];
    for (const call of calls) {
      try {
        inTransaction(database, () => writeCall(call));
      } catch (error) {
        if (!isAboutTheValues(error)) throw error;
        rejected.push({ id: call.id, message: error.message });
      }
    }
    return rejected;
  };
}

function createCallWriter(database: NativeDatabase, bodyKeepMaxBytes: number): (call: QueuedCall) => void {
  const statements = prepareStatements(database);
  const keep = createBodyKeeper(bodyKeepMaxBytes);

  /** Whether the row changed: it does not when the same was written before. */
  function writeRequest({ opened, settlement, settledAtMs = 0 }: QueuedCall): boolean {
    if (settlement === undefined) {
      return opened !== undefined && statements.open.run(...valuesOf(openedColumns, opened)).changes > 0;
    }
    const settled = valuesOf(settledColumns, { settlement, settledAtMs });
    if (opened === undefined) return statements.settle.run(...settled, settlement.id).changes > 0;
    return statements.openSettled.run(...valuesOf(openedColumns, opened), ...settled).changes > 0;
  }

  function writeBodies(call: QueuedCall): void {
    const owner = call.opened ?? call.settlement;
    if (owner === undefined || (call.requestBody === undefined && call.replyBody === undefined)) return;
    const request = keep(call.requestBody);
    const reply = keep(call.replyBody);
    const values: SqlValue[] = [owner.id, createdAtOf(owner), owner.tenantId];
    statements.bodies.run(...values, request.text, Number(request.cut), reply.text, Number(reply.cut));
  }

  return (call) => {
    if (writeRequest(call)) writeBodies(call);
    for (const attempt of call.attempts) statements.attempt.run(...valuesOf(attemptColumns, attempt));
  };
}

function prepareStatements(database: NativeDatabase) {
  const opened = Object.keys(openedColumns);
  const settled = Object.keys(settledColumns);
  const attempt = Object.keys(attemptColumns);
  return {
    open: database.prepare(
      `insert into requests (${opened.join()}, status) values (${marks(opened)}, 'open')
       on conflict (id) do nothing`,
    ),
    openSettled: database.prepare(
      `insert into requests (${[...opened, ...settled].join()}) values (${marks([...opened, ...settled])})
       on conflict (id) do update set ${settled.map((name) => `${name} = excluded.${name}`).join()}
       where requests.status = 'open'`,
    ),
    settle: database.prepare(
      `update requests set ${settled.map((name) => `${name} = ?`).join()} where id = ? and status = 'open'`,
    ),
    attempt: database.prepare(
      `insert into provider_attempts (${attempt.join()}) values (${marks(attempt)})
       on conflict (id) do nothing`,
    ),
    bodies: database.prepare(
      `insert into request_bodies (request_id, created_at, tenant_id, request, request_cut, reply, reply_cut)
       values (?, ?, ?, ?, ?, ?, ?)
       on conflict (request_id) do update set
         request = coalesce(request_bodies.request, excluded.request),
         request_cut = max(request_bodies.request_cut, excluded.request_cut),
         reply = coalesce(request_bodies.reply, excluded.reply),
         reply_cut = max(request_bodies.reply_cut, excluded.reply_cut)`,
    ),
  };
}

const marks = (columns: readonly string[]): string => columns.map(() => "?").join();

function inTransaction(database: NativeDatabase, write: () => void): void {
  database.exec("begin immediate");
  try {
    write();
    database.exec("commit");
  } catch (error) {
    // Some failures, as a full disk, have rolled back already.
    if (database.inTransaction) database.exec("rollback");
    throw error;
  }
}

/** Whether a statement failed for what it was to write, and not for the state of the disk or the file. */
function isAboutTheValues(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof RangeError) return true;
  // The driver throws TypeErrors both for values it cannot bind and for a connection that is closed.
  if (error instanceof TypeError) return !error.message.includes("database connection");
  const code = "code" in error ? String(error.code) : "";
  return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);
}
