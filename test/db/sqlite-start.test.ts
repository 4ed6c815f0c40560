// How a start on an SQLite file goes, and what stops it.

import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import {
  type OtherProcess,
  rowsOf,
  startHolder as startHolderProcess,
  startHolderWithRoom,
} from "./processes.ts";
import { attemptOf, openedCall, principalOf, settlementOf } from "./sample-records.ts";

const tenant = principalOf("default");

let folder: string;
let file: string;
let started: OtherProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-start-"));
  file = join(folder, "sluice.db");
});
afterEach(async () => {
  for (const holder of started) await holder.kill();
  started = [];
  await rm(folder, { recursive: true });
});

const open = (url: string) =>
  createDatabase({ url, bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} });

async function startHolder(...args: string[]): Promise<OtherProcess> {
  const holder = await startHolderProcess(...args);
  started.push(holder);
  return holder;
}

describe("a file that is in use", () => {
  it("is refused to a second process, and free again after a crash of the first", async () => {
    const first = await startHolder(`sqlite:${file}`);
    expect(first.said).toMatch(/^holds /);
    const second = await startHolder(`sqlite:${file}`);
    expect(second.said).toMatch(/^DatabaseError: DATABASE_URL names .*another running gateway/);
    await first.kill();
    expect((await startHolder(`sqlite:${file}`)).said).toMatch(/^holds /);
  });

  it("is refused under another name too, and to the same process", async () => {
    const database = await open(`sqlite:${file}`);
    await symlink(file, join(folder, "alias.db"));
    await expect(open(`sqlite:${join(folder, "alias.db")}`)).rejects.toThrow(/another running gateway/);
    await database.close();
    await (await open(`sqlite:${file}`)).close();
  });

  it("can be read by other programs", async () => {
    const database = await open(`sqlite:${file}`);
    const call = openedCall();
    database.ledger.open(call);
    await database.records.request(tenant, call.id);
    expect(await rowsOf(file, "select id from requests")).toEqual([{ id: call.id }]);
    await database.close();
  });
});

it("calls that a crash left open are interrupted at the next start, settled ones stay", async () => {
  const crashing = await startHolder(`sqlite:${file}`);
  const [, openId = "", doneId = ""] = crashing.said.split(" ");
  await crashing.kill();
  const database = await open(`sqlite:${file}`);
  const { records } = database;
  const left = await records.request(tenant, openId);
  expect(left).toMatchObject({
    status: "interrupted",
    correlationId: "corr-1",
    attemptRecords: [{ number: 1 }],
  });
  expect(left?.costNanos).toBeUndefined();
  expect((await records.request(tenant, doneId))?.status).toBe("ok");
  await database.close();
});

it("closing writes what is queued, and a next start finds it", async () => {
  const first = await open(`sqlite:${file}`);
  const calls = Array.from({ length: 250 }, () => openedCall());
  for (const call of calls) {
    first.ledger.open(call);
    first.ledger.settle(settlementOf(call));
  }
  await first.close();
  const second = await open(`sqlite:${file}`);
  for (const call of [calls[0], calls[249]]) {
    expect((await second.records.request(tenant, call?.id ?? ""))?.status).toBe("failed");
  }
  await second.close();
});

/** What a start says that is refused. */
const refused = async (url: string) => {
  const error: unknown = await open(url).catch((reason: unknown) => reason);
  return error instanceof Error ? `${error.name}: ${error.message}` : "opened";
};

describe("what stops the start", () => {
  it("is a URL of another kind, of which only the scheme is repeated", async () => {
    const said = await refused("mysql://me:secret@host/db");
    expect(said).toMatch(/^DatabaseError: DATABASE_URL begins with mysql:.*sqlite:<file>/);
    expect(said).not.toContain("secret");
    expect(await refused("./sluice.db")).toMatch(/DATABASE_URL begins with no scheme/);
    expect(await refused("sqlite:")).toMatch(/DATABASE_URL names no file/);
    expect(await refused("sqlite://sluice.db")).toMatch(/two slashes/);
  });

  it("is a file that is no database, which is left as it was", async () => {
    await writeFile(file, "Dear diary, this is a text and no database at all.".repeat(20));
    expect(await refused(`sqlite:${file}`)).toMatch(/^DatabaseError: DATABASE_URL .* is no SQLite database/);
  });

  it("is a folder that does not exist, or a folder in place of the file", async () => {
    expect(await refused(`sqlite:${join(folder, "none", "a.db")}`)).toMatch(/Its folder must exist/);
    await mkdir(file);
    expect(await refused(`sqlite:${file}`)).toMatch(/cannot be opened/);
  });

  it("is a database that a newer version has migrated", async () => {
    await (await open(`sqlite:${file}`)).close();
    await rowsOf(file, "insert into schema_migrations (name) values ('9999-future')");
    expect(await refused(`sqlite:${file}`)).toMatch(/newer version.*9999-future/);
  });

  it("is a migration that fails half-way, which leaves nothing behind: the next start makes it", async () => {
    const tables = "select name from sqlite_schema where type = 'table'";
    await rowsOf(file, "create table request_bodies (id int)");
    expect(await refused(`sqlite:${file}`)).toMatch(/cannot be used.*table request_bodies already exists/);
    expect(await rowsOf(file, tables)).toEqual([{ name: "request_bodies" }]);
    await rowsOf(file, "drop table request_bodies");
    expect(await refused(`sqlite:${file}`)).toBe("opened");
  });

  it.skipIf(process.platform === "win32")("is a disk without room", async () => {
    const holder = await startHolderWithRoom(4096, `sqlite:${file}`);
    started.push(holder);
    expect(holder.said).toMatch(/^DatabaseError: DATABASE_URL .* cannot be .*written.*(Make room|Mend it)/);
  });

  it.skipIf(process.platform === "win32")("is a folder or a file that may not be written", async () => {
    // Root may write anywhere, so the process gives that up.
    const nobody = process.getuid?.() === 0 ? ["65534"] : [];
    await chmod(folder, 0o555);
    const inFolder = await startHolder(`sqlite:${file}`, ...nobody);
    expect(inFolder.said).toMatch(/^DatabaseError: DATABASE_URL .* be allowed to write there/);
    await chmod(folder, 0o777);
    await (await open(`sqlite:${file}`)).close();
    await chmod(file, 0o444);
    await chmod(`${file}-lock`, 0o666);
    const itself = await startHolder(`sqlite:${file}`, ...nobody);
    expect(itself.said).toMatch(/^DatabaseError: DATABASE_URL .* may not be written/);
  });
});

it("shows requests as usage_logs, without what was said", async () => {
  const database = await open(`sqlite:${file}`);
  const call = openedCall();
  database.ledger.open(call);
  database.ledger.attempt(attemptOf(call));
  database.ledger.settle(settlementOf(call, { costNanos: 42n }));
  await database.close();
  expect(await rowsOf(file, "select * from usage_logs")).toMatchObject([
    { request_id: call.id, tenant_id: "default", input_tokens: 100, output_tokens: 50, cost_nanos: 42 },
  ]);
});
