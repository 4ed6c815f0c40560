// What stops a start on PostgreSQL, and what it then says.

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { checkVersion } from "../../src/db/postgres-start.ts";
import { systemClock } from "../../src/system-clock.ts";
import { listen } from "../support/listen.ts";
import { createTestDatabase, createTestUser, runSql } from "../support/postgres.ts";

let testUrl: string;

const open = (url: string) =>
  createDatabase({ url, bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} });

/** What a start says that is refused. */
async function refused(url: string): Promise<string> {
  const error: unknown = await open(url).catch((reason: unknown) => reason);
  const said = error instanceof Error ? `${error.name}: ${error.message}` : "opened";
  expect(said).not.toContain("secret");
  return said;
}

/** The test database's URL with something else in its place. */
function urlWith(change: (url: URL) => void): string {
  const url = new URL(testUrl);
  change(url);
  return url.href;
}

/** What a server of a version answers. */
const serverOf = (value: string) => ({ query: async () => ({ rows: [{ value }] }) });

describe("what stops the start", () => {
  beforeAll(async () => {
    testUrl = await createTestDatabase();
  });

  it("is a URL that names no database of PostgreSQL, of which no more than the scheme is repeated", async () => {
    expect(await refused("postgresql://me:secret@host")).toMatch(/^DatabaseError: .*names no database/);
    expect(await refused("postgres://me:se#secret@host/db")).toMatch(/cannot be read .*%23/);
    expect(await refused("postgres://me:12/secret@host/db")).toMatch(/cannot be read .*%2F/);
    expect(await refused("postgres://me:secret@host/a/b")).toMatch(/names no database/);
    expect(await refused("postgres://me:secret%zz@host/b")).toMatch(/cannot be read/);
    expect(await refused("postgres://me:secret@host:port/db")).toMatch(/cannot be read/);
    expect(await refused("postgres://me:secret@host/db?sslmode=prefer")).toMatch(
      /Allowed are disable, require/,
    );
    expect(await refused("mysql://me:secret@host/db")).toMatch(
      /begins with mysql:.*Allowed are sqlite.*postgresql/,
    );
  });

  it("is a host that is not known, or a port where nothing listens", async () => {
    const unknown = urlWith((url) => {
      url.hostname = "no-such-host.invalid";
    });
    expect(await refused(unknown)).toMatch(/at no-such-host.invalid:\d+ has a host that is not known/);
    const closed = createServer();
    const port = await listen(closed);
    closed.close();
    await once(closed, "close");
    const nothing = urlWith((url) => {
      url.port = String(port);
    });
    expect(await refused(nothing)).toMatch(/refuses connections. Start PostgreSQL there/);
    const atAll = urlWith((url) => {
      url.hostname = "localhost";
      url.port = String(port);
    });
    expect(await refused(atAll)).toMatch(/refuses connections.*ECONNREFUSED/);
  });

  it.each([
    ["closes the connection", (socket: Socket) => socket.destroy(), /broke the connection/],
    [
      "speaks HTTP",
      (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /The PostgreSQL database/,
    ],
    ["never says a word", () => undefined, /does not answer/],
  ])("is a server that %s", async (_, answer, said) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => undefined));
      socket.once("data", () => answer(socket));
    });
    const port = await listen(server);
    expect(
      await refused(
        urlWith((url) => {
          url.port = String(port);
          url.searchParams.set("connect_timeout", "1");
        }),
      ),
    ).toMatch(said);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it("is no time that a URL gives, however long", async () => {
    const patient = urlWith((url) => {
      url.searchParams.set("statement_timeout", "2147483647");
      url.searchParams.set("connect_timeout", "2147483647");
    });
    await (await open(patient)).close();
  });

  it("is a wrong password, none, or a user that is not known", async () => {
    const wrong = urlWith((url) => {
      url.password = "secret-but-wrong";
    });
    expect(await refused(wrong)).toMatch(/^DatabaseError: .*refuses the user's name or the password/);
    const none = urlWith((url) => {
      url.password = "";
    });
    expect(await refused(none)).toMatch(/asks for a password/);
    const nobody = urlWith((url) => {
      url.username = "nobody";
    });
    expect(await refused(nobody)).toMatch(/refuses the user's name or the password/);
  });

  it("is a database that does not exist", async () => {
    const missing = urlWith((url) => {
      url.pathname = "/no_such_database";
    });
    expect(await refused(missing)).toMatch(/no_such_database at .* does not exist. Create it/);
  });

  it("is a user without the right to create tables, or without a connection left", async () => {
    const { name, url } = await createTestUser(testUrl);
    expect(await refused(url)).toMatch(/does not let this user do that. Grant it/);
    await runSql(testUrl, `alter role ${name} connection limit 0`);
    expect(await refused(url)).toMatch(/has no connection left/);
  });

  it("is a server without TLS where TLS is asked for", async () => {
    for (const mode of ["require", "verify-full"]) {
      expect(await refused(`${testUrl}?sslmode=${mode}`)).toMatch(/speaks no TLS/);
    }
    expect(await refused(`${testUrl}?sslmode=verify-full&sslrootcert=/none`)).toMatch(
      /cannot be reached by that/,
    );
    expect(await refused(`${testUrl}?sslmode=verify-ca`)).toMatch(/sslrootcert=<file>/);
  });

  it("is a database whose disk is full", async () => {
    const url = await createTestDatabase();
    await runSql(
      url,
      `create function no_room() returns event_trigger language plpgsql as
       $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`,
    );
    await runSql(url, "create event trigger no_room on ddl_command_start execute function no_room()");
    expect(await refused(url)).toMatch(/cannot be written, as its disk is full.*Make room/);
  });

  it("is a database that can only be read", async () => {
    const readOnly = urlWith((url) => {
      url.searchParams.set("options", "-c default_transaction_read_only=on");
    });
    expect(await refused(readOnly)).toMatch(/can only be read: .*Name the primary server/);
  });

  it("is a database that a newer version has migrated", async () => {
    await (await open(testUrl)).close();
    await runSql(testUrl, "insert into schema_migrations (name) values ('9999-future')");
    expect(await refused(testUrl)).toMatch(/newer version.*9999-future/);
  });

  it("is a version of PostgreSQL that is too old", async () => {
    await expect(checkVersion(serverOf("13.22 (Debian 13.22-1)"))).rejects.toThrow(
      /PostgreSQL 13.22.*14 or later/,
    );
    await checkVersion(serverOf("14.0"));
  });
});
