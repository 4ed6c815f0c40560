import { describe, expect, it } from "vitest";
import type { CachePolicy } from "../../../src/core/cache/cache-policy.ts";
import type { CacheControl } from "../../../src/core/call.ts";
import type { ChatReply } from "../../../src/core/chat/gather.ts";
import { collect, errorOf, refusing, textOf } from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { principalOfRole } from "../../support/principals.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { asked, cachingGateway, costOf, settledOf } from "./caching-gateway.ts";

const control = (over: Partial<CacheControl>): { readonly cacheControl: CacheControl } => ({
  cacheControl: { mode: "default", ...over },
});
const onlyIfCached = control({ mode: "only_if_cached" });

/** Answers "answer 1", "answer 2", … so that it is seen which one is given. */
const counting = () =>
  createScriptedProvider(...[1, 2, 3, 4, 5, 6].map((number) => textScript(`answer ${number}`)));

const textIn = ({ parts }: ChatReply): string =>
  parts.map((part) => ("text" in part ? part.text : "")).join("");

function serving(options: Partial<Parameters<typeof cachingGateway>[0]> = {}) {
  const provider = counting();
  const made = cachingGateway({ providers: { first: provider }, ...options });
  const { gateway, expectNothingHeld } = made;
  return {
    ...made,
    provider,
    /** The text and the status. */
    ask: async (over: Partial<CacheControl> = {}, chat = asked): Promise<string> => {
      const reply = await gateway.chat(chat, control(over));
      expectNothingHeld();
      return `${textIn(reply)}: ${reply.meta.cacheStatus}`;
    },
  };
}

