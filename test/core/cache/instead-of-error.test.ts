import { describe, expect, it } from "vitest";
import type { ChatReply } from "../../../src/core/chat/gather.ts";
import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RoutePolicy } from "../../../src/core/snapshot.ts";
import {
  collect,
  delta,
  errorOf,
  failing,
  refusing,
  request,
  started,
  textOf,
  textStarted,
} from "../../support/chat-scripts.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { asked, cachingGateway, costOf, settledOf } from "./caching-gateway.ts";

const textIn = ({ parts }: ChatReply): string =>
  parts.map((part) => ("text" in part ? part.text : "")).join("");

const sorry = "Nobody can answer now.";

function failingLater(failure: FailureClass, routePolicy: Partial<RoutePolicy>) {
  const provider = createScriptedProvider(textScript("kept once"), refusing(failure));
  return cachingGateway({ providers: { first: provider }, routePolicy });
}

const stale = { cache: { staleIfErrorSeconds: 60 } };

describe("where every provider failed", () => {
  it("a kept answer past its time is given, and marked everywhere", async () => {
    const made = failingLater("unavailable", stale);
    const first = await made.gateway.chat(asked);
    made.clock.advance(3_600_000);
    const reply = await made.gateway.chat(asked);
    expect(textIn(reply)).toBe("kept once");
    expect(reply.meta).toMatchObject({
      cacheStatus: "stale",
      degraded: "stale_answer",
      attempts: 1,
      costNanos: 0n,
      provider: "first",
    });
    expect(settledOf(made, reply.id)).toMatchObject({
      status: "ok",
      errorCode: "all_providers_failed",
      cacheStatus: "stale",
      attempts: 1,
      costNanos: 0n,
      savedNanos: costOf(2),
      answeredFrom: first.id,
      provider: "first",
      modelServed: "scripted-1",
      finishReason: "stop",
    });
    made.expectNothingHeld();
  });

  it("a kept answer past its time is given to each of a flight, and as a stream", async () => {
    const made = failingLater("unavailable", stale);
    await made.gateway.chat(asked);
    made.clock.advance(3_600_000);
    const replies = await Promise.all([1, 2, 3].map(() => made.gateway.stream(asked)));
    for (const { meta, events } of replies) {
      const { events: read } = await collect(events);
      expect(textOf(read)).toBe("kept once");
      expect(read[0]).toMatchObject({ id: meta.requestId, meta: { degraded: "stale_answer" } });
      expect(read.at(-1)).toMatchObject({ meta: { degraded: "stale_answer", cacheStatus: "stale" } });
    }
    expect(made.ledger.settled.slice(1).map(({ attempts }) => attempts)).toEqual([1, 0, 0]);
    made.expectNothingHeld();
  });

  it("a kept answer is given no longer than its route says, nor one that is older than is wanted", async () => {
    const made = failingLater("unavailable", stale);
    await made.gateway.chat(asked);
    made.clock.advance(3_659_999);
    const older = { cacheControl: { mode: "default", maxAgeSeconds: 3_659 } as const };
    expect((await errorOf(made.gateway.chat(asked, older))).code).toBe("all_providers_failed");
    expect((await made.gateway.chat(asked)).meta.cacheStatus).toBe("stale");
    made.clock.advance(1);
    expect((await errorOf(made.gateway.chat(asked))).code).toBe("all_providers_failed");
    made.expectNothingHeld();
  });

  it.each([{ mode: "no_cache" }, { mode: "only_if_cached" }] as const)(
    "no kept answer past its time is given to a call that says %o",
    async (cacheControl) => {
      const made = failingLater("unavailable", stale);
      await made.gateway.chat(asked);
      made.clock.advance(3_600_000);
      const error = await errorOf(made.gateway.chat(asked, { cacheControl }));
      expect(error.code).toBe(cacheControl.mode === "no_cache" ? "all_providers_failed" : "not_found");
      made.expectNothingHeld();
    },
  );

  it.each([
    ["that the cache has a part in", asked, "miss"],
    ["that it has none in", request, "bypass"],
  ])("the route's message answers a call %s", async (_, chat, cacheStatus) => {
    const made = cachingGateway({
      providers: { first: createScriptedProvider(refusing("unavailable")) },
      routePolicy: { fallbackMessage: sorry },
    });
    const reply = await made.gateway.chat(chat);
    expect(textIn(reply)).toBe(sorry);
    expect(reply).toMatchObject({
      finishReason: "stop",
      usage: undefined,
      meta: { degraded: "fallback_message", cacheStatus, attempts: 1, provider: "sluice" },
    });
    expect(settledOf(made, reply.id)).toMatchObject({
      status: "ok",
      errorCode: "all_providers_failed",
      provider: "sluice",
      model: "fallback-message",
      savedNanos: undefined,
      answeredFrom: undefined,
    });
    const { events } = await collect((await made.gateway.stream(chat)).events);
    expect(textOf(events)).toBe(sorry);
    expect(made.memory.size).toBe(0);
    made.expectNothingHeld();
  });

  it("the route's message is nobody's answer for those who shared the failure", async () => {
    const made = cachingGateway({
      providers: { first: createScriptedProvider(refusing("unavailable")) },
      routePolicy: { fallbackMessage: sorry },
    });
    const replies = await Promise.all([1, 2].map(() => made.gateway.chat(asked)));
    expect(replies.map(textIn)).toEqual([sorry, sorry]);
    expect(made.ledger.settled).toMatchObject([
      { attempts: 1, answeredFrom: undefined },
      { attempts: 0, status: "ok", answeredFrom: undefined, savedNanos: undefined },
    ]);
    made.expectNothingHeld();
  });

  it("an answer past its time comes before the message", async () => {
    const made = failingLater("unavailable", { ...stale, fallbackMessage: sorry });
    await made.gateway.chat(asked);
    made.clock.advance(3_600_000);
    expect(textIn(await made.gateway.chat(asked))).toBe("kept once");
  });

  it("no message stands for vectors", async () => {
    const made = cachingGateway({
      providers: { first: createScriptedEmbedder(() => Promise.reject(failing("unavailable"))) },
      routePolicy: { fallbackMessage: sorry },
    });
    expect((await errorOf(made.gateway.embed({ inputs: ["a"] }))).code).toBe("all_providers_failed");
    made.expectNothingHeld();
  });
});

