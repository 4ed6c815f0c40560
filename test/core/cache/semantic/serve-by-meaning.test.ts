import { describe, expect, it } from "vitest";
import type { CallOptions } from "../../../../src/core/call.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import { collect, errorOf, textOf } from "../../../support/chat-scripts.ts";
import { principalOfRole } from "../../../support/principals.ts";
import { turn } from "../../../support/turn.ts";
import {
  asking,
  control,
  embeddingNanos,
  meaningGateway,
  price,
  question,
  reworded,
} from "./meaning-gateway.ts";

const answerNanos = 5n * 2_000n + 10_000n;

describe("a call whose exact key has missed", () => {
  it("is given the answer to another question of the same meaning, and says whose it is", async () => {
    const { ask, provider, settled, ledger } = meaningGateway();
    const first = await ask(question);
    expect(first).toMatchObject({ heard: "Paris", status: "miss" });
    const { heard, status, meta, id } = await ask(reworded);
    expect({ heard, status }).toEqual({ heard: "Paris", status: "semantic" });
    expect(meta).toMatchObject({ provider: "p", model: "m", attempts: 0, costNanos: embeddingNanos });
    expect(provider.calls).toHaveLength(1);
    expect(settled(id)).toMatchObject({
      status: "ok",
      provider: "p",
      model: "m",
      modelServed: "scripted-1",
      cacheStatus: "semantic",
      answeredFrom: first.id,
      savedNanos: answerNanos,
      attempts: 0,
      costNanos: embeddingNanos,
      usage: { input: { total: 7 } },
    });
    expect(ledger.attempts.filter(({ callId }) => callId === id)).toMatchObject([
      { number: 1, reason: "semantic", provider: "p", model: "e", modelServed: "letters-1", status: "ok" },
    ]);
  });

  it("has the embedding on its record beside the answer that it pays for", async () => {
    const { ask, settled, ledger } = meaningGateway();
    const { id, meta } = await ask(question);
    const attempts = ledger.attempts.filter(({ callId }) => callId === id);
    expect(attempts).toMatchObject([
      { number: 1, reason: "semantic", costNanos: embeddingNanos, priceVersion: price.version },
      { number: 2, reason: "primary", costNanos: answerNanos },
    ]);
    expect(meta).toMatchObject({ attempts: 1, costNanos: embeddingNanos + answerNanos });
    expect(settled(id)).toMatchObject({
      attempts: 1,
      provider: "p",
      model: "m",
      costNanos: attempts.reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), 0n),
      usage: { input: { total: 5 + 7 }, output: { total: 1 } },
    });
    expect(settled(id)?.savedNanos).toBeUndefined();
  });

  it("asks for a vector of a question, both times", async () => {
    const { ask, provider } = meaningGateway();
    await ask(question);
    await ask(reworded);
    expect(provider.embedCalls.map(({ request }) => request)).toEqual([
      { model: "e", inputs: [question], purpose: "query" },
      { model: "e", inputs: [reworded], purpose: "query" },
    ]);
    expect(provider.embedCalls[0]?.context).toMatchObject({ model: "e", delivery: "unary" });
  });

  it("asks for none where the exact key hits, or the text differs in its form alone", async () => {
    const { ask, provider } = meaningGateway();
    await ask(question);
    expect(await ask(question)).toMatchObject({ status: "hit", heard: "Paris" });
    expect(await ask(` what is the  capital of france `)).toMatchObject({
      status: "semantic",
      heard: "Paris",
      meta: { costNanos: 0n },
    });
    expect(provider.embedCalls).toHaveLength(1);
  });

  it("is given it as a stream where it asks for one, and counts as a hit", async () => {
    const { ask, gateway } = meaningGateway();
    await ask(question);
    const reply = await gateway.stream(asking(reworded));
    expect(reply.meta.cacheStatus).toBe("semantic");
    const { events, error } = await collect(reply.events);
    expect(error).toBeUndefined();
    expect(textOf(events)).toBe("Paris");
    expect(events[0]).toMatchObject({ type: "started", id: reply.meta.requestId, provider: "p" });
    await turn();
    expect(gateway.metrics()).toMatchObject({ total_requests: 2, cache_hits: 1, cache_hit_rate_percent: 50 });
  });

  it("streams what it pays for, and that serves others", async () => {
    const { ask, gateway } = meaningGateway();
    const { events } = await collect((await gateway.stream(asking(question))).events);
    expect(textOf(events)).toBe("Paris");
    expect(await ask(reworded)).toMatchObject({ heard: "Paris", status: "semantic" });
  });

  it.each([
    ["another name", "What is the capital of Franconia?"],
    ["a number", "What is the 2nd capital of France?"],
    ["a negation", "What is not the capital of France?"],
    ["what is not near enough", "Hi! Could you please tell me the capital of France?"],
  ])("is answered for itself where it asks for %s", async (_, other) => {
    const { ask, provider } = meaningGateway();
    await ask(question);
    expect(await ask(other)).toMatchObject({ heard: "Rome", status: "miss" });
    expect(provider.calls).toHaveLength(2);
  });

  it.each<[string, Partial<ChatRequest>, Partial<CallOptions>]>([
    ["tenant", {}, { principal: principalOfRole("developer", "other") }],
    [
      "system prompt",
      {
        messages: [
          { role: "system", parts: [{ type: "text", text: "Be long." }] },
          ...asking(reworded).messages.slice(1),
        ],
      },
      {},
    ],
    ["conversation", { messages: [...asking("Hi").messages, ...asking(reworded).messages.slice(1)] }, {}],
    ["tools", { tools: [{ name: "look", parameters: { type: "object" } }] }, {}],
    ["format", { responseFormat: { type: "json" } }, {}],
    ["temperature", { sampling: { temperature: 0.5 } }, {}],
    ["length", { maxOutputTokens: 9 }, {}],
    ["route", { model: "spare" }, {}],
    ["model", { model: "p/other" }, {}],
    ["strategy", { model: "auto" }, {}],
  ])("is never given the answer that was made under another %s", async (_, more, options) => {
    const { ask } = meaningGateway();
    await ask(question);
    expect(await ask(reworded, more, options)).toMatchObject({ heard: "Rome", status: "miss" });
  });

  it("shares no answer that ends with an image, or a long question", async () => {
    const { ask, provider } = meaningGateway();
    const image = { type: "image", source: { url: "https://a.example/b.png" } } as const;
    const messages: ChatRequest["messages"] = [
      { role: "user", parts: [{ type: "text", text: "What?" }, image] },
    ];
    await ask("", { messages });
    await ask("a".repeat(2_001));
    expect(provider.embedCalls).toEqual([]);
  });

  it("asks for no vector on a route that does not say so, or of other operations", async () => {
    const { ask, provider } = meaningGateway({ routePolicy: { cache: { mode: "all" } } });
    await ask(question);
    await ask(reworded);
    expect(provider.calls).toHaveLength(2);
    expect(provider.embedCalls).toEqual([]);
    const { gateway, provider: other } = meaningGateway();
    await gateway.embed({ model: "default", inputs: ["a"] });
    await gateway.embed({ model: "default", inputs: ["a"] });
    expect(other.embedCalls).toHaveLength(1);
  });
});

