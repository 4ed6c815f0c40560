import { expect, it } from "vitest";
import { createModelsAtStart, retryMs, startTimeoutMs } from "../../src/config/models-at-start.ts";
import { createModelLists } from "../../src/core/model-lists.ts";
import type { Provider } from "../../src/core/provider.ts";
import { automaticRoute } from "../../src/core/routing/automatic-route.ts";
import type { Route } from "../../src/core/snapshot.ts";
import { createSnapshotHolder } from "../../src/core/snapshot-holder.ts";
import { configuredProvider, createListingProvider } from "../support/listing-provider.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";

const adviceFor = () => "Set OLLAMA_MODEL.";

function begin(adapter: Provider, over: Partial<Route> = {}) {
  const warned: string[] = [];
  const clock = createManualClock();
  const modelLists = createModelLists(clock);
  const provider = configuredProvider(adapter, { name: "ollama" });
  const snapshots = createSnapshotHolder({
    version: 1,
    providers: new Map([["ollama", provider]]),
    routes: new Map([["default", { ...automaticRoute([provider]), ...over }]]),
    useCases: new Map(),
    loggingPolicy: "none",
    prices: { find: () => undefined },
    modelTable: { find: ({ model }) => (model === "known-embed" ? { operations: ["embed"] } : undefined) },
  });
  const atStart = createModelsAtStart({
    snapshots,
    modelLists,
    clock,
    adviceFor,
    warn: (message) => warned.push(message),
  });

  const targets = () =>
    snapshots
      .current()
      .routes.get("default")
      ?.targets.map(({ model }) => model);
  return { clock, snapshots, atStart, targets, modelLists, provider, warned };
}

/** After the list's answer has gone its way. */
const answered = async ({ modelLists, provider }: ReturnType<typeof begin>) => {
  await modelLists.of(provider);
  await Promise.resolve();
};

it("the first of a provider's models that can chat is its target", async () => {
  const adapter = createListingProvider();
  const { atStart, targets, snapshots } = begin(adapter);
  const asked = atStart.ask();
  adapter.requests[0]?.answer([
    { id: "nomic-embed", operations: ["embed"] },
    { id: "known-embed" },
    { id: "qwen", operations: ["chat"] },
    { id: "llama" },
  ]);
  await asked;
  expect(targets()).toEqual(["qwen"]);
  expect(snapshots.current()).toMatchObject({ version: 2 });
  expect(snapshots.current().providers.get("ollama")?.models).toEqual(["qwen", "llama"]);
  expect(atStart.problems()).toEqual([]);
});

it("the start waits two seconds, tells what to set, and asks every ten seconds until a list comes", async () => {
  const adapter = createListingProvider();
  const begun = begin(adapter);
  const { clock, atStart, targets } = begun;
  const asked = atStart.ask();
  clock.advance(startTimeoutMs);
  await asked;
  expect(atStart.problems()).toEqual([
    "ollama: has no model, and its own list does not help: It cannot be had; the log says why. Set OLLAMA_MODEL.",
  ]);
  expect(begun.warned).toEqual([
    "ollama: its list of models cannot be had: It did not tell its models within 2000 ms.",
  ]);
  clock.advance(retryMs - 1);
  expect(adapter.requests).toHaveLength(1);
  clock.advance(1);
  expect(adapter.requests).toHaveLength(2);
  adapter.requests[1]?.answer([{ id: "nomic-embed", operations: ["embed"] }]);
  await answered(begun);
  expect(atStart.problems()).toEqual([
    expect.stringContaining("It lists none that can chat. Set OLLAMA_MODEL."),
  ]);
  clock.advance(retryMs);
  adapter.requests[2]?.answer([{ id: "qwen" }]);
  await answered(begun);
  expect(targets()).toEqual(["qwen"]);
  expect(atStart.problems()).toEqual([]);
  clock.advance(retryMs * 10);
  expect(adapter.requests).toHaveLength(3);
});

it("nothing is asked after the close, and what comes then changes nothing", async () => {
  const adapter = createListingProvider();
  const begun = begin(adapter);
  const { clock, atStart, targets } = begun;
  const asked = atStart.ask();
  adapter.requests[0]?.fail(new Error("refused"));
  await asked;
  clock.advance(retryMs);
  atStart.close();
  adapter.requests[1]?.answer([{ id: "qwen" }]);
  await answered(begun);
  expect(targets()).toEqual([]);
  clock.advance(retryMs * 10);
  expect(adapter.requests).toHaveLength(2);
  expect(clock.pendingTimers).toBe(0);
});

it("a close between two tries ends the timer", async () => {
  const adapter = createListingProvider();
  const { clock, atStart } = begin(adapter);
  const asked = atStart.ask();
  adapter.requests[0]?.fail(new Error("refused"));
  await asked;
  expect(clock.pendingTimers).toBe(1);
  atStart.close();
  expect(clock.pendingTimers).toBe(0);
});

it("a provider that has no list is told to be given a model", async () => {
  const { clock, atStart } = begin(createScriptedProvider());
  await atStart.ask();
  expect(atStart.problems()).toEqual(["ollama: has no model. Set OLLAMA_MODEL."]);
  expect(clock.pendingTimers).toBe(0);
});

it("nothing is asked where the file has the route default", async () => {
  const adapter = createListingProvider();
  const { atStart } = begin(adapter, { source: "file", automatic: false });
  await atStart.ask();
  expect(adapter.requests).toHaveLength(0);
});

it("one that comes while the gateway runs is asked, and nobody twice; one that goes is asked no more", async () => {
  const [first, second] = [createListingProvider(), createListingProvider()];
  const { atStart, snapshots, clock, targets, provider } = begin(first);
  const asked = atStart.ask();
  first.requests[0]?.fail(new Error("it is down"));
  await asked;
  const later = configuredProvider(second, { name: "later", source: "managed" });
  const providers = new Map([provider, later].map((each) => [each.name, each]));
  const { routes } = snapshots.current();
  snapshots.replace({ providers, routes });
  const again = atStart.ask();
  second.requests[0]?.answer([{ id: "qwen" }]);
  await again;
  expect(targets()).toEqual(["qwen"]);
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  expect(atStart.problems()).toEqual([expect.stringContaining("ollama: has no model")]);

  snapshots.replace({ providers: new Map([["later", later]]), routes });
  await atStart.ask();
  expect(atStart.problems()).toEqual([]);
  clock.advance(retryMs);
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
});
