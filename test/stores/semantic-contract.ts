// What every store of questions does, whatever keeps it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SemanticEntry, SemanticStore } from "../../src/core/cache/semantic/semantic-store.ts";

export interface SemanticsUnderTest {
  /** Room for 8 entries. */
  readonly store: SemanticStore;
  nowMs(): number;
  /** Moves the clock that the store goes by. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export const entryOf = (more: Partial<SemanticEntry> & { readonly nowMs: number }): SemanticEntry => ({
  place: { tenantId: "acme", scope: "s" },
  question: "What is it?",
  vector: Float32Array.of(1, 0),
  answerKey: "acme/1",
  storedAtMs: more.nowMs,
  expiresAtMs: more.nowMs + 60_000,
  ...more,
});

export function semanticContract(name: string, create: () => Promise<SemanticsUnderTest>): void {
  describe(name, () => {
    let under: SemanticsUnderTest;
    let scopes = 0;
    const fresh = () => ({ tenantId: "acme", scope: `s${++scopes}` });
    const add = (more: Partial<SemanticEntry>) => under.store.add(entryOf({ nowMs: under.nowMs(), ...more }));
    const near = (place: SemanticEntry["place"], vector = [1, 0], atLeast = 0.5) =>
      under.store.nearest(place, vector, { count: 5, atLeast });
    beforeAll(async () => {
      under = await create();
    });
    afterAll(() => under.close());

    it("finds a question by its vector, the nearest first", () => {
      const place = fresh();
      add({ place, question: "Far?", answerKey: "acme/far", vector: Float32Array.of(1, 1) });
      add({ place, question: "Near?", answerKey: "acme/near", vector: Float32Array.of(2, 0.1) });
      add({ place, question: "Not?", answerKey: "acme/not", vector: Float32Array.of(-1, 0) });
      expect(near(place)).toMatchObject([
        { question: "Near?", answerKey: "acme/near" },
        { question: "Far?", answerKey: "acme/far" },
      ]);
      expect(near(place)[1]?.similarity).toBeCloseTo(Math.SQRT1_2, 5);
      expect(near(place, [1, 0], 0.9)).toHaveLength(1);
    });

    it("finds a question by its text, the latest", () => {
      const place = fresh();
      add({ place, question: "What IS it", answerKey: "acme/t1" });
      add({ place, question: "What is it?", answerKey: "acme/t2" });
      expect(under.store.sameText(place, "what is it")).toMatchObject({
        answerKey: "acme/t2",
        similarity: 1,
      });
      expect(under.store.sameText(place, "what is that")).toBeUndefined();
      under.store.remove("acme/t2");
      expect(under.store.sameText(place, "what is it")).toBeUndefined();
      expect(near(place)).toMatchObject([{ answerKey: "acme/t1" }]);
    });

    it("holds tenants and scopes apart", () => {
      const place = fresh();
      add({ place, answerKey: "acme/apart" });
      for (const other of [fresh(), { ...place, tenantId: "other" }, { ...place, tenantId: "acm" }]) {
        expect(near(other)).toEqual([]);
        expect(under.store.sameText(other, "what is it")).toBeUndefined();
      }
    });

    it("replaces the entry of an answer", () => {
      const place = fresh();
      add({ place, question: "Old?", answerKey: "acme/again" });
      add({ place, question: "New?", answerKey: "acme/again", vector: Float32Array.of(0, 1) });
      expect(near(place)).toEqual([]);
      expect(near(place, [0, 1])).toMatchObject([{ question: "New?" }]);
      expect(under.store.sameText(place, "old")).toBeUndefined();
      expect(under.store.sameText(place, "new")).toBeDefined();
    });

    it("forgets what has expired", () => {
      const place = fresh();
      add({ place, answerKey: "acme/short", expiresAtMs: under.nowMs() + 5_000 });
      expect(near(place)).toHaveLength(1);
      under.advance(5_000);
      expect(near(place)).toEqual([]);
      expect(under.store.sameText(place, "what is it")).toBeUndefined();
    });

    it("leaves out what cannot be compared", () => {
      const place = fresh();
      add({ place, answerKey: "acme/ok" });
      for (const vector of [Float32Array.of(Number.NaN, 1), Float32Array.of(), Float32Array.of(1, 2, 3)]) {
        add({ place, answerKey: "acme/bad", vector });
      }
      add({ place, answerKey: "acme/bad", expiresAtMs: under.nowMs() });
      expect(near(place).map(({ answerKey }) => answerKey)).toEqual(["acme/ok"]);
      expect(near(place, [Number.NaN, 1])).toEqual([]);
    });

    it("keeps no more than it may, those that were used last", () => {
      const place = fresh();
      for (let at = 0; at < 8; at += 1) add({ place, question: `Q${at}?`, answerKey: `acme/f${at}` });
      under.store.touch("acme/f0");
      add({ place, question: "More?", answerKey: "acme/more" });
      const keys = under.store
        .nearest(place, [1, 0], { count: 20, atLeast: 0.5 })
        .map(({ answerKey }) => answerKey);
      expect(keys).toHaveLength(8);
      expect(keys).toContain("acme/f0");
      expect(keys).toContain("acme/more");
      expect(keys).not.toContain("acme/f1");
      expect(under.store.sameText(place, "q1")).toBeUndefined();
    });

    it("does nothing for an answer that it does not know", () => {
      under.store.remove("acme/unknown");
      under.store.touch("acme/unknown");
      expect(under.store.problems()).toEqual([]);
    });
  });
}
