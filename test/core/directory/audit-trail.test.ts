import { getRandomValues } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UndatedEntry } from "../../../src/core/directory/audit-entry.ts";
import type { AuditEntry } from "../../../src/core/directory/audit.ts";
import { createAuditTrail } from "../../../src/core/directory/create-audit-trail.ts";
import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { withAnswers } from "./administered.ts";
import { openDirectory } from "./open-directory.ts";

const refused = (entry: Partial<UndatedEntry> = {}): UndatedEntry => ({
  tenantId: "platform",
  kind: "refused_credential",
  action: "credential.unknown_key",
  actor: { type: "unknown", id: undefined },
  target: undefined,
  before: undefined,
  after: undefined,
  origin: { address: "192.0.2.1" },
  ...entry,
});

async function openTrail(
  answers: (store: DirectoryStore) => Partial<DirectoryStore> = () => ({}),
  opened?: DirectoryStore,
) {
  const directory = opened ?? (await openDirectory());
  const clock = createManualClock();
  const faults: unknown[] = [];
  const newId = createIdSource({ clock, fillRandom: (bytes) => void getRandomValues(bytes) });
  let writes = 0;
  const store = withAnswers(directory, answers(directory));
  const trail = createAuditTrail({
    store: { write: (write) => ((writes += 1), store.write(write)) },
    newId,
    clock,
    reportFault: (error) => void faults.push(error),
  });
  /** Oldest first. */
  async function written(tenantId?: string): Promise<readonly AuditEntry[]> {
    const all: AuditEntry[] = [];
    for (;;) {
      const after = all.at(-1)?.id;
      const page = await directory.audit({ tenantId, first: 200, after });
      all.push(...page.entries);
      if (!page.hasMore) return all.toReversed();
    }
  }
  return { directory, trail, clock, faults, written, writes: () => writes };
}

const counts = (entries: readonly AuditEntry[]) => entries.map(({ count }) => count);

describe("what is noted", () => {
  it("is written a second later, with the time when it happened", async () => {
    const { trail, clock, written } = await openTrail();
    const atMs = clock.epochMs();
    trail.note(
      refused({ after: { reason: "unknown" }, origin: { address: "192.0.2.1", correlationId: "c-1" } }),
    );
    clock.advance(999);
    expect(await written()).toEqual([]);
    clock.advance(1);
    await expect.poll(() => written()).toHaveLength(1);
    const [entry] = await written();
    expect(entry).toMatchObject({
      tenantId: "platform",
      kind: "refused_credential",
      action: "credential.unknown_key",
      actor: { type: "unknown" },
      after: { reason: "unknown" },
      origin: { address: "192.0.2.1", correlationId: "c-1" },
      count: 1,
      atMs,
      sequence: 1,
    });
    await trail.close();
  });

  it("again and again makes one entry at once and one for each minute", async () => {
    const { trail, clock, written } = await openTrail();
    for (let i = 0; i < 3; i += 1) trail.note(refused());
    clock.advance(1_000);
    await expect.poll(async () => counts(await written())).toEqual([3]);
    const laterMs = clock.epochMs();
    for (let i = 0; i < 5; i += 1) {
      trail.note(refused({ origin: { address: "192.0.2.1", correlationId: `c-${i}` } }));
      clock.advance(1_000);
    }
    trail.note(refused({ action: "other" }));
    clock.advance(1_000);
    await expect.poll(async () => counts(await written())).toEqual([3, 1]);
    for (let i = 0; i < 60; i += 1) {
      clock.advance(1_000);
      await Promise.resolve();
    }
    await expect.poll(async () => counts(await written())).toEqual([3, 1, 5]);
    expect((await written())[2]?.atMs).toBe(laterMs);
    await trail.close();
  });

  it.each([
    ["tenant", { tenantId: "acme" }],
    ["kind", { kind: "decision" }],
    ["action", { action: "credential.expired_key" }],
    ["actor", { actor: { type: "user", id: undefined } }],
    ["actor's id", { actor: { type: "unknown", id: "a" } }],
    ["target", { target: { type: "api_key", id: "a" } }],
    ["address", { origin: { address: "192.0.2.2" } }],
  ] as const)("by another %s is another entry", async (_, other) => {
    const { trail, written } = await openTrail();
    trail.note(refused());
    trail.note(refused(other));
    trail.note(refused());
    await trail.flush();
    expect(counts(await written()).toSorted((one, other) => one - other)).toEqual([1, 2]);
  });

  it("is whole after flush, also what could have waited for its minute", async () => {
    const { trail, written, clock } = await openTrail();
    for (let i = 0; i < 4; i += 1) {
      trail.note(refused());
      await trail.flush();
    }
    expect(counts(await written())).toEqual([1, 1, 1, 1]);
    await trail.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it("has no timer when nothing waits", async () => {
    const { trail, clock, writes } = await openTrail();
    expect(clock.pendingTimers).toBe(0);
    trail.note(refused());
    await expect
      .poll(() => {
        clock.advance(10_000);
        return clock.pendingTimers;
      })
      .toBe(0);
    expect(writes()).toBe(1);
  });

  it("is made fit to be read, and never throws", async () => {
    const { trail, written, faults } = await openTrail();
    trail.note(
      refused({
        tenantId: "platform",
        action: "credential.unknown_key\nfaked",
        actor: { type: "unknown", id: `\u202e${"x".repeat(10_000)}` },
        after: { model: "m\r\nlevel=info msg=fine\0" },
        origin: { address: "192.0.2.1\n", correlationId: "'); DROP TABLE audit_logs;--\u0007" },
      }),
    );
    await trail.flush();
    const [entry] = await written();
    expect(entry?.actor.id).toHaveLength(500);
    expect(entry?.origin.correlationId).toBe("'); DROP TABLE audit_logs;--\\u{0007}");
    expect(JSON.stringify(entry)).not.toMatch(/\\n|\\r|\\u0000|\u202e/);
    expect(faults).toEqual([]);
  });
});

describe("a flood", () => {
  it("of 200,000 kinds takes 5,000 entries and one count for each tenant", async () => {
    const { trail, written, writes, directory } = await openTrail();
    for (let i = 0; i < 200_000; i += 1) {
      const tenantId = ["platform", "acme", "other"][i % 3] ?? "";
      trail.note(refused({ tenantId, origin: { address: `198.51.100.${i}` } }));
    }
    await trail.flush();
    const entries = await written();
    expect(entries).toHaveLength(5_003);
    expect(writes()).toBe(26);
    const more = entries.filter(({ action }) => action === "audit.more");
    expect(more.map(({ tenantId }) => tenantId).toSorted()).toEqual(["acme", "other", "platform"]);
    expect(counts(entries).reduce((sum, count) => sum + count, 0)).toBe(200_000);
    expect(await directory.verifyAudit("platform")).toMatchObject({ intact: true });
    await trail.close();
  });

  it("in one trail takes no other's entries away", async () => {
    const { trail, written } = await openTrail();
    for (let i = 0; i < 10_000; i += 1) trail.note(refused({ origin: { address: `198.51.100.${i}` } }));
    trail.note(refused({ tenantId: "acme", action: "permission.denied" }));
    await trail.flush();
    expect((await written("acme")).map(({ action }) => action)).toEqual(["permission.denied"]);
    expect(await written("platform")).toHaveLength(2_001);
    await trail.close();
  });

  it("of tenants has its bound too", async () => {
    const { trail, written } = await openTrail();
    for (let i = 0; i < 12_000; i += 1) trail.note(refused({ tenantId: `t-${i}` }));
    await trail.flush();
    const entries = await written();
    expect(entries.length).toBeLessThanOrEqual(10_001);
    expect(counts(entries).reduce((sum, count) => sum + count, 0)).toBe(12_000);
  });

  it("is counted exactly, however notes, seconds and failures follow each other", async () => {
    const anyStep = fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }).map((kind) => ({ kind })) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 90_000 }).map((ms) => ({ ms })) },
      { weight: 1, arbitrary: fc.boolean().map((fails) => ({ fails })) },
    );
    const directory = await openDirectory();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
        const tenantId = `run-${(runs += 1)}`;
        let failing = false;
        const { trail, written, clock } = await openTrail(
          (store) => ({
            write: async (write) => (failing ? Promise.reject(new Error("down")) : store.write(write)),
          }),
          directory,
        );
        let notes = 0;
        for (const step of steps) {
          if ("kind" in step) {
            trail.note(refused({ tenantId, action: `kind-${step.kind}` }));
            notes += 1;
          } else if ("ms" in step) {
            clock.advance(step.ms);
            await Promise.resolve();
          } else failing = step.fails;
        }
        failing = false;
        await trail.close();
        expect(counts(await written(tenantId)).reduce((sum, count) => sum + count, 0)).toBe(notes);
        expect(clock.pendingTimers).toBe(0);
      }),
    );
  });
});

