import { expect, it } from "vitest";
import { createAdapters } from "../../../src/config/managed/adapters.ts";
import { type KeyedProvider } from "../../../src/config/keyed-provider.ts";
import type { Provider } from "../../../src/core/provider.ts";
import type { ConfiguredProvider, Snapshot } from "../../../src/core/snapshot.ts";
import { configuredProvider } from "../../support/listing-provider.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";

const keyed: KeyedProvider = {
  name: "mine",
  kind: "openai",
  source: "managed",
  apiKey: "k",
  apiKeys: ["k"],
  baseUrl: "http://mine.test",
  settings: {},
  models: ["m"],
  priority: 0,
};

function begin() {
  const closed: Provider[] = [];
  const faults: unknown[] = [];
  let oldestCall = Number.POSITIVE_INFINITY;
  const adapters = createAdapters({
    create() {
      const adapter: Provider = {
        ...createScriptedProvider(),
        async close() {
          closed.push(adapter);
        },
      };
      return adapter;
    },
    heldBefore: (version) => oldestCall < version,
    reportFault: (error) => void faults.push(error),
  });
  return {
    adapters,
    closed,
    faults,
    setOldestCall: (version: number) => void (oldestCall = version),
  };
}

const snapshotOf = (version: number, ...providers: readonly ConfiguredProvider[]): Snapshot => ({
  version,
  providers: new Map(providers.map((each) => [each.name, each])),
  routes: new Map(),
  useCases: new Map(),
  loggingPolicy: "none",
  prices: { find: () => undefined },
  modelTable: { find: () => undefined },
});

it("the same settings have the same adapter, whatever else of the provider changes", () => {
  const { adapters } = begin();
  const adapter = adapters.of(keyed);
  const same = {
    models: ["other"],
    priority: 9,
    source: "file",
    apiKeys: ["k", "k-2"],
    probe: { intervalMs: 1, timeoutMs: 1 },
    policy: { breaker: { failureThreshold: 1 }, maxConcurrent: 3, firstTokenMs: 100 },
  } as const;
  expect(adapters.of({ ...keyed, ...same })).toBe(adapter);
  for (const other of [
    { name: "yours" },
    { kind: "xai" },
    { apiKey: "k-2" },
    { baseUrl: "http://elsewhere.test" },
    { api: "responses" },
    { settings: { apiVersion: "v1" } },
    { connectMs: 5 },
    // The adapter's own timers follow it.
    { policy: { firstTokenMs: 900_000 } },
  ]) {
    expect(adapters.of({ ...keyed, ...other }), JSON.stringify(other)).not.toBe(adapter);
  }
});

it("what is configured no more is closed once, when no call holds an earlier snapshot", async () => {
  const { adapters, closed, setOldestCall } = begin();
  const [kept, gone] = [adapters.of(keyed), adapters.of({ ...keyed, name: "gone" })];
  const second = adapters.of({ ...keyed, apiKey: "k-2" });
  const credentials = [kept, second].map((adapter, i) => ({ id: `key-${i}`, adapter }));
  const mine = configuredProvider(kept, { credentials });
  adapters.keepOnly(snapshotOf(1, mine, configuredProvider(gone, { name: "gone" })));
  expect(closed).toEqual([]);

  setOldestCall(1);
  adapters.keepOnly(snapshotOf(2, mine));
  expect(closed).toEqual([]);
  // Later snapshots do not put it off, and what is configured again is made anew.
  adapters.keepOnly(snapshotOf(3, mine));
  expect(adapters.of({ ...keyed, name: "gone" })).not.toBe(gone);
  setOldestCall(2);
  adapters.sweep();
  adapters.sweep();
  expect(closed).toEqual([gone]);
});

it("at the end all that is left is closed, and one that fails is told", async () => {
  const { adapters, closed, setOldestCall } = begin();
  const adapter = adapters.of(keyed);
  setOldestCall(1);
  adapters.keepOnly(snapshotOf(2));
  await adapters.close();
  expect(closed).toEqual([adapter]);

  const faults: unknown[] = [];
  const failing = createAdapters({
    create: () => ({ ...createScriptedProvider(), close: () => Promise.reject(new Error("stuck")) }),
    heldBefore: () => false,
    reportFault: (error) => void faults.push(error),
  });
  failing.of(keyed);
  failing.keepOnly(snapshotOf(1));
  await failing.close();
  expect(faults).toEqual([new Error("stuck")]);
});
