// Which database DATABASE_URL names.

/** What stops the start; its message is for the person who starts the gateway. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

export interface SqliteLocation {
  /** As written after `sqlite:`, relative to the working directory; undefined: in memory. */
  readonly file: string | undefined;
}

const allowed = "Allowed are sqlite:<file>, as sqlite:./sluice.db, and sqlite::memory:.";
const scheme = "sqlite:";

/** @throws DatabaseError; its message repeats no more than the URL's scheme, as a URL may hold a password */
export function parseDatabaseUrl(url: string): SqliteLocation {
  if (!url.startsWith(scheme)) {
    const found = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? "no scheme";
    throw new DatabaseError(`DATABASE_URL begins with ${found}, which is not served. ${allowed}`);
  }
  const file = url.slice(scheme.length);
  if (file === ":memory:") return { file: undefined };
  if (file === "") throw new DatabaseError(`DATABASE_URL names no file. ${allowed}`);
  // By the rules of URLs `sqlite://a/b` has a host `a`; what is meant is most likely a relative file.
  if (file.startsWith("//") && !file.startsWith("///")) {
    throw new DatabaseError(
      `DATABASE_URL has two slashes after sqlite:, one too many or too few. ${allowed}`,
    );
  }
  if (file.includes("\0")) throw new DatabaseError(`DATABASE_URL holds a NUL character. ${allowed}`);
  return { file };
}
