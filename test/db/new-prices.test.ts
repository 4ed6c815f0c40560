// Which prices go with a batch.

import { expect, test } from "vitest";
import { createRecordQueue } from "../../src/db/record-queue.ts";
import type { UsedPrice } from "../../src/db/record-store.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { attemptOf, openedCall, samplePrice } from "./sample-records.ts";

/** A queue whose batches fail as long as `fails` says so; `batches` are the prices that each was given. */
function startQueue() {
  const state = { fails: false };
  const batches: (readonly UsedPrice[])[] = [];
  const clock = createManualClock();
  const queue = createRecordQueue({
    async write(_calls, prices) {
      batches.push(prices);
      if (state.fails) throw new Error("the disk is full.");
      return [];
    },
    clock,
    warn: () => {},
    queueMax: 1000,
    bodyKeepMaxBytes: 1000,
  });
  const use = (version: string, startedAtMs = 1_000) => {
    const call = openedCall();
    queue.attempt(
      attemptOf(call, { priceVersion: version, price: { ...samplePrice, version }, startedAtMs }),
    );
  };
  const versions = () => batches.map((prices) => prices.map(({ price }) => price.version));
  return { state, batches, queue, use, versions, clock };
}

test("a version goes with the first batch that has an attempt of it, once, with its first use", async () => {
  const { batches, queue, use } = startQueue();
  use("a", 3_000);
  use("a", 2_000);
  use("b", 5_000);
  await queue.flush();
  expect(batches).toEqual([
    [
      { price: { ...samplePrice, version: "a" }, kind: "groq", model: "llama", firstUsedAtMs: 2_000 },
      { price: { ...samplePrice, version: "b" }, kind: "groq", model: "llama", firstUsedAtMs: 5_000 },
    ],
  ]);
});

test("a version that stands is not written again", async () => {
  const { queue, use, versions } = startQueue();
  use("a");
  await queue.flush();
  use("a");
  use("b");
  await queue.flush();
  use("b");
  await queue.flush();
  expect(versions()).toEqual([["a"], ["b"], []]);
});

test("what went with a batch that failed goes again, and so does what stood before", async () => {
  const { state, queue, use, versions, clock } = startQueue();
  use("a");
  await queue.flush();
  state.fails = true;
  use("b");
  await queue.flush();
  state.fails = false;
  use("a");
  clock.advance(60_000);
  await queue.close();
  expect(versions()).toEqual([["a"], ["b"], ["a", "b"]]);
});

test("an attempt without a price brings none", async () => {
  const { batches, queue } = startQueue();
  queue.attempt(attemptOf(openedCall(), { priceVersion: undefined, price: undefined }));
  await queue.flush();
  expect(batches).toEqual([[]]);
});

test("versions without end do not fill the memory", async () => {
  const { queue, use, versions } = startQueue();
  use("first");
  await queue.flush();
  for (let i = 0; i < 10_000; i += 1) {
    use(`made-up-${i}`);
    if (i % 500 === 499) await queue.flush();
  }
  use("first");
  await queue.flush();
  // It was forgotten, and written again without harm.
  expect(versions().at(-1)).toEqual(["first"]);
});

test("versions go in one order, whichever was used first: two gateways would wait for each other", async () => {
  const { queue, use, versions } = startQueue();
  for (const version of ["b", "c", "a"]) use(version);
  await queue.flush();
  expect(versions()).toEqual([["a", "b", "c"]]);
});
