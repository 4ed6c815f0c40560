// What every database does for the audit trail.

import { expect, it } from "vitest";
import type { AuditQuery } from "../../src/core/directory/audit.ts";
import { epochMsOfId } from "../../src/core/ids.ts";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import {
  auditOf,
  currentAuditKey,
  family,
  newHash,
  newSlug,
  noteEntries,
  previousAuditKey,
  putTenant,
  sampleSession,
  sampleTenant,
  written,
} from "./sample-directory.ts";
import { idAt, newId } from "./sample-records.ts";

export interface AuditFixture {
  readonly store: () => DirectoryStore;
  /** Does the work while those are the keys. */
  readonly withKeys: <T>(keys: readonly AuditKey[], work: () => Promise<T>) => Promise<T>;
}

export function auditIsKept({ store, withKeys }: AuditFixture): void {
  const noted = (tenantId: string, count: number) => noteEntries(store(), tenantId, count);
  const page = (over: Partial<AuditQuery>) =>
    store().audit({ tenantId: undefined, first: 50, after: undefined, ...over });

  it("gives an entry back with every field, newest first, each with its place in the chain", async () => {
    const tenant = sampleTenant();
    const full = auditOf(tenant.id, { before: { a: 1 } });
    const bare = auditOf(tenant.id, {
      kind: "refused_credential",
      actor: { type: "unknown", id: undefined },
      target: undefined,
      after: undefined,
      origin: {},
      count: 7,
    });
    const answer = await store().write({ changes: [putTenant(tenant)], audit: [full, bare] });
    expect(answer).toMatchObject({ outcome: "written" });
    const chained = {
      keyId: currentAuditKey.id,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      sealBefore: undefined,
    };
    expect((await page({ tenantId: tenant.id })).entries).toStrictEqual([
      { ...bare, origin: { address: undefined, correlationId: undefined }, sequence: 2, ...chained },
      { ...full, sequence: 1, ...chained },
    ]);
    expect(await store().verifyAudit(tenant.id)).toEqual({
      tenantId: tenant.id,
      entries: 2,
      intact: true,
      problem: undefined,
      unchecked: undefined,
    });
  });

  it("raises no version for entries without a change", async () => {
    const { version } = await store().changesSince(0);
    const answer = await store().write({ changes: [{ type: "audit_only" }], audit: [auditOf(newSlug())] });
    expect(answer).toEqual({ outcome: "written", version });
    expect((await store().changesSince(version)).version).toBe(version);
  });

  it("lists page by page, of one trail or of all, by each filter", async () => {
    const [tenantId, other] = [newSlug(), newSlug()];
    // Later than those of other tests.
    const writtenMs = epochMsOfId(newId()) + 1;
    const entries = [
      auditOf(tenantId, { id: idAt(writtenMs) }),
      auditOf(other, { id: idAt(writtenMs + 1), kind: "log_in" }),
      auditOf(tenantId, { id: idAt(writtenMs + 2), kind: "decision", action: "budget.refuse" }),
      auditOf(tenantId, { id: idAt(writtenMs + 3) }),
    ];
    await store().write({ changes: [{ type: "audit_only" }], audit: entries });
    const [first, second, third, fourth] = entries.map(({ id }) => id);
    const ids = async (over: Partial<AuditQuery>) =>
      (await page({ fromMs: writtenMs, ...over })).entries.map(({ id }) => id);
    expect(await ids({})).toEqual([fourth, third, second, first]);
    expect(await ids({ tenantId })).toEqual([fourth, third, first]);
    expect(await ids({ tenantId, first: 2 })).toEqual([fourth, third]);
    expect((await page({ tenantId, first: 2 })).hasMore).toBe(true);
    expect(await ids({ tenantId, after: third })).toEqual([first]);
    expect((await page({ tenantId, after: third })).hasMore).toBe(false);
    expect(await ids({ fromMs: writtenMs + 1, toMs: writtenMs + 3 })).toEqual([third, second]);
    expect(await ids({ kind: "log_in" })).toEqual([second]);
    expect(await ids({ action: "budget.refuse" })).toEqual([third]);
    expect(await ids({ actorId: entries[0]?.actor.id })).toEqual([first]);
    expect(await ids({ targetId: entries[3]?.target?.id })).toEqual([fourth]);
  });

  it("lists by when entries were written, whenever what they tell of has happened", async () => {
    const tenantId = newSlug();
    const writtenMs = 1_800_000_000_000;
    const [before, since] = [
      auditOf(tenantId, { id: idAt(writtenMs - 1), atMs: writtenMs - 1 }),
      auditOf(tenantId, { id: idAt(writtenMs), atMs: writtenMs - 60_000, count: 7 }),
    ];
    await store().write({ changes: [{ type: "audit_only" }], audit: [before, since] });
    expect((await page({ tenantId, toMs: writtenMs })).entries).toMatchObject([{ id: before.id }]);
    expect((await page({ tenantId, fromMs: writtenMs })).entries).toMatchObject([
      { id: since.id, atMs: writtenMs - 60_000 },
    ]);
  });

  it("goes on in a trail from a sequence, oldest first, whichever id was made first", async () => {
    const tenantId = newSlug();
    const [third, second, first] = [newId(), newId(), newId()];
    const audit = [first, second, third].map((id) => auditOf(tenantId, { id }));
    await store().write({ changes: [{ type: "audit_only" }], audit });
    await noted(newSlug(), 2);
    const behind = async (afterSequence: number, over: Partial<AuditQuery> = {}) => {
      const { entries, hasMore } = await page({ tenantId, afterSequence, ...over });
      return [entries.map(({ id }) => id), hasMore];
    };
    expect(await behind(0)).toEqual([[first, second, third], false]);
    expect(await behind(0, { first: 2 })).toEqual([[first, second], true]);
    expect(await behind(2, { first: 2 })).toEqual([[third], false]);
    expect(await behind(3)).toEqual([[], false]);
  });

  it("gives entries that are written at once one chain without a gap", async () => {
    const [tenantId, other] = [newSlug(), newSlug()];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store().write({
          changes: [i % 5 === 0 ? putTenant(sampleTenant()) : { type: "audit_only" }],
          // In either order: no two may wait for each other.
          audit: i % 2 === 0 ? [auditOf(tenantId), auditOf(other)] : [auditOf(other), auditOf(tenantId)],
        }),
      ),
    );
    const sequences = (await page({ tenantId })).entries
      .map(({ sequence }) => sequence)
      .sort((a, b) => a - b);
    expect(sequences).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(await store().verifyAudit(tenantId)).toMatchObject({ entries: 20, intact: true });
    expect(await store().verifyAudit(other)).toMatchObject({ entries: 20, intact: true });
  });

  it("verifies a trail that is longer than a page, and one that is exactly as long", async () => {
    const tenantId = newSlug();
    await noted(tenantId, 1000);
    expect(await store().verifyAudit(tenantId)).toMatchObject({ entries: 1000, intact: true });
    await noted(tenantId, 1001);
    expect(await store().verifyAudit(tenantId)).toMatchObject({ entries: 2001, intact: true });
  });

  it("goes on under the next key, and verifies both", async () => {
    const tenantId = newSlug();
    await withKeys([previousAuditKey], () => noted(tenantId, 2));
    await noted(tenantId, 2);
    expect(await store().verifyAudit(tenantId)).toMatchObject({ entries: 4, intact: true });
    const { entries } = await page({ tenantId });
    expect(entries.map(({ sealBefore }) => sealBefore)).toEqual([
      undefined,
      expect.stringMatching(/^audit-1:[0-9a-f]{64}$/),
      undefined,
      undefined,
    ]);
    const other = { id: currentAuditKey.id, key: previousAuditKey.key };
    const forged = await withKeys([other, previousAuditKey], () => store().verifyAudit(tenantId));
    expect(forged.problem).toMatch(/^Entry 3 is not as it was written/);
  });

  it("goes on after a gateway that has another key, as while the server's secret is being changed", async () => {
    const tenantId = newSlug();
    await noted(tenantId, 2);
    await withKeys([previousAuditKey], () => noted(tenantId, 2));
    await noted(tenantId, 1);
    expect(await store().verifyAudit(tenantId)).toMatchObject({ entries: 5, intact: true });
  });

  it("refuses an entry where there is no key, with what it tells of; asks for keys no sooner", async () => {
    const tenant = sampleTenant();
    const none = withKeys([], () =>
      store().write({ changes: [putTenant(tenant)], audit: [auditOf(tenant.id)] }),
    );
    await expect(none).rejects.toThrow("no key");
    expect(await store().tenantsById([tenant.id])).toEqual([]);
    const { user } = await family(store());
    const session = sampleSession(user);
    await written(store(), { type: "start_session", session, refreshHash: newHash() });
    const { tenantId: _, ...reuse } = auditOf(user.tenantId);
    const old = {
      sessionId: session.id,
      presented: ["old"],
      next: newHash(),
      atMs: 2_000_000,
      raceMs: 0,
      reuse,
    };
    await expect(withKeys([], () => store().refreshSession(old))).rejects.toThrow("no key");
    expect(await store().session(session.id)).toBeDefined();
  });
}
