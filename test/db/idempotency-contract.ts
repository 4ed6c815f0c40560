// What every database does for idempotency keys, with replies sealed as they are.

import fc from "fast-check";
import { expect, it } from "vitest";
import { createKeyRing } from "../../src/config/secret/key-ring.ts";
import {
  createSealedIdempotency,
  replyPurpose,
  type SealedIdempotencyOptions,
} from "../../src/config/secret/sealed-idempotency.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { IdempotencyStore, KeyClaim } from "../../src/core/runs/idempotency-store.ts";
import type { KeptKeys } from "../../src/core/runs/kept-keys.ts";
import type { Database } from "../../src/db/database.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { newId } from "./sample-records.ts";

const dayMs = 86_400_000;
const secret = "secret of thirty-two bytes or so";
const another = "another one of thirty-two bytes.";

const ringOf = (current: string, previous: readonly string[] = []) =>
  createKeyRing({ current: () => current, known: () => current, previous }, replyPurpose);

export const sealedKeys = (
  kept: KeptKeys,
  clock: Clock,
  { keys = ringOf(secret), onFailure = () => {} }: Partial<SealedIdempotencyOptions> = {},
): IdempotencyStore => createSealedIdempotency({ kept, keys, clock, onFailure });

/** Of a tenant of its own, unless one is given. */
export function claimAt(clock: Clock, change: Partial<KeyClaim> = {}): KeyClaim {
  const createdAtMs = clock.epochMs();
  return {
    tenantId: `tenant-${newId()}`,
    key: "once",
    requestHash: "hash-1",
    runId: newId(),
    nodeId: "node-1",
    createdAtMs,
    expiresAtMs: createdAtMs + dayMs,
    ...change,
  };
}

const flip = (bytes: Uint8Array): Uint8Array => bytes.with(3, (bytes[3] ?? 0) ^ 1);

/** Another call that comes with the same key. */
const again = (claim: KeyClaim, clock: Clock, change: Partial<KeyClaim> = {}): KeyClaim =>
  claimAt(clock, { tenantId: claim.tenantId, key: claim.key, ...change });

const plainAndOdd: readonly string[] = [
  "",
  " ",
  "a",
  "A",
  "a ",
  "a\0",
  "\0",
  "\0\0",
  "é",
  "e\u0301",
  "\ud800",
  "\udc00",
  "\ufffd",
  "'; drop table requests; --",
  "%",
  "?",
  "$1",
  "\\",
  "sha256:",
  `sha256:${"0".repeat(64)}`,
];

