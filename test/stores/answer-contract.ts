// What every store of answers does, whatever keeps it.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnswerCache, CachedAnswer } from "../../src/core/cache/answer-cache.ts";
import { anyAnswer, answerOf } from "../support/kept-answers.ts";
import type { WallClock } from "../support/wall-clock.ts";

export interface AnswersUnderTest {
  /** With room for 1000 answers, and for one of 16 MiB. */
  readonly cache: AnswerCache;
  /** The one that the store reads. */
  readonly clock: WallClock;
  close(): Promise<void>;
}

const hourMs = 3_600_000;
const mebibyte = 1_048_576;

let keys = 0;
/** One that no other test has. */
const freshKey = (tenant = "acme"): string => `${tenant}/${++keys}`;

export function answerContract(name: string, create: () => Promise<AnswersUnderTest>): void {
  describe(name, () => {
    let under: AnswersUnderTest;
    const found = async (key: string): Promise<CachedAnswer | undefined> => under.cache.find(key);
    const answerNow = (text: string, more: Partial<CachedAnswer> = {}): CachedAnswer =>
      answerOf(text, under.clock.epochMs(), more);
    beforeAll(async () => {
      under = await create();
    });
    afterAll(() => under.close());

    it("have nothing that was not put", async () => {
      expect(await found(freshKey())).toBeUndefined();
    });

    it("give back every member of what was put", async () => {
      await fc.assert(
        fc.asyncProperty(anyAnswer, async (any) => {
          const { storedAtMs, freshUntilMs, staleUntilMs } = answerNow("");
          const answer = { ...any, storedAtMs, freshUntilMs, staleUntilMs, bytes: any.bytes % mebibyte };
          const key = freshKey();
          under.cache.put(key, answer);
          expect(await found(key)).toEqual(answer);
        }),
        { numRuns: 50 },
      );
    });

    it("give back what was put last", async () => {
      const key = freshKey();
      under.cache.put(key, answerNow("first"));
      expect(await found(key)).toEqual(answerNow("first"));
      under.cache.put(key, answerNow("second"));
      expect(await found(key)).toEqual(answerNow("second"));
    });

    it("give vectors as arrays of floats", async () => {
      const key = freshKey();
      const vectors = [new Float32Array([0.1, -2, 4e-20])];
      under.cache.put(key, answerNow("", { operation: "embed", events: [{ type: "embedded", vectors }] }));
      expect((await found(key))?.events).toStrictEqual([{ type: "embedded", vectors }]);
    });

    it("serve past their freshness until their end, and no longer", async () => {
      const key = freshKey();
      const nowMs = under.clock.epochMs();
      under.cache.put(key, answerNow("", { freshUntilMs: nowMs + hourMs, staleUntilMs: nowMs + 2 * hourMs }));
      under.clock.advance(2 * hourMs - 1);
      expect(await found(key)).toBeDefined();
      under.clock.advance(1);
      expect(await found(key)).toBeUndefined();
    });

    it("do not serve after a clock was set forward to their end", async () => {
      const key = freshKey();
      under.cache.put(key, answerNow(""));
      under.clock.jump(hourMs);
      expect(await found(key)).toBeUndefined();
      under.clock.jump(-hourMs);
    });

    it("do not serve while the clock is over a minute before they were kept", async () => {
      const key = freshKey();
      under.cache.put(key, answerNow(""));
      under.clock.jump(-60_000);
      expect(await found(key)).toBeDefined();
      under.clock.jump(-1);
      expect(await found(key)).toBeUndefined();
      under.clock.jump(60_001);
    });

    it("keep nothing whose time is over or yet to come, nor what was there before it", async () => {
      const nowMs = under.clock.epochMs();
      for (const times of [
        { storedAtMs: nowMs - 1, freshUntilMs: nowMs, staleUntilMs: nowMs },
        { storedAtMs: nowMs + 60_001 },
      ]) {
        const key = freshKey();
        under.cache.put(key, answerNow("before"));
        under.cache.put(key, answerNow("now", times));
        expect(await found(key)).toBeUndefined();
      }
    });

    it("answer a hundred at a time, each with its own", async () => {
      const all = Array.from({ length: 100 }, (_, n) => ({ key: freshKey(), answer: answerNow(`${n}`) }));
      const asked = await Promise.all(
        all.map(async ({ key, answer }) => {
          under.cache.put(key, answer);
          return found(key);
        }),
      );
      expect(asked).toEqual(all.map(({ answer }) => answer));
      expect(await Promise.all(all.map(({ key }) => found(key)))).toEqual(asked);
    });

    it("keep an answer of 10 MiB", async () => {
      const key = freshKey();
      const answer = answerNow("x".repeat(10 * mebibyte), { bytes: 10 * mebibyte });
      under.cache.put(key, answer);
      // Such texts are not for an assertion to show.
      const events = JSON.stringify((await found(key))?.events);
      expect(events === JSON.stringify(answer.events)).toBe(true);
    });

    it("keep keys apart that are almost equal", async () => {
      const long = `acme/${"k".repeat(1_024 - 6)}`;
      const near = [
        "acme/1",
        "acme/1 ",
        "acme/1\n",
        "acme/1\0",
        "acme//1",
        "Acme/1",
        "acm/e1",
        "acme-2/1",
        "acme",
        "acme/\r\nFLUSHALL\r\n",
        "acme/é",
        "acme/e\u0301",
        "acme/\ud800",
        "acme/\ud801",
        "acme/\ufffd",
        "",
        "{acme}/1",
        "__proto__",
        `${long}a`,
        `${long}b`,
      ];
      for (const [n, key] of near.entries()) {
        under.cache.put(key, answerNow(`of ${n}`));
        expect(await found(key)).toEqual(answerNow(`of ${n}`));
        for (const other of near.slice(n + 1)) expect(await found(other)).toBeUndefined();
      }
      // Not all of them can be told apart in every store; none is given another's.
      for (const [n, key] of near.entries()) {
        expect([undefined, `of ${n}`]).toContain(textIn(await found(key)));
      }
    });

    it("never give one tenant another's", async () => {
      const aKey = fc.string({ unit: "binary", maxLength: 20 });
      const slug = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
      await fc.assert(
        fc.asyncProperty(slug, slug, aKey, aKey, async (one, other, rest, otherRest) => {
          fc.pre(one !== other);
          const [key, otherKey] = [`${one}/${++keys}${rest}`, `${other}/${keys}${otherRest}`];
          under.cache.put(key, answerNow("mine"));
          expect(await found(otherKey)).toBeUndefined();
          expect(await found(`${other}/${keys}${rest}`)).toBeUndefined();
        }),
        { numRuns: 50 },
      );
    });

    it("have nothing to complain of", () => {
      expect(under.cache.problems()).toEqual([]);
    });

    it("have nothing once they are closed", async () => {
      const closed = await create();
      const key = freshKey();
      const answer = answerOf("", closed.clock.epochMs());
      closed.cache.put(key, answer);
      await closed.cache.close();
      expect(await closed.cache.find(key)).toBeUndefined();
      closed.cache.put(key, answer);
      expect(await closed.cache.find(key)).toBeUndefined();
      await closed.close();
    });
  });
}

const textIn = (answer: CachedAnswer | undefined): unknown =>
  answer === undefined
    ? undefined
    : Object.entries(answer.events[0] ?? {}).find(([name]) => name === "text")?.[1];
