import { describe, expect, it } from "vitest";
import { collect, request, started } from "../../support/chat-scripts.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { hedgedGateway } from "./hedged-gateway.ts";

describe("how often and at what cost a target is joined", () => {
  it("stays within the route's share of calls", async () => {
    let gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [() => gate.promise, ...textScript("x").steps] });
    const second = createScriptedProvider(textScript("x"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second, hedge: { maxShare: 0.05 } });
    for (let i = 0; i < 100; i += 1) {
      gate = Promise.withResolvers<void>();
      const reply = gateway.chat(request);
      await turn();
      clock.advance(100);
      await turn();
      gate.resolve();
      await reply;
    }
    expect(ledger.attempts.filter(({ reason }) => reason === "hedge")).toHaveLength(5);
    expect(clock.pendingTimers).toBe(0);
  });

  const capped: readonly (readonly [string, bigint, boolean])[] = [
    ["is joined at the cap", 514_000n, true],
    ["is not joined above it", 513_999n, false],
  ];
  // "Hello" is 2 tokens, and the usual answer 256: 2 × 1000 + 256 × 2000 nano-dollars.
  it.each(capped)("a cost cap: a target %s", async (_, maxCostNanos, joined) => {
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider(textScript("x"));
    const { gateway, clock } = hedgedGateway({ first, second, hedge: { maxCostNanos } });
    const reply = gateway.chat(request, { timeoutMs: 200 }).catch(() => undefined);
    await turn();
    clock.advance(100);
    await turn();
    expect(second.calls).toHaveLength(joined ? 1 : 0);
    clock.advance(100);
    await reply;
    expect(clock.pendingTimers).toBe(0);
  });

  it("a target without a price is never asked under a cost cap", async () => {
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider(textScript("x"));
    const { gateway, clock } = hedgedGateway({
      first,
      second,
      hedge: { maxCostNanos: 1_000_000_000n },
      prices: { find: () => undefined },
    });
    const reply = gateway.chat(request, { timeoutMs: 200 }).catch(() => undefined);
    await turn();
    clock.advance(200);
    await reply;
    expect(second.calls).toEqual([]);
  });

  it("after p95: only when enough is known of the target, and then after its p95", async () => {
    const first = createScriptedProvider(
      { steps: ["hang"] },
      ...Array.from({ length: 20 }, () => textScript("x")),
      {
        steps: [started, "hang"],
      },
    );
    const second = createScriptedProvider(textScript("second"));
    const { gateway, clock } = hedgedGateway({ first, second, hedge: { after: "p95" } });
    const unknown = gateway.stream(request, { timeoutMs: 500 }).catch(() => undefined);
    await turn();
    clock.advance(500);
    await unknown;
    expect(second.calls).toEqual([]);
    for (let i = 0; i < 20; i += 1) await collect((await gateway.stream(request)).events);
    const hedged = gateway.stream(request);
    await turn();
    clock.advance(1);
    await turn();
    expect(second.calls).toHaveLength(1);
    expect((await hedged).meta.provider).toBe("second");
  });
});
