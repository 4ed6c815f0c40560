// A look at a database changes nothing and says what a start would meet, on SQLite and on PostgreSQL.

import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { inspectDatabase } from "../../src/db/inspect-database.ts";
import { postgresMigrations } from "../../src/db/migrations/postgres/list.ts";
import { sqliteMigrations } from "../../src/db/migrations/sqlite/list.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase, runSql } from "../support/postgres.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-inspect-"));
afterAll(() => rmSync(root, { recursive: true }));

async function startOnce(url: string): Promise<void> {
  const options = { bodyKeepMaxBytes: 1_000, queueMax: 100, clock: systemClock, warn: () => undefined };
  await (await createDatabase({ url, ...options })).close();
}
const inspect = (url: string) => inspectDatabase(url, systemClock);
const namesOf = (migrations: readonly { readonly name: string }[]) => migrations.map(({ name }) => name);

describe("a look at a SQLite file", () => {
  let file = "";
  let url = "";
  beforeEach(() => {
    file = join(mkdtempSync(join(root, "db-")), "s.db");
    url = `sqlite:${file}`;
  });

  it("that is not there makes none", async () => {
    expect(await inspect(url)).toMatchObject({
      place: `SQLite, ${file}`,
      state: "to_be_made",
      missingMigrations: [],
      file: { path: file, mode: undefined },
    });
    expect(existsSync(file)).toBe(false);
  });

  it("finds it up to date after a start, with its permissions and the room on its disk", async () => {
    await startOnce(url);
    chmodSync(file, 0o640);
    const seen = await inspect(url);
    expect(seen).toMatchObject({ state: "there", missingMigrations: [], file: { mode: 0o640 } });
    expect(seen.file?.freeBytes).toBeGreaterThan(0);
  });

  it("works beside a gateway that has it open, and leaves nothing behind", async () => {
    const options = { bodyKeepMaxBytes: 1_000, queueMax: 100, clock: systemClock, warn: () => undefined };
    const database = await createDatabase({ url, ...options });
    const before = readdirSync(join(file, "..")).sort();
    expect(await inspect(url)).toMatchObject({ state: "there" });
    expect(readdirSync(join(file, "..")).sort()).toEqual(before);
    await database.close();
  });

  it("names what a start would change, and changes nothing itself", async () => {
    await startOnce(url);
    const last = namesOf(sqliteMigrations).slice(-1);
    const database = new DatabaseSync(file);
    database.prepare("delete from schema_migrations where name = ?").run(last[0] ?? "");
    expect((await inspect(url)).missingMigrations).toEqual(last);
    expect((await inspect(url)).missingMigrations).toEqual(last);
    database.close();
  });

  it("of a newer version, of no database, or of a folder that is not there, says what to do", async () => {
    await startOnce(url);
    const database = new DatabaseSync(file);
    database.exec("insert into schema_migrations (name) values ('9999-later')");
    database.close();
    await expect(inspect(url)).rejects.toThrow(/a newer version has changed \(9999-later\)/);
    writeFileSync(file, "This is a text, and a long one at that.".repeat(50));
    await expect(inspect(url)).rejects.toThrow(/is no SQLite database/);
    await expect(inspect(`sqlite:${root}/nowhere/s.db`)).rejects.toThrow(/Its folder must exist/);
  });

  it("in memory has nothing to look at", async () => {
    expect(await inspect("sqlite::memory:")).toMatchObject({ state: "in_memory" });
  });
});

describe("a look at PostgreSQL", () => {
  it("that is empty makes nothing, and tells the server's time", async () => {
    const url = await createTestDatabase();
    const seen = await inspect(url);
    expect(seen).toMatchObject({ state: "to_be_made", missingMigrations: namesOf(postgresMigrations) });
    expect(seen.place).not.toContain("postgresql://");
    expect(Math.abs((seen.epochMs ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(await runSql(url, "select 1 from pg_tables where tablename = 'schema_migrations'")).toEqual([]);
  });

  it("finds it up to date after a start", async () => {
    const url = await createTestDatabase();
    await startOnce(url);
    expect(await inspect(url)).toMatchObject({ state: "there", missingMigrations: [] });
  });

  it("names what a start would change", async () => {
    const url = await createTestDatabase();
    await startOnce(url);
    const [last] = namesOf(postgresMigrations).slice(-1);
    await runSql(url, `delete from schema_migrations where name = '${last}'`);
    await runSql(url, "insert into schema_migrations (name) values ('0000-other')");
    await expect(inspect(url)).rejects.toThrow(/a newer version has changed \(0000-other\)/);
    await runSql(url, "delete from schema_migrations where name = '0000-other'");
    const seen = await inspect(url);
    expect(seen.missingMigrations).toEqual([last]);
  });

  it("says what to do about one that can only be read, and about a user without rights", async () => {
    const url = await createTestDatabase();
    await startOnce(url);
    const name = new URL(url).pathname.slice(1);
    const elsewhere = new URL("/postgres", url).href;
    await runSql(elsewhere, `alter database ${name} set default_transaction_read_only = on`);
    await expect(inspect(url)).rejects.toThrow(/can only be read.*Name the primary server/s);
    await runSql(elsewhere, `alter database ${name} reset default_transaction_read_only`);
    await runSql(url, `create role reader_${name} login password 'pw'`);
    await runSql(url, `grant select on all tables in schema public to reader_${name}`);
    const reader = new URL(url);
    reader.username = `reader_${name}`;
    reader.password = "pw";
    await expect(inspect(reader.href)).rejects.toThrow(
      /does not let this user write its tables\. Grant it INSERT/,
    );
  });

  it("that is not there says so without the password", async () => {
    const failure = inspect("postgresql://me:a-secret-password@127.0.0.1:9/nothing");
    await expect(failure).rejects.toThrow(/refuses connections/);
    await expect(failure).rejects.not.toThrow(/a-secret-password/);
  });
});
