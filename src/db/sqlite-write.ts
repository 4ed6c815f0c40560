// Writes batches of records by prepared statements, each batch in one transaction. Every statement may be run
// again: what stands is not written twice, and a call that is settled stays as it was settled.

import { priceColumns } from "./price-versions.ts";
import { attemptColumns, bodyColumns, openedColumns, type Row, settledColumns } from "./record-columns.ts";
import type { CallRows } from "./record-rows.ts";
import type { RejectedCall } from "./record-store.ts";
import type { NativeDatabase } from "./sqlite-native.ts";
import { inTransaction } from "./sqlite-transaction.ts";

/** `prices` in the order of `priceColumns`. */
export type WriteBatch = (calls: readonly CallRows[], prices: readonly Row[]) => RejectedCall[];

export function createBatchWriter(database: NativeDatabase): WriteBatch {
  const writeCall = createCallWriter(database);
  const price = database.prepare(
    `insert into price_versions (${priceColumns.join()}) values (${marks(priceColumns)})
     on conflict (version) do nothing`,
  );
  const writePrices = (prices: readonly Row[]) => prices.forEach((row) => price.run(...row));
  return (calls, prices) => {
    try {
      inTransaction(database, () => {
        writePrices(prices);
        calls.forEach(writeCall);
      });
      return [];
    } catch (error) {
      if (!isAboutTheValues(error)) throw error;
    }
    // One call that cannot be written must not keep the others out: each alone.
    inTransaction(database, () => writePrices(prices));
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

function createCallWriter(database: NativeDatabase): (call: CallRows) => void {
  const statements = prepareStatements(database);

  /** Whether the row changed: it does not when the same was written before. */
  function writeRequest({ id, opened, settled }: CallRows): boolean {
    if (opened !== undefined && settled !== undefined) {
      return statements.openSettled.run(...opened, ...settled).changes > 0;
    }
    if (opened !== undefined) return statements.open.run(...opened).changes > 0;
    if (settled !== undefined) return statements.settle.run(...settled, id).changes > 0;
    return false;
  }

  return (call) => {
    if (writeRequest(call) && call.bodies !== undefined) statements.bodies.run(...call.bodies);
    for (const attempt of call.attempts) statements.attempt.run(...attempt);
  };
}

function prepareStatements(database: NativeDatabase) {
  const whole = [...openedColumns, ...settledColumns];
  return {
    open: database.prepare(
      `insert into requests (${openedColumns.join()}, status) values (${marks(openedColumns)}, 'open')
       on conflict (id) do nothing`,
    ),
    openSettled: database.prepare(
      `insert into requests (${whole.join()}) values (${marks(whole)})
       on conflict (id) do update set ${settledColumns.map((name) => `${name} = excluded.${name}`).join()}
       where requests.status = 'open'`,
    ),
    settle: database.prepare(
      `update requests set ${settledColumns.map((name) => `${name} = ?`).join()} where id = ? and status = 'open'`,
    ),
    attempt: database.prepare(
      `insert into provider_attempts (${attemptColumns.join()}) values (${marks(attemptColumns)})
       on conflict (id) do nothing`,
    ),
    bodies: database.prepare(
      `insert into request_bodies (${bodyColumns.join()}) values (${marks(bodyColumns)})
       on conflict (request_id) do update set
         request = coalesce(request_bodies.request, excluded.request),
         request_cut = max(request_bodies.request_cut, excluded.request_cut),
         reply = coalesce(request_bodies.reply, excluded.reply),
         reply_cut = max(request_bodies.reply_cut, excluded.reply_cut)`,
    ),
  };
}

const marks = (columns: readonly string[]): string => columns.map(() => "?").join();

/** Whether a statement failed for what it was to write, and not for the state of the disk or the file. */
function isAboutTheValues(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof RangeError) return true;
  // The driver throws TypeErrors both for values it cannot bind and for a connection that is closed.
  if (error instanceof TypeError) return !error.message.includes("database connection");
  const code = "code" in error ? String(error.code) : "";
  return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);
}
