import { expect, it } from "vitest";
import { createModelLists, defaultListLimits } from "../../src/core/model-lists.ts";
import { configuredProvider, createListingProvider } from "../support/listing-provider.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";

const { ttlMs, timeoutMs, failureTtlMs } = defaultListLimits;

function begin() {
  const clock = createManualClock();
  const lists = createModelLists(clock);
  const adapter = createListingProvider();
  const provider = configuredProvider(adapter);
  const idsOf = async () => (await lists.of(provider)).map(({ id }) => id);
  return { clock, lists, adapter, provider, idsOf };
}

it("asks once for all who want the list, and keeps it for ten minutes", async () => {
  const { clock, lists, adapter, provider, idsOf } = begin();
  expect(lists.known(provider)).toBeUndefined();
  const both = [idsOf(), idsOf()];
  expect(adapter.requests).toHaveLength(1);
  expect(lists.known(provider)).toBeUndefined();
  adapter.requests[0]?.answer([{ id: "a" }, { id: "b" }]);
  expect(await Promise.all(both)).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(lists.known(provider)?.ids.has("b")).toBe(true);
  clock.advance(ttlMs - 1);
  expect(await idsOf()).toEqual(["a", "b"]);
  expect(adapter.requests).toHaveLength(1);
  clock.advance(1);
  const again = idsOf();
  expect(adapter.requests).toHaveLength(2);
  adapter.requests[1]?.answer([{ id: "c" }]);
  expect(await again).toEqual(["c"]);
  expect(clock.pendingTimers).toBe(0);
});

it("keeps the last list when the provider fails, and asks again after thirty seconds", async () => {
  const { clock, lists, adapter, provider, idsOf } = begin();
  const first = idsOf();
  adapter.requests[0]?.answer([{ id: "a" }]);
  await first;
  clock.advance(ttlMs);
  const second = idsOf();
  adapter.requests[1]?.fail(new Error("It is down."));
  expect(await second).toEqual(["a"]);
  expect(lists.problem(provider)).toBe("It is down.");
  clock.advance(failureTtlMs - 1);
  expect(await idsOf()).toEqual(["a"]);
  expect(adapter.requests).toHaveLength(2);
  clock.advance(1);
  const third = idsOf();
  adapter.requests[2]?.answer([{ id: "b" }]);
  expect(await third).toEqual(["b"]);
  expect(lists.problem(provider)).toBeUndefined();
});

it("waits five seconds, even for an adapter that does not heed its signal", async () => {
  const { clock, lists, adapter, provider, idsOf } = begin();
  const asked = idsOf();
  clock.advance(timeoutMs - 1);
  expect(adapter.requests[0]?.signal.aborted).toBe(false);
  clock.advance(1);
  expect(adapter.requests[0]?.signal.aborted).toBe(true);
  expect(await asked).toEqual([]);
  expect(lists.problem(provider)).toBe("It did not tell its models within 5000 ms.");
  expect(lists.known(provider)?.models).toEqual([]);
});

it("takes a refresh as a new question, failure remembered or not", async () => {
  const { adapter, lists, provider, idsOf } = begin();
  const first = idsOf();
  adapter.requests[0]?.fail(new Error("no"));
  await first;
  const second = lists.refresh(provider);
  adapter.requests[1]?.answer([{ id: "a" }]);
  expect(await second).toEqual([{ id: "a" }]);
});

it("keeps at most 5,000 models, each once, with names of up to 256 characters", async () => {
  const { adapter, idsOf } = begin();
  const asked = idsOf();
  const longest = "x".repeat(256);
  adapter.requests[0]?.answer([
    { id: longest },
    { id: `${longest}x` },
    { id: "" },
    { id: longest },
    ...Array.from({ length: 6_000 }, (_, i) => ({ id: `m${i}` })),
  ]);
  const ids = await asked;
  expect(ids).toHaveLength(5_000);
  expect(ids.slice(0, 2)).toEqual([longest, "m0"]);
});

it("has nothing of a provider without a list", async () => {
  const lists = createModelLists(createManualClock());
  expect(await lists.of(configuredProvider(createScriptedProvider()))).toEqual([]);
});

it("ends what is under way when it closes, and asks nobody any more", async () => {
  const { adapter, clock, lists, idsOf } = begin();
  const asked = idsOf();
  lists.close();
  expect(adapter.requests[0]?.signal.aborted).toBe(true);
  expect(await asked).toEqual([]);
  clock.advance(ttlMs);
  expect(await idsOf()).toEqual([]);
  expect(adapter.requests).toHaveLength(1);
  expect(clock.pendingTimers).toBe(0);
});