export function idempotencyKeysAreKept(database: () => Database): void {
  /** A store with a clock of its own. */
  function begin() {
    const clock = createManualClock();
    const { idempotency: kept } = database();
    const store = sealedKeys(kept, clock);
    const first = claimAt(clock);
    return {
      clock,
      kept,
      store,
      first,
      runOf: { tenantId: first.tenantId, key: first.key, runId: first.runId },
    };
  }

  it("gives a free key to who claims it, and shows the run to who comes later, whatever it asks", async () => {
    const { clock, store, first } = begin();
    expect(await store.claim(first)).toEqual({ state: "claimed" });
    const shown = { state: "running", requestHash: "hash-1", runId: first.runId, nodeId: "node-1" };
    expect(await store.claim(again(first, clock))).toStrictEqual(shown);
    const other = again(first, clock, { requestHash: "hash-2", nodeId: "node-2" });
    expect(await store.claim(other)).toStrictEqual(shown);
    expect(await store.claim(claimAt(clock, { key: first.key }))).toEqual({ state: "claimed" });
  });

  it("shows the reply of a run that is done, or that none was kept", async () => {
    const { clock, store, first, runOf } = begin();
    const reply = JSON.stringify({ text: "Grüße 😀 \0 \ud800", none: null });
    await store.claim(first);
    await store.finish({ ...runOf, reply });
    const done = { state: "done", requestHash: "hash-1", runId: first.runId };
    expect(await store.claim(again(first, clock))).toStrictEqual({ ...done, reply });
    const other = again(first, clock, { requestHash: "hash-2" });
    expect(await store.claim(other)).toStrictEqual({ ...done, reply });
    const second = claimAt(clock);
    await store.claim(second);
    await store.finish({ ...second, reply: undefined });
    expect(await store.claim(again(second, clock))).toStrictEqual({
      ...done,
      runId: second.runId,
      reply: undefined,
    });
  });

  it("keeps a reply of a mebibyte and an empty one", async () => {
    const { clock, store } = begin();
    for (const reply of ["ü😀".repeat(2 ** 20 / 6), ""]) {
      const claim = claimAt(clock);
      await store.claim(claim);
      await store.finish({ ...claim, reply });
      const standing = await store.claim(again(claim, clock));
      expect(standing.state === "done" && standing.reply === reply).toBe(true);
    }
  });

  it("frees a key when its time is over, running or done, and forgets the reply that was kept", async () => {
    const { clock, store, first, runOf } = begin();
    await store.claim(first);
    await store.finish({ ...runOf, reply: "first" });
    clock.advance(dayMs - 1);
    expect(await store.claim(again(first, clock))).toMatchObject({ state: "done", reply: "first" });
    clock.advance(1);
    const second = again(first, clock, { requestHash: "hash-2", nodeId: "node-2" });
    expect(await store.claim(second)).toEqual({ state: "claimed" });
    // What comes late of the run before does not reach it.
    await store.finish({ ...runOf, reply: "late" });
    await store.release(runOf);
    expect(await store.claim(again(first, clock))).toStrictEqual({
      state: "running",
      requestHash: "hash-2",
      runId: second.runId,
      nodeId: "node-2",
    });
    await store.finish({ ...second, reply: undefined });
    expect(await store.claim(again(first, clock))).toMatchObject({ runId: second.runId, reply: undefined });
    clock.advance(dayMs);
    expect(await store.claim(again(first, clock))).toEqual({ state: "claimed" });
  });

  it("holds a key though the clock jumps back, and frees it at the same time as before", async () => {
    const { clock, kept, store, first } = begin();
    await store.claim(first);
    const earlier = createManualClock(clock.epochMs() - 365 * dayMs);
    const behind = sealedKeys(kept, earlier);
    expect(await behind.claim(again(first, earlier))).toMatchObject({ state: "running", runId: first.runId });
    earlier.advance(366 * dayMs - 1);
    expect(await behind.claim(again(first, earlier))).toMatchObject({ state: "running" });
    earlier.advance(1);
    expect(await behind.claim(again(first, earlier))).toEqual({ state: "claimed" });
  });

  it("gives a free or expired key to one of a hundred who claim it at once", async () => {
    const { clock, store, first } = begin();
    for (const _ of ["free", "expired"]) {
      const claims = Array.from({ length: 100 }, () => again(first, clock));
      const standings = await Promise.all(claims.map((claim) => store.claim(claim)));
      const winners = claims.filter((_, index) => standings[index]?.state === "claimed");
      expect(winners).toHaveLength(1);
      const others = standings.filter(({ state }) => state !== "claimed");
      expect(new Set(others.map((other) => "runId" in other && other.runId))).toEqual(
        new Set([winners[0]?.runId]),
      );
      clock.advance(dayMs);
    }
  });

  it("gives a key that is freed over and over to one at a time", async () => {
    const { clock, store, first } = begin();
    const claimAndFree = async () => {
      for (let i = 0; i < 10; i += 1) {
        const claim = again(first, clock);
        const { state } = await store.claim(claim);
        if (state !== "claimed") continue;
        const held = await store.claim(again(first, clock));
        expect(held).toMatchObject({ state: "running", runId: claim.runId });
        await store.release(claim);
      }
    };
    await Promise.all(Array.from({ length: 10 }, claimAndFree));
    expect(await store.claim(first)).toEqual({ state: "claimed" });
  });

  it("frees the key of a run that is released, but not one that is done", async () => {
    const { clock, store, first, runOf } = begin();
    await store.claim(first);
    await store.release(runOf);
    const second = again(first, clock);
    expect(await store.claim(second)).toEqual({ state: "claimed" });
    await store.finish({ ...second, reply: "kept" });
    await store.release(second);
    expect(await store.claim(again(first, clock))).toMatchObject({ state: "done", reply: "kept" });
  });

  it("changes nothing for a run that does not have the key, nor for one that is done", async () => {
    const { clock, store, first, runOf } = begin();
    const foreign = { ...runOf, runId: newId() };
    await store.finish({ ...foreign, reply: "foreign" });
    expect(await store.claim(first)).toEqual({ state: "claimed" });
    await store.finish({ ...foreign, reply: "foreign" });
    await store.release(foreign);
    await store.release({ ...runOf, tenantId: "another" });
    expect(await store.claim(again(first, clock))).toMatchObject({ state: "running", runId: first.runId });
    await store.finish({ ...runOf, reply: "own" });
    await store.finish({ ...runOf, reply: "twice" });
    expect(await store.claim(again(first, clock))).toMatchObject({ state: "done", reply: "own" });
  });

  it("keeps keys apart that differ in anything", async () => {
    const { clock, store } = begin();
    const tenantId = `tenant-${newId()}`;
    const base = "k".repeat(255);
    const alike = [
      ...plainAndOdd,
      ...["x", "é", "😀", "\ud83d", "\0", "\ufffd"].map((last) => base + last),
      ...[256, 257, 100_000].map((length) => "\u{10ffff}".repeat(length)),
      ...[256, 257, 100_000].map((length) => "z".repeat(length)),
    ];
    for (const key of alike) {
      expect(await store.claim(claimAt(clock, { tenantId, key })), key.slice(0, 80)).toEqual({
        state: "claimed",
      });
    }
    for (const key of alike) {
      expect(await store.claim(claimAt(clock, { tenantId, key }))).toMatchObject({ state: "running" });
    }
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    const keys = fc.uniqueArray(fc.string({ unit, maxLength: 256 }), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(keys, async (different) => {
        const ofProperty = `tenant-${newId()}`;
        for (const key of different) {
          const claim = claimAt(clock, { tenantId: ofProperty, key });
          expect(await store.claim(claim)).toEqual({ state: "claimed" });
          await store.finish({ ...claim, reply: key.length.toString() });
        }
        for (const key of different) {
          const standing = await store.claim(claimAt(clock, { tenantId: ofProperty, key }));
          expect(standing).toMatchObject({ state: "done", reply: key.length.toString() });
        }
      }),
      { numRuns: 30 },
    );
  });

  it("keeps of a reply nothing that the secret is not needed for", async () => {
    const { clock, kept, store, first, runOf } = begin();
    await store.claim(first);
    await store.finish({ ...runOf, reply: "a secret answer" });
    const standing = await kept.claim(again(first, clock), clock.epochMs());
    const sealed = standing.state === "done" ? standing.reply : undefined;
    expect(Buffer.from(sealed?.ciphertext ?? []).toString("latin1")).not.toContain("secret");
    const changed = sealedKeys(kept, clock, { keys: ringOf(another, [secret]) });
    expect(await changed.claim(again(first, clock))).toMatchObject({ reply: "a secret answer" });
    const stranger = sealedKeys(kept, clock, { keys: ringOf(another) });
    expect(await stranger.claim(again(first, clock))).toMatchObject({ state: "done", reply: undefined });
  });

  it("gives no reply that was changed, or moved from another run", async () => {
    const { clock, kept, store, first, runOf } = begin();
    await store.claim(first);
    await store.finish({ ...runOf, reply: "mine" });
    const standing = await kept.claim(again(first, clock), clock.epochMs());
    const sealed = standing.state === "done" ? standing.reply : undefined;
    if (sealed === undefined) throw new Error("No reply was kept.");
    const none = new Uint8Array();
    for (const reply of [
      { ...sealed, ciphertext: flip(sealed.ciphertext) },
      { ...sealed, ciphertext: none },
      { ...sealed, nonce: flip(sealed.nonce) },
      { ...sealed, nonce: none },
      { ...sealed, keyId: "" },
      sealed,
    ]) {
      const claim = claimAt(clock);
      await store.claim(claim);
      await kept.finish({ tenantId: claim.tenantId, key: claim.key, runId: claim.runId, reply });
      expect(await store.claim(again(claim, clock))).toMatchObject({ state: "done", reply: undefined });
    }
  });

  it("frees the key of a claim of which only the answer was lost", async () => {
    const { clock, kept, store, first } = begin();
    const losing = sealedKeys(
      {
        ...kept,
        async claim(claim, nowMs) {
          await kept.claim(claim, nowMs);
          throw new Error("The connection broke.");
        },
      },
      clock,
    );
    await expect(losing.claim(first)).rejects.toMatchObject({ code: "unavailable" });
    await expect.poll(() => store.claim(again(first, clock))).toEqual({ state: "claimed" });
  });

  it("makes no secret before the first claim, and claims nothing where none can be made", async () => {
    const { clock, kept, store, first } = begin();
    let made = 0;
    const broken = {
      current() {
        made += 1;
        throw new Error("No secret can be made.");
      },
      known: () => undefined,
      previous: [],
    };
    const sealing = sealedKeys(kept, clock, { keys: createKeyRing(broken, replyPurpose) });
    expect(made).toBe(0);
    await expect(sealing.claim(first)).rejects.toMatchObject({ code: "unavailable", retryAfterMs: 1000 });
    expect(made).toBe(1);
    expect(await store.claim(first)).toEqual({ state: "claimed" });
  });

  it("removes expired keys, the oldest first, no more at a time than it may, and no others", async () => {
    const { kept } = begin();
    // No other test's keys are that old.
    const clock = createManualClock(1_000_000);
    const store = sealedKeys(kept, clock);
    const tenantId = `tenant-${newId()}`;
    const claims = Array.from({ length: 103 }, (_, index) =>
      claimAt(clock, { tenantId, key: `${index}\0`, expiresAtMs: clock.epochMs() + index }),
    );
    for (const claim of claims.toReversed()) await store.claim(claim);
    await store.finish({ ...(claims[0] ?? claimAt(clock)), reply: "kept" });
    const nowMs = clock.epochMs() + 101;
    expect(await kept.removeExpired({ nowMs: clock.epochMs() - 1, limit: 50 })).toEqual({
      keys: 0,
      hasMore: false,
    });
    expect(await kept.removeExpired({ nowMs, limit: 0 })).toEqual({ keys: 1, hasMore: true });
    expect(await kept.removeExpired({ nowMs, limit: 1000 })).toEqual({ keys: 50, hasMore: true });
    const newest = again(claims[101] ?? claimAt(clock), clock);
    expect(await kept.claim(newest, 0)).toMatchObject({ state: "running" });
    const steps = await Promise.all([1, 2, 3].map(() => kept.removeExpired({ nowMs, limit: 50 })));
    expect(steps.every(({ keys }) => keys <= 50)).toBe(true);
    expect(await kept.removeExpired({ nowMs, limit: 50 })).toMatchObject({ hasMore: false });
    expect(await kept.removeExpired({ nowMs, limit: 50 })).toEqual({ keys: 0, hasMore: false });
    const standings = await Promise.all(claims.map((claim) => kept.claim(claim, 0)));
    expect(standings.filter(({ state }) => state === "claimed")).toHaveLength(102);
    expect(standings.at(-1)).toMatchObject({ state: "running" });
  });
}
