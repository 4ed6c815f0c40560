// What SQLite or the file system says when something fails, in words for whoever runs the gateway.

import { DatabaseError } from "./database-url.ts";

const advice: readonly (readonly [pattern: RegExp, text: string])[] = [
  [
    /NOTADB|not a database/,
    "is no SQLite database. Name another file, or move this one away: a new one is then made",
  ],
  [/CORRUPT|malformed/, "is damaged. Put a backup in its place, or move it away: a new one is then made"],
  [
    /READONLY|readonly|read-only/,
    "may not be written. Let the gateway's user write the file and its folder, or name another file",
  ],
  [
    /CANTOPEN|unable to open|ENOENT|ENOTDIR|EACCES/,
    "cannot be opened. Its folder must exist, and the gateway's user must be allowed to write there; " +
      "create it, or name another file",
  ],
  [/BUSY|locked/, "is locked by another program. Close that program, or name another file"],
  [/FULL|disk is full/, "cannot be written, as its disk is full. Make room, or name another file"],
  [
    /IOERR|disk I\/O/,
    "cannot be read or written, as its disk fails or a limit is reached. Mend it, or name another file",
  ],
];

/** As one message that names the setting and says what to do. */
export function sqliteFailure(file: string, error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = advice.find(([pattern]) => pattern.test(`${code} ${message}`));
  const text = known?.[1] ?? "cannot be used. Name another file, or mend what it says here";
  return new DatabaseError(`DATABASE_URL names ${file}, which ${text}. (${message})`);
}
