// Idempotency keys in this process's memory, as a database keeps them; it can be out of reach, silent, or slow.

import { createKeyRing } from "../../src/config/secret/key-ring.ts";
import { createSealedIdempotency, replyPurpose } from "../../src/config/secret/sealed-idempotency.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { IdempotencyStore, KeyClaim, KeyOfTenant } from "../../src/core/runs/idempotency-store.ts";
import type { KeptKeys, KeyOfRun } from "../../src/core/runs/kept-keys.ts";
import type { SealedText } from "../../src/core/managed/config-store.ts";

const mostAtOnce = 50;

interface KeptKey {
  readonly claim: KeyClaim;
  readonly done?: { readonly reply: SealedText | undefined };
}

const placeOf = ({ tenantId, key }: KeyOfTenant): string => JSON.stringify([tenantId, key]);

export function createMemoryKeptKeys(): KeptKeys {
  const keys = new Map<string, KeptKey>();
  const runningOf = (run: KeyOfRun): KeptKey | undefined => {
    const kept = keys.get(placeOf(run));
    return kept?.claim.runId === run.runId && kept.done === undefined ? kept : undefined;
  };
  return {
    async claim(claim, nowMs) {
      const kept = keys.get(placeOf(claim));
      if (kept === undefined || kept.claim.expiresAtMs <= nowMs) {
        keys.set(placeOf(claim), { claim });
        return { state: "claimed" };
      }
      const { requestHash, runId, nodeId } = kept.claim;
      return kept.done === undefined
        ? { state: "running", requestHash, runId, nodeId }
        : { state: "done", requestHash, runId, reply: kept.done.reply };
    },
    async finish({ reply, ...run }) {
      const kept = runningOf(run);
      if (kept !== undefined) keys.set(placeOf(run), { ...kept, done: { reply } });
    },
    async release(run) {
      if (runningOf(run) !== undefined) keys.delete(placeOf(run));
    },
    async removeExpired({ nowMs, limit }) {
      const most = Math.min(Math.max(limit, 1), mostAtOnce);
      const expired = [...keys]
        .filter(([, { claim }]) => claim.expiresAtMs <= nowMs)
        .toSorted(([, a], [, b]) => a.claim.expiresAtMs - b.claim.expiresAtMs);
      for (const [place] of expired.slice(0, most)) keys.delete(place);
      return { keys: Math.min(expired.length, most), hasMore: expired.length >= most };
    },
  };
}

type Asked = "claim" | "finish" | "release";

export interface TestKeys extends IdempotencyStore {
  /** What was asked, in order. */
  readonly asked: Asked[];
  /** What it cannot do at the moment. */
  readonly failing: Set<Asked>;
  /** What it never answers, until `answer`; done it is all the same. */
  readonly silent: Set<Asked>;
  /** What it does only when it is told to `answer`. */
  readonly slow: Set<Asked>;
  answer(): void;
}

const secret = "secret of thirty-two bytes or so";

/** The store that gateways use, over keys in memory. */
export function createTestKeys(clock: Clock): TestKeys {
  const asked: Asked[] = [];
  const failing = new Set<Asked>();
  const silent = new Set<Asked>();
  const slow = new Set<Asked>();
  let answered = Promise.withResolvers<void>();
  const kept = createMemoryKeptKeys();
  const reaching = async <T>(what: Asked, work: () => Promise<T>): Promise<T> => {
    asked.push(what);
    if (failing.has(what)) throw new Error("The database is out of reach.");
    if (slow.has(what)) await answered.promise;
    const done = await work();
    if (silent.has(what)) await answered.promise;
    return done;
  };
  const store = createSealedIdempotency({
    kept: {
      ...kept,
      claim: (claim, nowMs) => reaching("claim", () => kept.claim(claim, nowMs)),
      finish: (run) => reaching("finish", () => kept.finish(run)),
      release: (run) => reaching("release", () => kept.release(run)),
    },
    keys: createKeyRing({ current: () => secret, known: () => secret, previous: [] }, replyPurpose),
    clock,
    onFailure: () => {},
  });
  return {
    ...store,
    asked,
    failing,
    silent,
    slow,
    answer() {
      answered.resolve();
      answered = Promise.withResolvers<void>();
      silent.clear();
      slow.clear();
    },
  };
}
