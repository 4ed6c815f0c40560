// Statements that serve every database, on a connection to SQLite.

import type { RunStatement } from "./config-statements.ts";
import type { NativeDatabase } from "./sqlite-native.ts";

export const runOnSqlite =
  (database: NativeDatabase): RunStatement =>
  async (text, values) => {
    const statement = database.prepare(text);
    if (statement.reader) return statement.all(...values);
    statement.run(...values);
    return [];
  };

/** What is written is written whole, or not at all. For a thread that answers one question after the other. */
export async function inSqliteTransaction<T>(run: RunStatement, work: () => Promise<T>): Promise<T> {
  await run("begin immediate", []);
  try {
    const result = await work();
    await run("commit", []);
    return result;
  } catch (error) {
    // Some failures, as a full disk, have rolled back already.
    await run("rollback", []).catch(() => undefined);
    throw error;
  }
}
