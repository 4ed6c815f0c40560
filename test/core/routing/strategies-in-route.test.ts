import { describe, expect, it } from "vitest";
import type { Price } from "../../../src/core/pricing/price.ts";
import type { Provider } from "../../../src/core/provider.ts";
import {
  collect,
  delta,
  errorOf,
  failing,
  refusing,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, type Script, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const ok = textScript("ok");
const priceOf = (inputPicos: bigint): Price => ({ version: "test-1", inputPicos, outputPicos: inputPicos });
const prices = {
  find: ({ provider }: { readonly provider: string }) =>
    priceOf(provider === "dear" ? 9_000_000n : 1_000_000n),
};

describe("a route's strategy", () => {
  it("takes the targets in turn under `round_robin`", async () => {
    const names = ["a", "b", "c"];
    const providers = Object.fromEntries(names.map((name) => [name, createScriptedProvider(ok)]));
    const { gateway, ledger } = createTestGateway({ providers, strategy: "round_robin" });
    for (let i = 0; i < 6; i += 1) await gateway.chat(request);
    expect(ledger.attempts.map(({ provider }) => provider)).toEqual(["a", "b", "c", "a", "b", "c"]);
    expect(ledger.attempts.every(({ reason }) => reason === "primary")).toBe(true);
  });

  it("falls back in the order of the turn", async () => {
    const a = createScriptedProvider(ok);
    const b = createScriptedProvider(refusing("overloaded"));
    const c = createScriptedProvider(ok);
    const { gateway } = createTestGateway({ providers: { a, b, c }, strategy: "round_robin" });
    const answered = [];
    for (let i = 0; i < 3; i += 1) answered.push((await gateway.chat(request)).provider);
    expect(answered).toEqual(["a", "c", "c"]);
  });

  it("takes targets by their weights under `weighted`", async () => {
    const a = createScriptedProvider(ok);
    const b = createScriptedProvider(ok);
    let drawn = 0;
    const { gateway, ledger } = createTestGateway({
      providers: { a, b },
      strategy: "weighted",
      targets: { a: { weight: 1 }, b: { weight: 3 } },
      random: () => (drawn++ % 100) / 100,
    });
    for (let i = 0; i < 200; i += 1) await gateway.chat(request);
    const share = ledger.attempts.filter(({ provider }) => provider === "b").length / 200;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
  });

  it("puts targets that are not ready last, whatever it would say", async () => {
    const dear = createScriptedProvider(ok);
    const cheap = createScriptedProvider(refusing("rate_limited", { retryAfterMs: 60_000 }), ok);
    const { gateway, ledger } = createTestGateway({
      providers: { dear, cheap },
      strategy: "lowest_cost",
      prices,
    });
    await gateway.chat(request);
    expect(ledger.attempts.map(({ provider }) => provider)).toEqual(["cheap", "dear"]);
    await gateway.chat(request);
    // The cheap one asked to wait: it is not even passed over, since the first in order answered.
    expect(ledger.attempts.at(-1)).toMatchObject({ provider: "dear", reason: "primary", number: 1 });
    expect(ledger.attempts.at(-1)?.choice?.candidates.map(({ provider }) => provider)).toEqual(["dear"]);
  });

  it("tells its choice on the first attempt only", async () => {
    const dear = createScriptedProvider(ok);
    const cheap = createScriptedProvider(refusing("unavailable"));
    const { gateway, ledger } = createTestGateway({
      providers: { dear, cheap },
      strategy: "lowest_cost",
      retries: 1,
      prices,
    });
    await gateway.chat(request);
    expect(ledger.attempts.map(({ provider, reason }) => [provider, reason])).toEqual([
      ["cheap", "primary"],
      ["cheap", "retry"],
      ["dear", "fallback"],
    ]);
    const [first, ...others] = ledger.attempts.map(({ choice }) => choice);
    expect(first).toMatchObject({
      strategy: "lowest_cost",
      explored: false,
      candidates: [
        { provider: "cheap", cost: 1 / 9 },
        { provider: "dear", cost: 1 },
      ],
    });
    expect(others).toEqual([undefined, undefined]);
  });

  it("takes the faster target under `least_latency` once both are known", async () => {
    const clock = createManualClock();
    const delayed = (ms: number): Provider => {
      const provider = createScriptedProvider(ok);
      return {
        chat(...asked) {
          clock.advance(ms);
          return provider.chat(...asked);
        },
      };
    };
    const { gateway, ledger } = createTestGateway({
      providers: { slow: delayed(80), fast: delayed(20) },
      strategy: "least_latency",
      clock,
    });
    for (let i = 0; i < 30; i += 1) await collect((await gateway.stream(request)).events);
    expect(ledger.attempts.slice(-5).map(({ provider }) => provider)).toEqual(Array(5).fill("fast"));
    expect(ledger.attempts.at(-1)?.choice).toMatchObject({
      strategy: "least_latency",
      candidates: [
        { provider: "fast", latency: expect.closeTo(0.25), expectedMs: expect.closeTo(20) },
        { provider: "slow", latency: 1, expectedMs: 80 },
      ],
    });
  });
});

describe("the model `auto`", () => {
  it("is the smart choice among the targets of `default`, whatever its strategy", async () => {
    const dear = createScriptedProvider(ok);
    const cheap = createScriptedProvider(ok);
    const { gateway, ledger } = createTestGateway({ providers: { dear, cheap }, prices, random: () => 0.99 });
    await gateway.chat(request);
    const auto = await gateway.chat({ ...request, model: "auto" });
    expect(ledger.attempts.map(({ provider }) => provider)).toEqual(["dear", "cheap"]);
    expect(auto.meta.route).toBe("default");
    expect(ledger.attempts.map(({ choice }) => choice?.strategy)).toEqual([undefined, "smart"]);
    // Latency is not known of either: the middle. 0.6 × 0.5 + 0.4 × cost.
    expect(ledger.attempts[1]?.choice?.candidates).toMatchObject([
      { provider: "cheap", latency: 0.5, cost: 1 / 9, score: 0.3 + 0.4 / 9 },
      { provider: "dear", latency: 0.5, cost: 1, score: 0.7 },
    ]);
  });

  it("prefers the less busy of equal targets", async () => {
    const hung = { steps: [started, "hang"] } as const;
    const a = createScriptedProvider(hung);
    const b = createScriptedProvider(ok);
    const { gateway } = createTestGateway({ providers: { a, b }, random: () => 0.99 });
    const caller = new AbortController();
    const held = errorOf(gateway.chat({ ...request, model: "auto" }, { signal: caller.signal }));
    await turn();
    expect((await gateway.chat({ ...request, model: "auto" })).provider).toBe("b");
    caller.abort();
    await held;
  });
});

describe("the usual length of an answer", () => {
  it("is not told by embeddings", async () => {
    const { gateway, ledger } = createTestGateway({
      providers: { a: createScriptedEmbedder(undefined, ok), b: createScriptedEmbedder(undefined, ok) },
      strategy: "lowest_cost",
      prices,
    });
    for (let i = 0; i < 50; i += 1) await gateway.embed({ inputs: ["x"] });
    await gateway.chat(request);
    // 2 tokens of "Hello" and 256 of an answer, as long as nothing else is known, at 1000 nano-dollars.
    expect(ledger.attempts.at(-1)?.choice?.candidates[0]).toMatchObject({ expectedNanos: 258_000 });
  });

  it("is not told by answers that broke off", async () => {
    const broken: Script = { steps: [started, textStarted, delta("a"), usage(5, 1), failing("timeout")] };
    const { gateway, ledger } = createTestGateway({
      providers: { a: createScriptedProvider(broken), b: createScriptedProvider(broken) },
      strategy: "lowest_cost",
      prices,
    });
    await collect((await gateway.stream(request)).events);
    await turn();
    expect(ledger.settled).toMatchObject([{ status: "failed", usage: { output: { total: 1 } } }]);
    await collect((await gateway.stream(request)).events);
    expect(ledger.attempts.at(-1)?.choice?.candidates[0]).toMatchObject({ expectedNanos: 258_000 });
  });
});

describe("embeddings", () => {
  it("never leave the vector space of the route's first target, whatever the strategy", async () => {
    const a = createScriptedEmbedder();
    const other = createScriptedEmbedder();
    const b = createScriptedEmbedder();
    const { gateway, ledger } = createTestGateway({
      providers: { a, other, b },
      strategy: "round_robin",
      vectorSpaces: { a: "s1", other: "s2", b: "s1" },
    });
    for (let i = 0; i < 4; i += 1) await gateway.embed({ inputs: ["x"] });
    expect(ledger.attempts.map(({ provider }) => provider)).toEqual(["a", "b", "a", "b"]);
    expect(other.embedCalls).toEqual([]);
  });
});