async function openFailing() {
  let failing = true;
  const opened = await openTrail((store) => ({
    write: async (write) => (failing ? Promise.reject(new Error("disk full")) : store.write(write)),
  }));
  return { ...opened, mend: () => void (failing = false) };
}

describe("a database that fails", () => {
  it("is told once, and what was noted is written when it is back", async () => {
    const { trail, clock, faults, written, writes, mend } = await openFailing();
    trail.note(refused());
    await trail.flush();
    trail.note(refused());
    await trail.flush();
    expect(faults).toHaveLength(1);
    expect(trail.problems()).toEqual(["Audit entries cannot be written: the log says why."]);
    mend();
    const tried = writes();
    clock.advance(1_000);
    await expect.poll(async () => counts(await written())).toEqual([2]);
    expect(writes()).toBe(tried + 1);
    expect(trail.problems()).toEqual([]);
    await trail.close();
  });

  it("in the middle of many entries writes none of them twice", async () => {
    let left = 2;
    const { trail, written } = await openTrail((store) => ({
      write: async (write) => ((left -= 1) < 0 ? Promise.reject(new Error("disk full")) : store.write(write)),
    }));
    for (let i = 0; i < 900; i += 1) trail.note(refused({ action: `a-${i}` }));
    await trail.flush();
    expect(await written()).toHaveLength(400);
    left = 10;
    await trail.close();
    expect(new Set((await written()).map(({ action }) => action)).size).toBe(900);
    expect(await written()).toHaveLength(900);
  });

  it("to the end is told what is lost", async () => {
    const { trail, clock, faults } = await openFailing();
    trail.note(refused());
    trail.note(refused({ action: "other" }));
    trail.note(refused({ action: "third" }));
    await trail.close();
    expect(String(faults.at(-1))).toMatch(/3 audit entries are lost/);
    expect(clock.pendingTimers).toBe(0);
    trail.note(refused());
    expect(clock.pendingTimers).toBe(0);
  });
});
