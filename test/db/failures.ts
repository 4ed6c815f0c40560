// What becomes of records when a database fails under way, whichever it is.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { DatabaseError } from "../../src/db/database-url.ts";
import type { Database } from "../../src/db/database.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { claimAt, sealedKeys } from "./idempotency-contract.ts";
import { attemptOf, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";

export interface FailingFixture {
  open(options: { readonly clock: Clock; readonly warn: (message: string) => void }): Promise<Database>;
  /** Another program keeps requests from being written, until what this gives is called. */
  block(): Promise<() => Promise<void>>;
  /** What a batch that was blocked is refused with. */
  readonly blocked: RegExp;
  /** Ends the thread or the connections that the database is reached by. */
  sever(): Promise<void>;
  dispose(): Promise<void>;
}

const tenant = principalOf("default");

export function databaseFailures(name: string, createFixture: () => Promise<FailingFixture>): void {
  describe(name, () => {
    let fixture: FailingFixture;
    let clock: ManualClock;
    let database: Database;
    let warned: string[];
    let onWarning: ((message: string) => void) | undefined;

    beforeEach(async () => {
      clock = createManualClock();
      warned = [];
      onWarning = undefined;
      fixture = await createFixture();
      database = await fixture.open({
        clock,
        warn(message) {
          warned.push(message);
          onWarning?.(message);
        },
      });
    });
    afterEach(async () => {
      await database.close();
      await fixture.dispose();
    });

    const batchFailed = () =>
      new Promise<void>((resolve) => {
        onWarning = (message) => {
          if (message.includes("could not be written")) resolve();
        };
      });
    const tryAgain = async () => {
      await expect.poll(() => clock.pendingTimers).toBeGreaterThan(0);
      clock.advance(100);
    };

    it("a batch that fails is kept and written once when the database is back", async () => {
      const unblock = await fixture.block();
      const call = openedCall();
      database.ledger.open(call);
      database.ledger.attempt(attemptOf(call));
      const failed = batchFailed();
      clock.advance(50);
      await failed;
      expect(warned.at(-1)).toMatch(fixture.blocked);
      expect(warned.at(-1)).toMatch(/1 calls wait/);
      expect(database.problems()).toContain("Records cannot be written: the log says why.");
      expect(database.problems().join(" ")).not.toMatch(fixture.blocked);
      // What comes meanwhile joins what is kept.
      database.ledger.settle(settlementOf(call));
      await unblock();
      await tryAgain();
      const record = await database.records.request(tenant, call.id);
      expect(record).toMatchObject({ status: "failed", attemptRecords: [{ number: 1 }] });
      expect(record?.attemptRecords).toHaveLength(1);
      expect(database.problems()).toEqual([]);
      expect(database.refused).toBe(0);
    });

    it("a way to the database that breaks is made anew; open calls stay open and settle", async () => {
      const before = openedCall();
      database.ledger.open(before);
      await database.records.request(tenant, before.id);
      await fixture.sever();
      await expect.poll(() => [...warned, ...database.problems()]).not.toEqual([]);
      const after = openedCall();
      database.ledger.open(after);
      // The first try may meet the way that broke; the next is due in a moment.
      const written = () => {
        clock.advance(100);
        return database.records.request(tenant, after.id);
      };
      await expect.poll(written).toMatchObject({ status: "open" });
      expect(await database.records.request(tenant, before.id)).toMatchObject({ status: "open" });
      database.ledger.settle(settlementOf(before));
      expect(await database.records.request(tenant, before.id)).toMatchObject({ status: "failed" });
      expect(database.problems()).toEqual([]);
    });

    it("a way to the database that breaks with a batch under way loses nothing of it", async () => {
      const unblock = await fixture.block();
      const calls = Array.from({ length: 50 }, () => openedCall());
      for (const call of calls) {
        database.ledger.open(call);
        database.ledger.attempt(attemptOf(call));
      }
      const failed = batchFailed();
      clock.advance(50);
      await fixture.sever();
      await failed;
      await unblock();
      await tryAgain();
      const page = await database.records.requests(tenant, { first: 100, filter: {} });
      expect(page.records).toHaveLength(50);
      expect(page.records.every(({ attemptRecords }) => attemptRecords.length === 1)).toBe(true);
      expect(database.refused).toBe(0);
    });

    it("what was spent is not told while some of it cannot be written", async () => {
      const call = openedCall();
      const account = { tenantId: tenant.tenantId, scope: "tenant", id: tenant.tenantId } as const;
      const spent = () =>
        database.spend.spentNanos({ ...account, fromMs: 0, toMs: call.createdAtMs + 1 }, []);
      expect(await spent()).toBe(0n);
      const unblock = await fixture.block();
      database.ledger.open(call);
      database.ledger.attempt(attemptOf(call, { costNanos: 5n }));
      await expect(spent()).rejects.toThrow(fixture.blocked);
      await expect(spent()).rejects.toThrow(/^What was spent is not known: Records cannot be written: /);
      await unblock();
      await tryAgain();
      expect(await spent()).toBe(5n);
    });

    it("a database that is closed says so to readers", async () => {
      await database.close();
      const account = { tenantId: "t", scope: "tenant", id: "t", fromMs: 0, toMs: 1 } as const;
      await expect(database.spend.spentNanos(account, [])).rejects.toBeInstanceOf(DatabaseError);
      const step = { tenantId: "t", beforeMs: 1, limit: 1 };
      await expect(database.forget(step)).rejects.toBeInstanceOf(DatabaseError);
      const reading = database.records.request(tenant, openedCall().id);
      await expect(reading).rejects.toMatchObject({ code: "unavailable" });
      for (const asking of [
        database.directory.keyByHash(["x"]),
        database.directory.tenantsById(["default"]),
        database.directory.write({ changes: [{ type: "audit_only" }], audit: [] }),
      ]) {
        await expect(asking).rejects.toThrow("The database is closed.");
      }
    });

    it("idempotency keys that cannot be reached are said to be unavailable, and what came of it to the operator", async () => {
      const causes: unknown[] = [];
      const store = sealedKeys(database.idempotency, clock, { onFailure: (error) => causes.push(error) });
      const run = claimAt(clock);
      await store.claim(run);
      await database.close();
      const refused = { code: "unavailable", retryAfterMs: 1000 };
      await expect(store.claim(claimAt(clock))).rejects.toMatchObject({
        ...refused,
        message: "The idempotency keys cannot be reached at the moment, so the call was not run. Try again.",
      });
      await expect(store.finish({ ...run, reply: "late" })).rejects.toMatchObject(refused);
      await expect(store.release(run)).rejects.toMatchObject(refused);
      expect(causes.map(String)).toEqual([1, 2, 3].map(() => "DatabaseError: The database is closed."));
    });

    it("idempotency keys are there again when the way to the database that broke is made anew", async () => {
      const store = sealedKeys(database.idempotency, clock);
      const run = claimAt(clock);
      await store.claim(run);
      await fixture.sever();
      const standing = () =>
        store.claim({ ...run, runId: newId() }).then(
          ({ state }) => state,
          (error: unknown) => error,
        );
      await expect.poll(standing).toBe("running");
      await store.finish({ ...run, reply: "kept" });
      expect(await standing()).toBe("done");
    });

    it("the directory is there again when the way to the database that broke is made anew", async () => {
      await database.directory.hasApiKeys();
      await fixture.sever();
      const isThere = () =>
        Promise.all([database.directory.tenantsById(["default"]), database.directory.hasApiKeys()]).then(
          ([tenants]) => tenants.length,
          (error: unknown) => error,
        );
      await expect.poll(isThere).toBe(1);
    });
  });
}
