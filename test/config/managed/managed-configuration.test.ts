import { expect, it } from "vitest";
import { buildSnapshot, type SnapshotParts } from "../../../src/config/build-snapshot.ts";
import { createAdapters } from "../../../src/config/managed/adapters.ts";
import { createManagedConfiguration, pollMs } from "../../../src/config/managed/managed-configuration.ts";
import { configurationOf } from "../../../src/gateway.ts";
import type { StoredConfiguration } from "../../../src/core/managed/config-store.ts";
import { createSnapshotHolder } from "../../../src/core/snapshot-holder.ts";
import { providerTable } from "../../../src/providers/provider-table.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";

const nothing: StoredConfiguration = { version: 0, providers: [], routes: [] };
const config = { kind: "vllm", baseUrl: "http://127.0.0.1:9", model: "m" };
const row = { name: "late", config, draining: false, secret: undefined, version: 1 };

it("closes what was made for a change that came while it was stopped", async () => {
  const open = new Set<string>();
  const adapters = createAdapters({
    create({ name }) {
      open.add(name);
      return { ...createScriptedProvider(), close: async () => void open.delete(name) };
    },
    heldBefore: () => true,
    reportFault: () => undefined,
  });
  const declared = configurationOf({});
  const parts: SnapshotParts = {
    createAdapter: (provider) => adapters.of(provider),
    prices: { find: () => undefined },
    modelTable: { find: () => undefined },
    loggingPolicy: "none",
  };
  const snapshots = createSnapshotHolder(buildSnapshot(declared, parts));
  const clock = createManualClock();
  const { promise: later, resolve: answer } = Promise.withResolvers<StoredConfiguration>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const answers = [async () => nothing, () => (ask(), later)];
  const managed = createManagedConfiguration({
    declared,
    kinds: Object.values(providerTable),
    keys: { current: () => expect.unreachable(), find: () => undefined, all: () => [] },
    makeAdapter: (provider) => adapters.of(provider),
    build: (configuration) => buildSnapshot(configuration, parts),
    isAdded: () => false,
    store: {
      version: async () => 1,
      read: () => answers.shift()?.() ?? expect.unreachable(),
      write: () => expect.unreachable(),
    },
    snapshots,
    adapters,
    clock,
    reportFault: () => undefined,
    onWritten: () => undefined,
    onChange: () => undefined,
  });
  await managed.start();
  clock.advance(pollMs);
  await asked;
  managed.stop();
  const stopped = managed.stopped();
  answer({ version: 1, providers: [row], routes: [] });
  await stopped;
  expect(snapshots.current().providers.has("late")).toBe(false);
  expect([...open]).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});
