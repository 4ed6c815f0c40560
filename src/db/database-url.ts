// Which database DATABASE_URL names.

/** What stops the start; its message is for the person who starts the gateway. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

export interface SqliteLocation {
  readonly kind: "sqlite";
  /** As written after `sqlite:`, relative to the working directory; undefined: in memory. */
  readonly file: string | undefined;
}

export interface PostgresLocation {
  readonly kind: "postgres";
  /** As the driver takes it, with the password. */
  readonly url: string;
  /** For messages: the database and its host, without user and password. */
  readonly label: string;
}

export type DatabaseLocation = SqliteLocation | PostgresLocation;

const allowed =
  "Allowed are sqlite:<file>, as sqlite:./sluice.db, sqlite::memory:, and " +
  "postgresql://user:password@host:5432/database.";

/** @throws DatabaseError; its message repeats no more than the URL's scheme, as a URL may hold a password */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  if (url.includes("\0")) throw new DatabaseError(`DATABASE_URL holds a NUL character. ${allowed}`);
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? "no scheme";
  switch (scheme.toLowerCase()) {
    case "sqlite:":
      return sqliteLocation(url.slice("sqlite:".length));
    case "postgres:":
    case "postgresql:":
      return postgresLocation(url);
    default:
      throw new DatabaseError(`DATABASE_URL begins with ${scheme}, which is not served. ${allowed}`);
  }
}

function sqliteLocation(file: string): SqliteLocation {
  if (file === ":memory:") return { kind: "sqlite", file: undefined };
  if (file === "") throw new DatabaseError(`DATABASE_URL names no file. ${allowed}`);
  // By the rules of URLs `sqlite://a/b` has a host `a`; what is meant is most likely a relative file.
  if (file.startsWith("//") && !file.startsWith("///")) {
    throw new DatabaseError(
      `DATABASE_URL has two slashes after sqlite:, one too many or too few. ${allowed}`,
    );
  }
  return { kind: "sqlite", file };
}

const encoding =
  "Characters such as @ : / ? # and % in a user's name or a password are written as %40 %3A %2F %3F %23 %25.";
const tlsModes = ["disable", "require", "verify-ca", "verify-full"];

function postgresLocation(text: string): PostgresLocation {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // What follows a `#`, and an `@` behind the first slash, are most likely pieces of a password.
  if (url === undefined || url.hash !== "" || url.pathname.includes("@") || !isDecodable(url)) {
    throw new DatabaseError(`DATABASE_URL cannot be read as a URL of PostgreSQL. ${encoding} ${allowed}`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === "" || database.includes("/")) {
    throw new DatabaseError(`DATABASE_URL names no database of PostgreSQL. ${allowed}`);
  }
  const tls = url.searchParams.get("sslmode");
  if (tls !== null && !tlsModes.includes(tls)) {
    throw new DatabaseError(
      `DATABASE_URL asks for an sslmode that is not served. Allowed are ${tlsModes.join(", ")}.`,
    );
  }
  // The driver has meanings of its own for these words, unless it is asked for PostgreSQL's: there `require`
  // encrypts and `verify-full` also checks whom it speaks to.
  if (tls !== null) url.searchParams.set("uselibpqcompat", "true");
  const host = url.searchParams.get("host") ?? (decodeURIComponent(url.hostname) || "localhost");
  return { kind: "postgres", url: url.href, label: `${database} at ${host}:${url.port || "5432"}` };
}

function isDecodable(url: URL): boolean {
  try {
    [url.username, url.password, url.hostname, url.pathname].forEach(decodeURIComponent);
    return true;
  } catch {
    return false;
  }
}
