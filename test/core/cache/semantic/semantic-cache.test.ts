import { describe, expect, it } from "vitest";
import type { AnswerCache, CachedAnswer } from "../../../../src/core/cache/answer-cache.ts";
import {
  createSemanticCache,
  type SemanticCall,
} from "../../../../src/core/cache/semantic/semantic-cache.ts";
import type { SemanticPolicy } from "../../../../src/core/cache/semantic/semantic-policy.ts";
import { createMemorySemantics } from "../../../../src/stores/memory/memory-semantics.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const serving: SemanticPolicy = {
  embedding: { provider: "p", model: "m" },
  threshold: 0.95,
  mode: "serve",
};
const shadowing: SemanticPolicy = { ...serving, mode: "shadow" };

/** By the letters in a text: near for near texts, equal for anagrams. */
function lettersOf(text: string): Float32Array {
  const vector = new Float32Array(26);
  for (const letter of text.toLowerCase()) {
    const at = letter.charCodeAt(0) - 97;
    if (at >= 0 && at < 26) vector[at] = (vector[at] ?? 0) + 1;
  }
  return vector;
}

function openCache() {
  const clock = createManualClock();
  const kept = new Map<string, CachedAnswer>();
  let problems: readonly string[] = [];
  const answers: AnswerCache = {
    find: (key) => kept.get(key),
    put: (key, answer) => void kept.set(key, answer),
    problems: () => problems,
    close: () => Promise.resolve(),
  };
  const store = createMemorySemantics({ clock });
  const cache = createSemanticCache({ store, answers, clock, digest: (text) => text });
  let embedded = 0;
  const callOf = (
    question: string,
    more: Partial<SemanticCall> & { readonly scope?: string } = {},
  ): SemanticCall => ({
    tenantId: "acme",
    route: "default",
    asked: { scope: more.scope ?? "s", question },
    policy: serving,
    embed: (text) => {
      embedded += 1;
      return Promise.resolve(lettersOf(text));
    },
    ...more,
  });
  const answerOf = (id: string): CachedAnswer => ({
    operation: "chat",
    events: [],
    provider: "p",
    model: "m",
    losses: [],
    costNanos: null,
    requestId: id,
    storedAtMs: clock.epochMs(),
    freshUntilMs: clock.epochMs() + 60_000,
    staleUntilMs: clock.epochMs() + 600_000,
    bytes: 100,
  });
  /** As a call does that missed: its answer is kept under `acme/<id>`. */
  async function learn(id: string, question: string, more: Parameters<typeof callOf>[1] = {}) {
    const call = callOf(question, more);
    const lookUp = await cache.lookUp(call);
    const answerKey = `${call.tenantId}/${id}`;
    answers.put(answerKey, answerOf(id));
    cache.note(lookUp, { answerKey, freshUntilMs: clock.epochMs() + 60_000 });
    return lookUp;
  }
  const servedFor = async (question: string, more: Parameters<typeof callOf>[1] = {}) =>
    (await cache.lookUp(callOf(question, more))).serve?.answer.requestId;
  return {
    clock,
    kept,
    store,
    cache,
    callOf,
    learn,
    servedFor,
    embedded: () => embedded,
    fail: (problem: string) => {
      problems = [problem];
    },
  };
}

const question = "What is the capital of France?";

