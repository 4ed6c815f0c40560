// Statements on SQLite, in a thread that answers one question after the other.

import type { DatabaseAccess, Ended, RunStatement, StatementValue } from "./database-access.ts";
import type { NativeDatabase, NativeStatement } from "./sqlite-native.ts";
import { inTransaction } from "./sqlite-transaction.ts";

/** @param assertInPlace throws when the file is gone that was written */
export function createSqliteAccess(database: NativeDatabase, assertInPlace: () => void): DatabaseAccess {
  const runWithin: RunStatement = async (text, values) => rowsOf(database.prepare(text), values);

  async function transaction<T>(begin: string, work: () => Promise<Ended<T>>): Promise<T> {
    database.exec(begin);
    try {
      const { keep, value } = await work();
      database.exec(keep ? "commit" : "rollback");
      return value;
    } catch (error) {
      // Some failures, as a full disk, have rolled back already.
      if (database.inTransaction) database.exec("rollback");
      throw error;
    }
  }

  return {
    async run(text, values) {
      const statement = database.prepare(text);
      const rows = rowsOf(statement, values);
      if (!statement.readonly) assertInPlace();
      return rows;
    },
    async runEach(text, values) {
      inTransaction(database, () => {
        const statement = database.prepare(text);
        for (const each of values) statement.run(...each);
      });
      assertInPlace();
    },
    async change(work) {
      assertInPlace();
      const value = await transaction("begin immediate", () => work(runWithin));
      assertInPlace();
      return value;
    },
    snapshot: (work) => transaction("begin", async () => ({ keep: true, value: await work(runWithin) })),
  };
}

function rowsOf(statement: NativeStatement, values: readonly StatementValue[]): readonly unknown[] {
  if (statement.reader) return statement.all(...values);
  statement.run(...values);
  return [];
}
