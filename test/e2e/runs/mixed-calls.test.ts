// All that calls can be, at once, on a gateway as the process composes it, over a real upstream that fails: afterwards
// the records are whole, what was paid is what the upstream took, and nothing is left behind.

import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { systemClock } from "../../../src/system-clock.ts";
import type { Log } from "../../../src/telemetry/log.ts";
import { createTestDatabase, runSql } from "../../support/postgres.ts";
import { startRedis } from "../../support/redis-server.ts";
import { platform, type ServedGateway, serveGateway } from "../served-gateway.ts";
import { apiKey, held, MixedClients } from "./mixed-clients.ts";

const yaml = "prices: { openai/demo-chat: { input: 0.5, output: 1.25 } }";
const environment = {
  SLUICE_API_KEYS: apiKey,
  SLUICE_SECRET: "one secret of both gateways, long enough",
  RESUME_AWAY_SECONDS: "1",
  BREAKER_FAILURE_THRESHOLD: "1000",
  IDEMPOTENCY_MAX_BYTES: "8000",
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface WatchedClock extends Clock {
  readonly pendingTimers: number;
}

/** The real one; it knows which of its timers are still to come. */
function watchedClock(): WatchedClock {
  const pending = new Set<object>();
  return {
    ...systemClock,
    get pendingTimers() {
      return pending.size;
    },
    setTimer(delayMs, run) {
      const each = {};
      pending.add(each);
      const timer = systemClock.setTimer(delayMs, () => {
        pending.delete(each);
        run();
      });
      return {
        cancel() {
          pending.delete(each);
          timer.cancel();
        },
      };
    },
  };
}

interface Watched extends ServedGateway {
  readonly clock: WatchedClock;
  readonly faults: string[];
}

async function serve(more: Readonly<Record<string, string>> = {}): Promise<Watched> {
  const clock = watchedClock();
  const faults: string[] = [];
  const log: Log = {
    info() {},
    warn() {},
    error: (message, fields) => void faults.push(`${message}: ${String(fields?.["error"])}`),
  };
  const served = await serveGateway({ clock, log, yaml, environment: { ...environment, ...more } });
  closers.push(() => served.close());
  return { ...served, clock, faults };
}

type Run = (sql: string) => Promise<readonly unknown[]>;

const onSqlite =
  ({ folder }: ServedGateway): Run =>
  async (sql) => {
    const database = new DatabaseSync(`${folder}/sluice.db`, { readOnly: true });
    const rows = database.prepare(sql).all();
    database.close();
    return rows;
  };

const gauge = ({ gateway }: ServedGateway, name: string): number => {
  const family = gateway.measurements().find((each) => each.name === name);
  if (family === undefined || family.type === "histogram") throw new Error(`There is no gauge ${name}.`);
  return family.samples.reduce((sum, { value }) => sum + Number(value), 0);
};

const leftIn = (served: ServedGateway) => ({
  openCalls: gauge(served, "sluice_open_calls"),
  waiting: gauge(served, "sluice_waiting_calls"),
  attempts: gauge(served, "sluice_target_in_flight"),
  upstream: served.upstream.counts.open,
});
const nothing = { openCalls: 0, waiting: 0, attempts: 0, upstream: 0 };

const some = <T>(of: readonly T[], at: number): T => {
  const one = of[at % of.length];
  if (one === undefined) throw new Error("of nothing");
  return one;
};

const receivedBy = (nodes: readonly Watched[]): number =>
  nodes.reduce((sum, { upstream }) => sum + upstream.counts.received, 0);

const mostAtATime = 40;

async function mixed(
  nodes: readonly Watched[],
  count: number,
  seed: number,
): Promise<readonly MixedClients[]> {
  const clients = nodes.map((node, at) => new MixedClients(node, { seed: seed + at, name: `seed-${seed}` }));
  const asking = new Set<Promise<void>>();
  for (let asked = 0; asked < count; asked += 1) {
    const one = some(clients, asked)
      .ask()
      .finally(() => asking.delete(one));
    asking.add(one);
    // The next one comes when somebody has gone.
    if (asking.size >= mostAtATime) await Promise.race(asking);
  }
  await Promise.all(asking);
  for (const each of clients) each.close();
  return clients;
}

const brokenRecords = [
  // Not settled.
  "select id, status from requests where status = 'open' or settled_at is null",
  // Without its call.
  "select id from provider_attempts where request_id not in (select id from requests)",
  // Other attempts, or another cost, than those of its attempts.
  `select r.id, r.status, r.attempts, r.cost_nanos, count(a.id) as begun, sum(a.cost_nanos) as paid
   from requests r left join provider_attempts a on a.request_id = r.id and a.status <> 'skipped'
   group by r.id, r.status, r.attempts, r.cost_nanos
   having r.attempts <> count(a.id) or (r.cost_nanos is not null and r.cost_nanos <> coalesce(sum(a.cost_nanos), 0))`,
  // Answered twice.
  `select tenant_id, idempotency_key from requests where idempotency_key is not null and status = 'ok'
   group by tenant_id, idempotency_key having count(*) > 1`,
  // Held for nobody.
  "select key from idempotency_keys where state = 'running'",
];

async function expectWholeRecords(run: Run, received: number): Promise<void> {
  for (const sql of brokenRecords) expect(await run(sql), sql).toEqual([]);
  const attempts = await run("select status, http_status from provider_attempts where status <> 'skipped'");
  const unheard = attempts.filter(
    (row) => JSON.stringify(row) === '{"status":"cancelled","http_status":null}',
  );
  // One that is left at once may not have got there.
  expect(attempts.length).toBeGreaterThanOrEqual(received);
  expect(attempts.length - unheard.length).toBeLessThanOrEqual(received);
}

const sumOf = async (run: Run, sql: string): Promise<bigint> => {
  const [row] = await run(sql);
  return BigInt(Number(Object.values(row ?? {})[0] ?? 0));
};

async function expectBudget(node: ServedGateway, run: Run): Promise<void> {
  const budget = held.grants?.tenant.budget ?? {};
  const subject = { tenantId: "held", scope: "tenant", id: "held", budget, timeZone: "UTC" } as const;
  const [report] = await node.gateway.budgets.of(platform, [subject]);
  const paid = "select sum(cost_nanos) from provider_attempts where tenant_id = 'held'";
  expect(report).toMatchObject({ spentNanos: await sumOf(run, paid), reservedNanos: 0n });
}

describe("all kinds of calls at once", () => {
  it("on one gateway", async () => {
    const served = await serve();
    const idleTimers = served.clock.pendingTimers;
    const clients = await mixed([served], 200, 1);
    expect(clients.flatMap(({ strange }) => strange)).toEqual([]);
    await expect.poll(() => leftIn(served), { timeout: 8_000 }).toEqual(nothing);
    await served.gateway.database.flush();
    await expectWholeRecords(onSqlite(served), served.upstream.counts.received);
    await expectBudget(served, onSqlite(served));
    expect(served.clock.pendingTimers).toBeLessThanOrEqual(idleTimers + 1);
    expect(served.faults).toEqual([]);
    await served.stop();
    expect(served.clock.pendingTimers).toBe(0);
  }, 30_000);

  it("on one gateway that closes in the middle", async () => {
    const served = await serve();
    const asking = mixed([served], 120, 2);
    await served.upstream.waitUntil(({ received }) => received >= 30);
    await served.gateway.close();
    expect(served.clock.pendingTimers).toBe(0);
    await asking;
    await served.stop();
    await expect.poll(() => served.upstream.counts.open).toBe(0);
    await expectWholeRecords(onSqlite(served), served.upstream.counts.received);
    expect(served.faults).toEqual([]);
  }, 30_000);

  it.each(["a Redis that is there", "a Redis that dies"])(
    "on two gateways with %s",
    async (how) => {
      const redis = await startRedis();
      closers.push(() => redis.remove());
      const more = { DATABASE_URL: await createTestDatabase(), REDIS_URL: redis.url };
      const nodes = [await serve(more), await serve(more)];
      const asking = mixed(nodes, 140, 3);
      if (how === "a Redis that dies") {
        await expect.poll(() => receivedBy(nodes)).toBeGreaterThan(20);
        await redis.kill();
      }
      const clients = await asking;
      expect(clients.flatMap(({ strange }) => strange)).toEqual([]);
      for (const node of nodes) {
        await expect.poll(() => leftIn(node), { timeout: 8_000 }).toEqual(nothing);
        await node.gateway.database.flush();
      }
      const run: Run = (sql) => runSql(more.DATABASE_URL, sql);
      await expectWholeRecords(run, receivedBy(nodes));
      for (const node of nodes) expect(node.faults).toEqual([]);
      if (how === "a Redis that is there") {
        for (const node of nodes) await expectBudget(node, run);
        const places = (): Promise<string> => redis.run("EXISTS", "sluice:streams:{held}");
        await expect.poll(places, { timeout: 5_000 }).toBe(":0");
      }
      for (const node of nodes) {
        await node.stop();
        expect(node.clock.pendingTimers).toBe(0);
      }
    },
    30_000,
  );
});