describe("a kept answer", () => {
  it("is given to an equal call, which pays nothing and says whose it is", async () => {
    const made = serving();
    const { gateway, clock, provider, expectNothingHeld } = made;
    const first = await gateway.chat(asked);
    clock.advance(1_000);
    const second = await gateway.chat(asked);
    expect(provider.calls).toHaveLength(1);
    expect(second.id).not.toBe(first.id);
    expect(second).toMatchObject({
      provider: "first",
      model: "scripted-1",
      parts: first.parts,
      finishReason: "stop",
      rawReason: "stop",
      usage: first.usage,
      createdAtMs: clock.epochMs(),
      meta: {
        requestId: second.id,
        provider: "first",
        model: "m",
        modelServed: "scripted-1",
        route: "default",
        cacheStatus: "hit",
        attempts: 0,
        costNanos: 0n,
        latencyMs: 0,
      },
    });
    expect(settledOf(made, first.id)).toMatchObject({ cacheStatus: "miss", costNanos: costOf(2) });
    expect(settledOf(made, second.id)).toMatchObject({
      status: "ok",
      errorCode: undefined,
      cacheStatus: "hit",
      route: "default",
      provider: "first",
      model: "m",
      modelServed: "scripted-1",
      finishReason: "stop",
      attempts: 0,
      usage: undefined,
      costNanos: 0n,
      savedNanos: costOf(2),
      answeredFrom: first.id,
      timeToFirstTokenMs: undefined,
      outputChars: 8,
      replyBody: { parts: [{ kind: "text", text: "answer 1" }] },
    });
    expectNothingHeld();
  });

  it("is given as a stream where it came whole, and whole where it was a stream", async () => {
    const made = serving();
    const { gateway, provider, expectNothingHeld } = made;
    const whole = await gateway.chat(asked);
    const { meta, events: streamed } = await gateway.stream(asked);
    const { events } = await collect(streamed);
    expect(meta).toMatchObject({ cacheStatus: "hit", provider: "first", model: "m" });
    expect(events.map((event) => event.type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "usage",
      "finished",
    ]);
    expect(textOf(events)).toBe("answer 1");
    expect(events).toMatchObject(events.map((_, sequence) => ({ sequence })));
    expect(events[0]).toMatchObject({ id: meta.requestId, meta: { cacheStatus: "hit" } });
    expect(events.at(-1)).toMatchObject({ meta: { requestId: meta.requestId, costNanos: 0n } });
    expect(settledOf(made, meta.requestId)).toMatchObject({
      timeToFirstTokenMs: 0,
      answeredFrom: whole.id,
      outputChars: 8,
    });

    const other = { ...asked, maxOutputTokens: 9 };
    await collect((await gateway.stream(other)).events);
    const again = await gateway.chat(other);
    expect([textIn(again), again.meta.cacheStatus]).toEqual(["answer 2", "hit"]);
    expect(provider.calls).toHaveLength(2);
    expectNothingHeld();
  });

  it("serves until its time is over", async () => {
    const { ask, clock } = serving();
    expect(await ask()).toBe("answer 1: miss");
    clock.advance(3_599_999);
    expect(await ask()).toBe("answer 1: hit");
    clock.advance(1);
    expect(await ask()).toBe("answer 2: miss");
  });

  it("is not given, or not kept, as the call says", async () => {
    const { ask, clock } = serving();
    expect(await ask({ mode: "no_store" })).toBe("answer 1: bypass");
    expect(await ask()).toBe("answer 2: miss");
    expect(await ask({ mode: "no_cache" })).toBe("answer 3: bypass");
    expect(await ask()).toBe("answer 3: hit");
    expect(await ask({ mode: "no_store" })).toBe("answer 4: bypass");
    clock.advance(10_000);
    expect(await ask({ maxAgeSeconds: 10 })).toBe("answer 3: hit");
    expect(await ask({ maxAgeSeconds: 9 })).toBe("answer 5: miss");
    expect(await ask({ maxAgeSeconds: 9 })).toBe("answer 5: hit");
    expect(await ask({ ttlSeconds: 0, mode: "no_cache" })).toBe("answer 6: bypass");
    expect(await ask()).toBe("answer 5: hit");
  });

  it("or none is wanted: without one no provider is asked, and the record says so", async () => {
    const { gateway, ask, provider, ledger, expectNothingHeld } = serving();
    const error = await errorOf(gateway.chat(asked, onlyIfCached));
    expect(error).toMatchObject({ code: "not_found", meta: { cacheStatus: "miss" } });
    expect(error.message).toContain("only-if-cached");
    expect((await errorOf(gateway.stream(asked, onlyIfCached))).code).toBe("not_found");
    expect(provider.calls).toEqual([]);
    expect(ledger.settled.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["refused", 0],
      ["refused", 0],
    ]);
    expectNothingHeld();
    await ask();
    expect(await ask({ mode: "only_if_cached" })).toBe("answer 1: hit");
  });

  it("or none is wanted is not found of an answer that is under way: it is not kept yet", async () => {
    const { gateway, expectNothingHeld } = serving();
    const underWay = gateway.chat(asked);
    expect((await errorOf(gateway.chat(asked, onlyIfCached))).code).toBe("not_found");
    await underWay;
    expectNothingHeld();
  });

  it.each<[string, CachePolicy | undefined, CachePolicy | undefined, number | undefined, number]>([
    ["its use case", { ttlSeconds: 20 }, { ttlSeconds: 30 }, 40, 20],
    ["its route", undefined, { ttlSeconds: 30 }, 40, 30],
    ["its tenant", undefined, undefined, 40, 40],
    ["the gateway", undefined, undefined, undefined, 3_600],
  ])("serves as long as %s says", async (_, useCase, route, tenant, seconds) => {
    const { gateway, clock } = serving({
      useCases: { greeting: "default" },
      useCaseCaches: useCase === undefined ? {} : { greeting: useCase },
      routePolicy: { cache: route },
    });
    const { grants, ...own } = limitedPrincipal({});
    const principal = {
      ...own,
      grants: grants && { ...grants, tenant: { ...grants.tenant, cacheTtlSeconds: tenant } },
    };
    const statusOf = async () =>
      (await gateway.chat({ ...asked, labels: { use_case: "greeting" } }, { principal })).meta.cacheStatus;
    expect(await statusOf()).toBe("miss");
    clock.advance(seconds * 1_000 - 1);
    expect(await statusOf()).toBe("hit");
    clock.advance(1);
    expect(await statusOf()).toBe("miss");
  });

  it("serves as long as the call says that it was made for", async () => {
    const { ask, clock } = serving();
    expect(await ask({ ttlSeconds: 10 })).toBe("answer 1: miss");
    clock.advance(9_999);
    expect(await ask()).toBe("answer 1: hit");
    clock.advance(1);
    expect(await ask()).toBe("answer 2: miss");
  });

  it("is none of a call that leaves its answer open, unless all are kept or it asks for it", async () => {
    const open = { ...asked, sampling: { temperature: 1 } };
    const { ask } = serving();
    expect(await ask({}, open)).toBe("answer 1: bypass");
    expect(await ask({ ttlSeconds: 60 }, open)).toBe("answer 2: miss");
    expect(await ask({ ttlSeconds: 60 }, open)).toBe("answer 2: hit");
    expect(await ask({}, open)).toBe("answer 3: bypass");
    const all = serving({ cache: { mode: "all", ttlSeconds: 60 } });
    expect(await all.ask({}, open)).toBe("answer 1: miss");
    expect(await all.ask({}, open)).toBe("answer 1: hit");
  });

  it("is none where the cache is off", async () => {
    const { ask, memory } = serving({ cache: { mode: "off", ttlSeconds: 60 } });
    expect(await ask()).toBe("answer 1: bypass");
    expect(await ask({ ttlSeconds: 60 })).toBe("answer 2: bypass");
    expect(memory.size).toBe(0);
  });

  it("still serves while every provider is down", async () => {
    const provider = createScriptedProvider(textScript("kept"), refusing("unavailable"));
    const { gateway, expectNothingHeld } = cachingGateway({ providers: { first: provider } });
    await gateway.chat(asked);
    expect((await errorOf(gateway.chat({ ...asked, maxOutputTokens: 5 }))).code).toBe("all_providers_failed");
    expect(textIn(await gateway.chat(asked))).toBe("kept");
    expect(provider.calls).toHaveLength(2);
    expectNothingHeld();
  });

  it("of a target that answered for another serves later, and says whose it is", async () => {
    const first = createScriptedProvider(refusing("unavailable"), textScript("of the first"));
    const second = createScriptedProvider({
      ...textScript("of the second", { model: "other-1" }),
      losses: [{ field: "sampling.topK", detail: "second has no such setting." }],
    });
    const made = cachingGateway({ providers: { first, second } });
    await made.gateway.chat(asked);
    const reply = await made.gateway.chat(asked);
    expect(textIn(reply)).toBe("of the second");
    expect(reply).toMatchObject({
      provider: "second",
      model: "other-1",
      meta: { provider: "second", model: "m", losses: [{ field: "sampling.topK" }], cacheStatus: "hit" },
    });
    expect(settledOf(made, reply.id)).toMatchObject({
      provider: "second",
      losses: [{ field: "sampling.topK" }],
      savedNanos: costOf(3),
    });
    made.expectNothingHeld();
  });
});

