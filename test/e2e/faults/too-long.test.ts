// Answers of 100 MiB: no more is read of them than an answer may have, and the caller is answered as of any other
// that is broken.

import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultMaxAnswerBytes } from "../../../src/providers/upstream/create-upstream.ts";
import { heldBytes, usedBytes } from "../../support/held-bytes.ts";
import { expectParity } from "../parity/expect-parity.ts";
import { attemptsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello, wellAnswer } from "./fault.ts";
import { type FaultsGateway, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft } from "./leftovers.ts";
import { turnsUntil } from "./quiet-loop.ts";
import { jsonHead, opening, sendsWithoutEnd, streamHead, word } from "./raw-upstream.ts";

const mebibyte = 2 ** 20;
/** What sockets of both sides hold on its way. */
const onItsWayBytes = 8 * mebibyte;
/** Its bytes, and once more while they become text. */
const underWayBytes = 3 * defaultMaxAnswerBytes;
/** What stays of 100 MiB. */
const keptBytes = 8 * mebibyte;

const long = { filler: "x".repeat(64 * 1024), maxBytes: 100 * mebibyte };

let faults: FaultsGateway;
beforeAll(async () => {
  faults = await startFaultsGateway({ retries: 0 });
  // What each front end loads with its first call is no memory of a fault's.
  for (const delivery of ["chat", "stream"] as const)
    await expectParity(faults, { delivery, request: hello });
});
afterAll(() => faults.close());

/** Of one call. */
let sentBytes = 0;
let beforeBytes = 0;
let mostBytes = 0;
const watch = (count: number): void => {
  sentBytes += count;
  if (sentBytes % mebibyte === 0) mostBytes = Math.max(mostBytes, usedBytes());
};
const beginMeasuring = (): void => {
  sentBytes = 0;
  beforeBytes = usedBytes();
  mostBytes = beforeBytes;
};

async function callAll(delivery: "chat" | "stream", start: string) {
  faults.places.raw.answerWith(sendsWithoutEnd(start, long, watch));
  clearRecord(faults.ledger);
  const atStartBytes = await heldBytes();
  const outcome = await expectParity(faults, {
    delivery,
    request: { ...hello, model: "raw" },
    before: beginMeasuring,
    async meanwhile() {
      await turnsUntil(() => sentBytes > defaultMaxAnswerBytes && faults.places.raw.openConnections === 0);
      expect(sentBytes).toBeLessThan(defaultMaxAnswerBytes + onItsWayBytes);
      expect(mostBytes - beforeBytes).toBeLessThan(underWayBytes);
    },
  });
  await expectNothingLeft(faults);
  expect((await heldBytes()) - atStartBytes).toBeLessThan(keptBytes);
  return outcome;
}

test.each([
  { name: "JSON", delivery: "chat", start: `${jsonHead}{"choices":[{"message":{"content":"` },
  { name: "one event", delivery: "stream", start: `${streamHead}${opening}data: {"choices":` },
] as const)("$name: the next target answers", async ({ delivery, start }) => {
  const outcome = await callAll(delivery, start);
  expect(outcome.text).toBe(wellAnswer);
  const lines = ["1 primary raw-1: failed broken_reply 200", "2 fallback well-anthropic: ok 200"];
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
});

test("one event after the first word: the caller has the word and an error", async () => {
  const outcome = await callAll("stream", `${streamHead}${opening}${word("This")}data: {"choices":`);
  expect(outcome).toMatchObject({
    text: "This",
    error: { code: "all_providers_failed", attempts: [{ failure: "broken_reply" }] },
  });
  const lines = ["1 primary raw-1: failed broken_reply 200"];
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
});
