import { afterEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../../src/core/provider.ts";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import { createProbes } from "../../../../src/core/routing/targets/probes.ts";
import { type BreakerChange, TargetStates } from "../../../../src/core/routing/targets/target-states.ts";
import type { ConfiguredProvider, Snapshot } from "../../../../src/core/snapshot.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const intervalMs = 30_000;
const timeoutMs = 5_000;
const close: (() => void)[] = [];

afterEach(() => {
  for (const each of close.splice(0)) each();
});

/** A provider whose list is told by the functions, one for each time that it is asked; the last one goes on. */
function probing(...lists: readonly ((signal: AbortSignal) => Promise<readonly []>)[]) {
  const clock = createManualClock();
  const changes: BreakerChange[] = [];
  const states = new TargetStates(clock);
  states.whenChanged((change) => changes.push(change));
  let asked = 0;
  const adapter: Provider = {
    chat: () => Promise.reject(new Error("never asked")),
    listModels(signal) {
      const list = lists[Math.min(asked, lists.length - 1)];
      asked += 1;
      return list?.(signal) ?? Promise.resolve([]);
    },
  };
  const provider: ConfiguredProvider = {
    name: "one",
    kind: "one",
    source: "file",
    priority: 0,
    baseUrl: "",
    models: ["m"],
    adapter,
    probe: { intervalMs, timeoutMs },
  };
  const snapshot: Snapshot = {
    version: 1,
    providers: new Map([["one", provider]]),
    routes: new Map(),
    useCases: new Map(),
    loggingPolicy: "none",
    prices: { find: () => undefined },
    modelTable: { find: () => undefined },
  };
  const probes = createProbes({ snapshot: () => snapshot, states, clock });
  close.push(() => probes.close());
  probes.heed();
  return {
    clock,
    changes,
    probes,
    state: () => states.provider(provider),
    asked: () => asked,
    next: async (times = 1) => {
      for (let i = 0; i < times; i += 1) {
        clock.advance(intervalMs);
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
    },
  };
}

const well = () => Promise.resolve([] as const);
const limited = () => Promise.reject(new ProviderError({ failure: "rate_limited", message: "wait" }));
const without = () =>
  Promise.reject(new ProviderError({ failure: "model_unavailable", message: "404", httpStatus: 404 }));
const gone = () => Promise.reject(new ProviderError({ failure: "unavailable", message: "gone" }));

describe("a provider that is probed", () => {
  it("is asked for its list at each interval", async () => {
    const { next, asked } = probing(well);
    expect(asked()).toBe(0);
    await next(3);
    expect(asked()).toBe(3);
  });

  it("is left alone after failures in a row, probed when that time is over, and taken back", async () => {
    const { next, asked, state, changes } = probing(gone, gone, gone, gone, gone, well);
    await next(5);
    expect(state().breaker.state()).toBe("open");
    expect(state().lastError).toMatchObject({ failure: "unavailable", message: "gone" });
    await next();
    expect(asked()).toBe(5);
    await next();
    expect(state().breaker.state()).toBe("closed");
    expect(changes.map(({ provider, model, to }) => [provider, model, to])).toEqual([
      ["one", undefined, "open"],
      ["one", undefined, "half_open"],
      ["one", undefined, "closed"],
    ]);
  });

  it("is given up when it does not answer, even where it does not heed the signal", async () => {
    const { next, clock, state } = probing(() => new Promise(() => undefined));
    await next();
    clock.advance(timeoutMs);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(state().lastError).toMatchObject({ failure: "timeout" });
  });

  it("is well although it has no list: it answers", async () => {
    const { next, state } = probing(without);
    await next(20);
    expect(state().breaker.state()).toBe("closed");
    expect(state().lastError).toBeUndefined();
  });

  it("may ask us to wait: that is no failure", async () => {
    const { next, state } = probing(limited);
    await next(20);
    expect(state().breaker.state()).toBe("closed");
  });

  it("is not asked once closed, and no timer is left", async () => {
    const { next, clock, probes, asked } = probing(well);
    await next();
    probes.close();
    expect(clock.pendingTimers).toBe(0);
    await next(2);
    expect(asked()).toBe(1);
  });
});
