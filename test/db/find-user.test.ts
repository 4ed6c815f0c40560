// A user is looked up beside a gateway that has the database open, on SQLite and on PostgreSQL.

import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { databaseInUse } from "../../src/db/database-in-use.ts";
import { DatabaseError } from "../../src/db/database-url.ts";
import { findUser } from "../../src/db/find-user.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { family } from "./sample-directory.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "sluice-find-user-")));
afterAll(() => rmSync(root, { recursive: true }));

const open = (url: string): Promise<Database> =>
  createDatabase({
    url,
    bodyKeepMaxBytes: 1_000,
    queueMax: 100,
    clock: systemClock,
    warn: () => undefined,
    auditKeys: () => [],
  });
const find = (url: string, email: string, tenantId: string) =>
  findUser(url, { email, tenantId }, systemClock);

const freshFile = () => join(mkdtempSync(join(root, "db-")), "s.db");

describe.each([
  ["SQLite", async () => `sqlite:${freshFile()}`],
  ["PostgreSQL", createTestDatabase],
])("on %s, beside a gateway", (_, create) => {
  it("a user is found in their tenant, with what is written until then", async () => {
    const url = await create();
    const database = await open(url);
    try {
      const { user, tenant } = await family(database.directory);
      expect(await find(url, user.email, tenant.id)).toMatchObject({
        user: { id: user.id, email: user.email, role: user.role, active: user.active },
        tenant: { id: tenant.id, active: true },
      });
      expect(await find(url, user.email, "default")).toBeUndefined();
      expect(await find(url, "nobody@example.com", tenant.id)).toBeUndefined();
    } finally {
      await database.close();
    }
  });
});

describe("where no gateway has made the tables yet", () => {
  it("a SQLite file is not made", async () => {
    const file = freshFile();
    await expect(find(`sqlite:${file}`, "a@b.c", "default")).rejects.toThrow(
      `DATABASE_URL names ${file}, which has no users yet. Run \`npm run setup\` first.`,
    );
    expect(existsSync(file)).toBe(false);
  });

  it("an older SQLite file and an empty PostgreSQL database have no users", async () => {
    const file = freshFile();
    new DatabaseSync(file).exec("create table other (id)");
    await expect(find(`sqlite:${file}`, "a@b.c", "default")).rejects.toThrow("has no users yet");
    const url = await createTestDatabase();
    const { pathname, host } = new URL(url);
    await expect(find(url, "a@b.c", "default")).rejects.toThrow(
      `The PostgreSQL database ${pathname.slice(1)} at ${host} has no users yet. Run`,
    );
  });

  it("what is wrong with the database itself is said as at a start", async () => {
    const file = freshFile();
    writeFileSync(file, "no database, but a text that is long enough to be taken for one".repeat(20));
    await expect(find(`sqlite:${file}`, "a@b.c", "default")).rejects.toThrow("is no SQLite database");
    await expect(find("sqlite::memory:", "a@b.c", "default")).rejects.toThrow(
      "only the gateway's own process",
    );
    await expect(find("postgresql://u@127.0.0.1:9/x", "a@b.c", "default")).rejects.toThrow(
      "x at 127.0.0.1:9 refuses connections",
    );
  });
});

describe("a database that is in use", () => {
  let file = "";
  let url = "";
  beforeEach(() => {
    file = freshFile();
    url = `sqlite:${file}`;
  });

  it("is a SQLite file that a gateway has open, as long as it has", async () => {
    const database = await open(url);
    expect(databaseInUse(url)).toBe(file);
    await database.close();
    expect(databaseInUse(url)).toBeUndefined();
    await (await open(url)).close();
  });

  it("is none that is not there, and a look makes none", () => {
    expect(databaseInUse(url)).toBeUndefined();
    expect(readdirSync(join(file, ".."))).toEqual([]);
    expect(databaseInUse("sqlite::memory:")).toBeUndefined();
    expect(databaseInUse("postgresql://u@127.0.0.1:9/x")).toBeUndefined();
    expect(() => databaseInUse("mysql:x")).toThrow(DatabaseError);
  });
});