describe("the semantic cache", () => {
  it("serves the answer of a question that is worded otherwise", async () => {
    const { learn, cache, callOf } = openCache();
    expect((await learn("1", question)).serve).toBeUndefined();
    const { serve, shadow } = await cache.lookUp(callOf("What's the capital of France"));
    expect(serve).toMatchObject({ answerKey: "acme/1", answer: { requestId: "1" } });
    expect(serve?.similarity).toBeGreaterThan(0.95);
    expect(shadow).toBeUndefined();
  });

  it("asks for no vector where the text is the same but for its form", async () => {
    const { learn, servedFor, embedded } = openCache();
    await learn("1", question);
    expect(embedded()).toBe(1);
    expect(await servedFor("  what is the capital\tof FRANCE ")).toBe("1");
    expect(embedded()).toBe(1);
  });

  it.each<[string, string, Parameters<ReturnType<typeof openCache>["callOf"]>[1]]>([
    ["another tenant", question, { tenantId: "other" }],
    ["another scope", question, { scope: "t" }],
    [
      "another embedding model",
      question,
      { policy: { ...serving, embedding: { provider: "p", model: "n" } } },
    ],
    ["another name", "What is the capital of Franconia?", {}],
    ["a number", "What is the 2nd capital of France?", {}],
    ["a negation", "What is not the capital of France?", {}],
    ["the same letters in other words", "What is the capital of Cfaren?", {}],
  ])("serves nothing for %s", async (_, asked, more) => {
    const { learn, servedFor } = openCache();
    await learn("1", question);
    expect(await servedFor(asked, more)).toBeUndefined();
  });

  it("serves nothing below the threshold", async () => {
    const { learn, servedFor } = openCache();
    await learn("1", question);
    const reworded = "Hi! Could you please tell me the capital of France?";
    expect(await servedFor(reworded)).toBeUndefined();
    expect(await servedFor(reworded, { policy: { ...serving, threshold: 0.5 } })).toBe("1");
  });

  it("goes on to the next nearest where the nearest is refused", async () => {
    const { learn, servedFor } = openCache();
    await learn("1", "What's the capital of France");
    await learn("2", "What is the capital of Cfaren?");
    expect(await servedFor(question)).toBe("1");
  });

  it("forgets a question whose answer is gone", async () => {
    const { learn, servedFor, kept, store } = openCache();
    await learn("1", question);
    kept.delete("acme/1");
    expect(await servedFor(question)).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it("keeps it where the answer cannot be asked for", async () => {
    const { learn, servedFor, kept, store, fail } = openCache();
    await learn("1", question);
    kept.delete("acme/1");
    fail("Redis does not answer.");
    expect(await servedFor(question)).toBeUndefined();
    expect(store.size).toBe(1);
  });

  it("serves no stale answer, and none longer than the policy says", async () => {
    const { learn, servedFor, kept, clock } = openCache();
    const policy = { ...serving, ttlSeconds: 10 };
    await learn("1", question, { policy });
    clock.advance(9_999);
    expect(await servedFor(question, { policy })).toBe("1");
    clock.advance(1);
    expect(await servedFor(question, { policy })).toBeUndefined();
    await learn("2", question);
    const answer = kept.get("acme/2");
    if (answer !== undefined) kept.set("acme/2", { ...answer, freshUntilMs: clock.epochMs() });
    expect(await servedFor(question)).toBeUndefined();
  });

  it("costs a call no longer than the time for embedding", async () => {
    const { cache, callOf, clock, store } = openCache();
    const looking = cache.lookUp(callOf(question, { embed: () => new Promise(() => {}) }));
    clock.advance(300);
    const lookUp = await looking;
    expect(lookUp).toMatchObject({ serve: undefined, vector: undefined });
    cache.note(lookUp, { answerKey: "acme/1", freshUntilMs: clock.epochMs() + 1_000 });
    expect(store.size).toBe(0);
    expect(cache.report().routes).toMatchObject([{ lookUps: 1, withoutVector: 1 }]);
  });

  it("notes no vector that cannot be compared", async () => {
    const { learn, store } = openCache();
    await learn("1", question, { embed: () => Promise.resolve([Number.NaN]) });
    await learn("2", question, { embed: () => Promise.resolve([]) });
    await learn("3", question, { policy: { ...serving, ttlSeconds: 0 } });
    expect(store.size).toBe(0);
  });
});

describe("the semantic cache in shadow mode", () => {
  it("serves nothing, and says what it would have", async () => {
    const { learn, cache, callOf } = openCache();
    await learn("1", question, { policy: shadowing });
    const lookUp = await cache.lookUp(callOf("What's the capital of France", { policy: shadowing }));
    expect(lookUp.serve).toBeUndefined();
    expect(lookUp.shadow).toMatchObject({ answerKey: "acme/1" });
    cache.compare(lookUp, { requestId: "id-2", given: "Paris", wouldHaveServed: "Rome" });
    const [route] = cache.report().routes;
    expect(route).toMatchObject({
      route: "default",
      lookUps: 2,
      served: 0,
      wouldServe: 1,
      hitRatePercent: 50,
    });
    expect(route?.disagreeing).toEqual(["id-2"]);
    const band = route?.bands.find(({ wouldHit }) => wouldHit > 0);
    expect(band).toMatchObject({ wouldHit: 1, agreed: 0, disagreed: 1 });
    expect(band?.from).toBeGreaterThanOrEqual(0.95);
  });

  it("gathers evidence below the threshold, and why guards refused", async () => {
    const { learn, cache, callOf } = openCache();
    await learn("1", question, { policy: shadowing });
    const reworded = "Hi, please tell me what the capital of France is";
    const { shadow } = await cache.lookUp(callOf(reworded, { policy: shadowing }));
    expect(shadow?.similarity).toBeLessThan(0.95);
    await cache.lookUp(callOf("What isn't the capital of France?", { policy: shadowing }));
    const [route] = cache.report().routes;
    expect(route?.wouldServe).toBe(0);
    expect(route?.bands.some(({ from, wouldHit }) => from < 0.95 && wouldHit === 1)).toBe(true);
    expect(route?.bands.some(({ guardRefused }) => guardRefused.negation === 1)).toBe(true);
  });

  it("compares nothing where nothing would have been served", async () => {
    const { learn, cache } = openCache();
    const lookUp = await learn("1", question, { policy: shadowing });
    cache.compare(lookUp, { requestId: "id", given: "a", wouldHaveServed: "b" });
    expect(cache.report().routes[0]?.disagreeing).toEqual([]);
  });
});
