// One process for one SQLite file. The lock is the operating system's, held through a file beside the
// database: it ends with the process, however that ends, and the database itself stays open to readers.

import { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "./database-url.ts";

export interface FileLock {
  release(): void;
}

/** @throws DatabaseError when another process, or another database of this one, holds the lock */
export function lockDatabaseFile(file: string): FileLock {
  const lock = new DatabaseSync(`${file}-lock`);
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
    const sqliteBusy = 5;
    if (code !== sqliteBusy) throw error;
    throw new DatabaseError(
      `DATABASE_URL names ${file}, which another running gateway has open. Stop that one, or give this one ` +
        "a file of its own.",
    );
  }
  return { release: () => lock.close() };
}