describe("nothing stands in for", () => {
  it("another error", async () => {
    const made = failingLater("caller_fault", { ...stale, fallbackMessage: sorry });
    await made.gateway.chat(asked);
    made.clock.advance(3_600_000);
    expect((await errorOf(made.gateway.chat(asked))).code).toBe("invalid_request");
    made.expectNothingHeld();
  });

  it("the end of a call that was left, or was too late", async () => {
    const provider = createScriptedProvider({ steps: ["hang"] });
    const made = cachingGateway({
      providers: { first: provider },
      routePolicy: { fallbackMessage: sorry },
      callTimeoutMs: 1_000,
    });
    const caller = new AbortController();
    const left = errorOf(made.gateway.chat(asked, { signal: caller.signal }));
    caller.abort();
    expect((await left).code).toBe("cancelled");
    const late = errorOf(made.gateway.chat(asked));
    made.clock.advance(1_000);
    expect((await late).code).toBe("deadline_exceeded");
    made.expectNothingHeld();
  });

  it("the rest of an answer that broke off", async () => {
    const provider = createScriptedProvider({
      steps: [started, textStarted, delta("half "), failing("unavailable")],
    });
    const made = cachingGateway({
      providers: { first: provider },
      routePolicy: { fallbackMessage: sorry },
    });
    const { events, error } = await collect((await made.gateway.stream(asked)).events);
    expect([textOf(events), error]).toMatchObject(["half ", { code: "all_providers_failed" }]);
    made.expectNothingHeld();
  });
});