describe("a caller", () => {
  it("is given no answer that was made for another tenant", async () => {
    const { gateway, provider } = serving();
    for (const tenantId of ["acme", "umbrella"]) {
      const reply = await gateway.chat(asked, { principal: principalOfRole("developer", tenantId) });
      expect(reply.meta.cacheStatus).toBe("miss");
    }
    expect(provider.calls).toHaveLength(2);
  });

  it("is given no answer of a model that it may not use", async () => {
    const first = createScriptedProvider(textScript("first"));
    const second = createScriptedProvider(textScript("second"));
    const { gateway, expectNothingHeld } = cachingGateway({ providers: { first, second } });
    const free = limitedPrincipal({});
    const grants = free.grants && {
      ...free.grants,
      tenant: { ...free.grants.tenant, allowedProviders: ["second"] },
    };
    const held = { ...free, grants };
    const askedBy = async (principal: typeof free) => {
      const reply = await gateway.chat(asked, { principal });
      return `${textIn(reply)}: ${reply.meta.cacheStatus}`;
    };
    expect(await askedBy(free)).toBe("first: miss");
    expect(await askedBy(held)).toBe("second: miss");
    expect(await askedBy(held)).toBe("second: hit");
    expect(await askedBy(free)).toBe("first: hit");
    expectNothingHeld();
  });

  it("with a test key has answers apart from those of live ones", async () => {
    const first = createScriptedProvider(textScript("live"));
    const second = createScriptedProvider(textScript("for tests"));
    const { gateway } = cachingGateway({
      providers: { first, second },
      targets: { second: { test: true } },
    });
    const live = principalOfRole("developer", "acme");
    const test = { ...live, environment: "test" as const };
    const textFor = async (principal: typeof live) => textIn(await gateway.chat(asked, { principal }));
    expect(await textFor(test)).toBe("for tests");
    expect(await textFor(live)).toBe("live");
    expect(await textFor(test)).toBe("for tests");
    expect(first.calls).toHaveLength(1);
    expect(second.calls).toHaveLength(1);
  });
});