describe("what a call says of the cache", () => {
  it("asks nobody for only-if-cached, the embedder neither", async () => {
    const { ask, provider } = meaningGateway();
    await ask(question);
    const error = await errorOf(ask(reworded, {}, control({ mode: "only_if_cached" })));
    expect(error.code).toBe("not_found");
    expect(provider.embedCalls).toHaveLength(1);
  });

  it.each(["no_cache", "no_store"] as const)("is heeded: %s", async (mode) => {
    const { ask, provider } = meaningGateway();
    await ask(question);
    expect(await ask(reworded, {}, control({ mode }))).toMatchObject({ heard: "Rome" });
    expect(provider.embedCalls).toHaveLength(1);
  });

  it("is heeded: none older than it wants, also of calls at the same time", async () => {
    const { ask, clock } = meaningGateway();
    await ask(question);
    clock.advance(60_000);
    const young = ask(reworded, {}, control({ maxAgeSeconds: 30 }));
    const any = ask(reworded);
    expect(await young).toMatchObject({ heard: "Rome", status: "miss" });
    expect(await any).toMatchObject({ heard: "Paris", status: "semantic" });
  });

  it("no answer serves longer than the route lets it", async () => {
    const { ask, clock } = meaningGateway({ policy: { ttlSeconds: 10 } });
    await ask(question);
    clock.advance(9_999);
    expect(await ask(reworded)).toMatchObject({ status: "semantic" });
    clock.advance(1);
    expect(await ask(reworded)).toMatchObject({ status: "miss", heard: "Rome" });
  });
});

describe("equal calls at the same time", () => {
  it("look once, and all are given what was found, saved from the call that paid for it", async () => {
    const { ask, provider, settled, openCalls, clock } = meaningGateway();
    const first = await ask(question);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(reworded)));
    expect(answers.map(({ heard, status }) => `${status}: ${heard}`)).toEqual(
      Array.from({ length: 20 }, () => "semantic: Paris"),
    );
    expect(provider.embedCalls).toHaveLength(2);
    const records = answers.map(({ id }) => settled(id));
    for (const record of records) {
      expect(record).toMatchObject({ answeredFrom: first.id, savedNanos: answerNanos });
    }
    expect(records.filter((record) => record?.costNanos !== 0n)).toHaveLength(1);
    expect(openCalls.all()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("go on without the one that looks, where its caller leaves", async () => {
    const { ask, clock, provider, openCalls } = meaningGateway({ embedding: () => new Promise(() => {}) });
    const caller = new AbortController();
    const leader = errorOf(ask(question, {}, { signal: caller.signal }));
    const follower = ask(question);
    await turn();
    caller.abort();
    expect((await leader).code).toBe("cancelled");
    clock.advance(300);
    expect(await follower).toMatchObject({ heard: "Paris", status: "hit" });
    expect(provider.embedCalls).toHaveLength(1);
    expect(openCalls.all()).toEqual([]);
  });

  it("share the answer where none was found", async () => {
    const { ask, provider } = meaningGateway();
    const answers = await Promise.all([ask(question), ask(question)]);
    expect(answers.map(({ heard }) => heard)).toEqual(["Paris", "Paris"]);
    expect(provider.calls).toHaveLength(1);
    expect(provider.embedCalls).toHaveLength(1);
  });
});
