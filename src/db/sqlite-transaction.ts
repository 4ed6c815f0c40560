import type { NativeDatabase } from "./sqlite-native.ts";

/** What is written is written whole, or not at all. */
export function inTransaction(database: NativeDatabase, write: () => void): void {
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
