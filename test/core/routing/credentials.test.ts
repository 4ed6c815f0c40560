import { describe, expect, it } from "vitest";
import { errorOf, refusing, request, started } from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import {
  createScriptedProvider,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const ok = textScript("ok");

/** A provider with two keys, and another one behind it. */
function withKeys(
  keys: { readonly a: ScriptedProvider; readonly b: ScriptedProvider },
  options: Partial<TestGatewayOptions> = {},
) {
  const second = createScriptedProvider(ok);
  const made = createTestGateway({
    providers: { first: keys.a, second },
    credentials: { first: keys },
    ...options,
  });
  return { ...made, second };
}

describe("a provider with several keys", () => {
  it("is asked by the least busy one", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = { steps: [started, gate.promise, ...ok.steps.slice(1)] };
    const a = createScriptedProvider(slow);
    const b = createScriptedProvider(slow);
    const { gateway, ledger } = withKeys({ a, b });
    const answers = [1, 2, 3, 4].map(() => gateway.chat(request));
    await turn();
    expect([a.calls.length, b.calls.length]).toEqual([2, 2]);
    gate.resolve();
    await Promise.all(answers);
    expect(ledger.attempts.map(({ credentialId }) => credentialId)).toEqual(["a", "b", "a", "b"]);
    await gateway.chat(request);
    expect(a.calls).toHaveLength(3);
  });

  it("is asked by the other key at once when one is limited, and both are on record", async () => {
    const clock = createManualClock();
    const a = createScriptedProvider(refusing("rate_limited", { httpStatus: 429, retryAfterMs: 5_000 }), ok);
    const b = createScriptedProvider(ok);
    const { gateway, ledger } = withKeys({ a, b }, { clock });
    expect((await gateway.chat(request)).provider).toBe("first");
    expect(
      ledger.attempts.map(({ number, credentialId, reason, status }) => [
        number,
        credentialId,
        reason,
        status,
      ]),
    ).toEqual([
      [1, "a", "primary", "failed"],
      [2, "b", "fallback", "ok"],
    ]);
    await gateway.chat(request);
    expect([a.calls.length, b.calls.length]).toEqual([1, 2]);
    clock.advance(5_000);
    await gateway.chat(request);
    expect(a.calls).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  const noTimes = [undefined, 0];
  it.each(noTimes)("leaves a limited key that tells no time (%s) for a second", async (retryAfterMs) => {
    const clock = createManualClock();
    const a = createScriptedProvider(refusing("rate_limited", { retryAfterMs }), ok);
    const b = createScriptedProvider(ok);
    const { gateway } = withKeys({ a, b }, { clock });
    await gateway.chat(request);
    clock.advance(999);
    await gateway.chat(request);
    expect(a.calls).toHaveLength(1);
    clock.advance(1);
    await gateway.chat(request);
    expect(a.calls).toHaveLength(2);
  });

  it("goes on by the other keys when one is refused: that is no failure of the provider", async () => {
    const clock = createManualClock();
    const a = createScriptedProvider(refusing("authentication", { httpStatus: 401 }));
    const b = createScriptedProvider(ok);
    const { gateway, breakerChanges } = withKeys({ a, b }, { clock });
    for (let i = 0; i < 12; i += 1) {
      expect((await gateway.chat(request)).provider).toBe("first");
      clock.advance(60_000);
    }
    expect(a.calls).toHaveLength(12);
    expect(breakerChanges).toEqual([]);
    await gateway.chat(request);
    await gateway.chat(request);
    expect(a.calls).toHaveLength(13);
  });

  it("is left for the next target when all keys are refused", async () => {
    const refused = refusing("authentication", { httpStatus: 403 });
    const a = createScriptedProvider(refused);
    const b = createScriptedProvider(refused);
    const { gateway, ledger, second } = withKeys({ a, b }, { retries: 2 });
    expect((await gateway.chat(request)).provider).toBe("second");
    expect(ledger.attempts.map(({ credentialId, provider }) => [provider, credentialId])).toEqual([
      ["first", "a"],
      ["first", "b"],
      ["second", undefined],
    ]);
    await gateway.chat(request);
    expect(ledger.attempts.at(-2)).toMatchObject({ status: "skipped", skipCause: "breaker_open" });
    expect(second.calls).toHaveLength(2);
  });

  it("tells when the first of its keys may be used again", async () => {
    const clock = createManualClock();
    const a = createScriptedProvider(
      refusing("rate_limited", { retryAfterMs: 1_000 }),
      refusing("authentication"),
    );
    const b = createScriptedProvider(refusing("rate_limited", { retryAfterMs: 20_000 }));
    const { gateway, ledger } = withKeys({ a, b }, { clock, draining: ["second"] });
    await errorOf(gateway.chat(request));
    clock.advance(1_000);
    // Now the first key is refused for a minute, and the second one's limit is over before that.
    await errorOf(gateway.chat(request));
    const error = await errorOf(gateway.chat(request));
    expect(error).toMatchObject({ code: "all_providers_failed", retryAfterMs: 19_000 });
    expect(ledger.attempts.at(-2)).toMatchObject({ provider: "first", skipCause: "rate_limited" });
    clock.advance(19_000);
    await errorOf(gateway.chat(request));
    expect(b.calls).toHaveLength(2);
  });

  it("is waited for, where there is nobody else, until one of its limited keys may be used", async () => {
    const clock = createManualClock();
    const limited = refusing("rate_limited");
    const a = createScriptedProvider(limited, ok);
    const b = createScriptedProvider(limited, ok);
    const { gateway, ledger } = withKeys({ a, b }, { clock, retries: 1, draining: ["second"] });
    const reply = gateway.chat(request);
    reply.catch(() => undefined);
    await turn();
    expect(ledger.attempts).toHaveLength(2);
    clock.advance(999);
    await turn();
    expect(ledger.attempts).toHaveLength(2);
    clock.advance(1);
    expect((await reply).provider).toBe("first");
    expect(ledger.attempts.at(-1)).toMatchObject({ number: 3, reason: "retry", status: "ok" });
  });
});
