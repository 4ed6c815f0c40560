import { describe, expect, it } from "vitest";
import { errorOf, refusing, request, started } from "../../../support/chat-scripts.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../../support/scripted-provider.ts";
import { createTestGateway } from "../../../support/test-gateway.ts";
import { turn } from "../../../support/turn.ts";
import { keylessPrincipal } from "../../../support/principals.ts";

const ok = textScript("ok");

describe("readiness", () => {
  it("tells what is degraded while a route can serve, and fails when none can", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("timeout", { message: "secret-1" }));
    const second = createScriptedProvider(ok);
    const { gateway } = createTestGateway({ providers: { first, second }, clock });
    expect(gateway.readiness()).toEqual({ ready: true, problems: [] });
    for (let i = 0; i < 5; i += 1) await gateway.chat(request);
    expect(gateway.readiness()).toEqual({
      ready: true,
      problems: ["first/m is left alone after failures (timeout)."],
    });
    expect(gateway.metrics().providers_active).toBe(1);
    clock.advance(60_000);
    expect(gateway.readiness()).toEqual({ ready: true, problems: [] });
    expect(gateway.metrics().providers_active).toBe(2);
  });

  it("fails when every target of every route is left alone", async () => {
    const first = createScriptedProvider(refusing("unavailable", { wholeProvider: true }));
    const { gateway } = createTestGateway({ providers: { first } });
    for (let i = 0; i < 5; i += 1) await errorOf(gateway.chat(request));
    expect(gateway.readiness()).toEqual({
      ready: false,
      problems: [
        "The provider first is left alone after failures (unavailable).",
        "The route default cannot serve.",
        "The route spare cannot serve.",
      ],
    });
  });

  it("is not lost by targets that are full or asked to wait", async () => {
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider(refusing("rate_limited", { retryAfterMs: 60_000 }));
    const { gateway } = createTestGateway({
      providers: { first, second },
      targetPolicies: { first: { maxConcurrent: 1 } },
    });
    const caller = new AbortController();
    const held = errorOf(gateway.chat(request, { signal: caller.signal }));
    await errorOf(gateway.chat({ ...request, model: "second/m" }));
    await turn();
    expect(gateway.readiness()).toEqual({
      ready: true,
      problems: ["first/m has as many calls as it may have.", "second/m asked to wait."],
    });
    caller.abort();
    await held;
  });

  it("is lost where all providers are drained", () => {
    const first = createScriptedProvider(ok);
    const { gateway } = createTestGateway({ providers: { first }, draining: ["first"] });
    expect(gateway.readiness()).toMatchObject({ ready: false });
    expect(gateway.readiness().problems).toContain("The provider first is being drained.");
  });
});

describe("the health of providers", () => {
  it("tells states, scores, load and the last error of each target", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("overloaded"), { steps: [started, "hang"] });
    const second = createScriptedProvider(ok);
    const { gateway } = createTestGateway({ providers: { first, second }, clock });
    clock.advance(7);
    await gateway.chat(request);
    const caller = new AbortController();
    const held = errorOf(gateway.chat(request, { signal: caller.signal }));
    await turn();
    const views = gateway.settings.providers(keylessPrincipal);
    const lastError = { atMs: clock.epochMs(), failure: "overloaded", message: "failed by overloaded" };
    expect(views.map(({ health }) => health)).toEqual([
      {
        state: "closed",
        score: 0.9,
        inFlight: 1,
        lastError,
        targets: [{ model: "m", state: "closed", score: 0.9, inFlight: 1, p95Ms: undefined, lastError }],
      },
      {
        state: "closed",
        score: 1,
        inFlight: 0,
        lastError: undefined,
        targets: [
          { model: "m", state: "closed", score: 1, inFlight: 0, p95Ms: undefined, lastError: undefined },
        ],
      },
    ]);
    caller.abort();
    await held;
  });

  it("is in the metrics: breakers, load and scores", async () => {
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider(ok);
    const { gateway } = createTestGateway({ providers: { first, second } });
    for (let i = 0; i < 5; i += 1) await gateway.chat(request);
    const samples = (name: string) => gateway.measurements().find((family) => family.name === name)?.samples;
    expect(samples("sluice_target_breaker_state")).toEqual([
      { labels: { provider: "first", model: "m" }, value: 2 },
      { labels: { provider: "second", model: "m" }, value: 0 },
    ]);
    expect(samples("sluice_provider_breaker_state")).toEqual([
      { labels: { provider: "first" }, value: 0 },
      { labels: { provider: "second" }, value: 0 },
    ]);
    expect(samples("sluice_target_in_flight")).toMatchObject([{ value: 0 }, { value: 0 }]);
    expect(samples("sluice_target_success_score")).toMatchObject([{ value: 0.9 ** 5 }, { value: 1 }]);
    expect(samples("sluice_breaker_changes_total")).toEqual([
      { labels: { provider: "first", state: "open" }, value: 1 },
    ]);
  });
});
