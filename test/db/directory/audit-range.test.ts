// Whoever asks for some entries waits for these, however long the trail is.

import { getRandomValues } from "node:crypto";
import type { EntityManager } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/postgresql";
import { expect, it, onTestFinished, vi } from "vitest";
import type { AuditQuery } from "../../../src/core/directory/audit.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import type { RunStatement } from "../../../src/db/database-access.ts";
import { parseDatabaseUrl } from "../../../src/db/database-url.ts";
import { createDatabase } from "../../../src/db/database.ts";
import { appendAudit } from "../../../src/db/directory/append-audit.ts";
import { listAudit } from "../../../src/db/directory/list-audit.ts";
import { createPostgresAccess } from "../../../src/db/postgres-access.ts";
import { openPostgres } from "../../../src/db/postgres-open.ts";
import { createSqliteAccess } from "../../../src/db/sqlite-access.ts";
import { openSqlite } from "../../../src/db/sqlite-open.ts";
import { createOrm } from "../../../src/db/sqlite-orm.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { auditOf, currentAuditKey } from "../sample-directory.ts";

const tenantId = "acme";
const earlier = 500;
const wanted = 5;
const hourMs = 3_600_000;

/** A trail of an entry an hour, that tells of what was longer ago; gives the hour in which it begins. */
async function writeTrail(run: RunStatement): Promise<number> {
  const clock = createManualClock();
  const newId = createIdSource({ clock, fillRandom: (bytes) => void getRandomValues(bytes) });
  const beginMs = clock.epochMs();
  const entries = Array.from({ length: earlier + wanted }, () => {
    const entry = auditOf(tenantId, { id: newId(), atMs: clock.epochMs() - hourMs });
    clock.advance(hourMs);
    return entry;
  });
  await appendAudit(run, { entries, keys: [currentAuditKey], epochMs: 1 });
  return beginMs;
}

interface Asked {
  readonly query: AuditQuery;
  /** How SQLite finds it. */
  readonly plan: RegExp;
}

function asked(beginMs: number): readonly Asked[] {
  const ofAll = { tenantId: undefined, first: 200, after: undefined };
  const ofOne = { ...ofAll, tenantId };
  const late = { fromMs: beginMs + earlier * hourMs };
  const early = { toMs: beginMs + wanted * hourMs };
  return [
    { query: { ...ofAll, ...late }, plan: /\(id>\?\)/ },
    { query: { ...ofOne, ...late }, plan: /\(tenant_id=\? AND id>\?\)/ },
    { query: { ...ofAll, ...early }, plan: /\(id<\?\)/ },
    { query: { ...ofOne, ...early }, plan: /\(tenant_id=\? AND id<\?\)/ },
    { query: { ...ofOne, afterSequence: earlier }, plan: /\(tenant_id=\? AND sequence>\?\)/ },
  ];
}

async function expectWanted(em: EntityManager, query: AuditQuery): Promise<void> {
  const { entries, hasMore } = await listAudit(em, query);
  expect([entries.length, hasMore]).toEqual([wanted, false]);
}

/** By this connection, until the server's statistics have heard of it. */
async function rowsRead(em: SqlEntityManager): Promise<number> {
  const [read] = await em.execute<{ readonly rows: string }[]>(
    "select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where relname = 'audit_logs'",
  );
  return Number(read?.rows);
}

it("is so on PostgreSQL", async () => {
  const url = await createTestDatabase();
  const options = { bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} };
  await (await createDatabase({ url, ...options })).close();
  const location = parseDatabaseUrl(url);
  if (location.kind !== "postgres") return expect.unreachable();
  const database = openPostgres({ location, poolMax: 2, clock: systemClock });
  onTestFinished(() => database.close());
  const access = createPostgresAccess({
    pool: database.pool,
    explain: (error) => new Error("It failed.", { cause: error }),
    takeTurn: (work) => work(),
  });
  const beginMs = await access.change(async (run) => ({ keep: true, value: await writeTrail(run) }));
  const { em } = await database.orm();
  for (const { query } of asked(beginMs)) {
    await em.fork().transactional(async (within) => {
      // A small table is read whole for as long as that is allowed.
      for (const way of ["seqscan", "bitmapscan", "sort"])
        await within.execute(`set local enable_${way} = off`);
      const before = await rowsRead(within);
      await expectWanted(within, query);
      expect((await rowsRead(within)) - before).toBe(wanted);
    });
  }
});

it("is so on SQLite", async () => {
  const database = await openSqlite(undefined, true);
  onTestFinished(() => database.close());
  const { native } = database;
  const access = createSqliteAccess(native, () => undefined);
  const beginMs = await access.change(async (run) => ({ keep: true, value: await writeTrail(run) }));
  const { em } = await createOrm(native);
  for (const { query, plan: expected } of asked(beginMs)) {
    const prepared = vi.spyOn(native, "prepare");
    await expectWanted(em.fork(), query);
    const statement = String(prepared.mock.calls.at(-1)?.[0]);
    prepared.mockRestore();
    const plan = JSON.stringify(native.prepare(`explain query plan ${statement.replaceAll("?", "1")}`).all());
    expect(plan).toMatch(expected);
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
  }
});
