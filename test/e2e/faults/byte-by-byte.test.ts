// An answer that comes one byte at a time, through its characters and line ends: it is slow, and it is whole.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Delivery } from "../parity/client.ts";
import { expectParity } from "../parity/expect-parity.ts";
import { attemptsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello } from "./fault.ts";
import { type FaultsGateway, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft } from "./leftovers.ts";
import { jsonHead, sendsByteByByte, streamHead, wholeJson, wholeStream } from "./raw-upstream.ts";

let faults: FaultsGateway;
beforeAll(async () => {
  faults = await startFaultsGateway();
});
afterAll(() => faults.close());

const answers: readonly { readonly delivery: Delivery; readonly bytes: string }[] = [
  { delivery: "chat", bytes: jsonHead + wholeJson },
  { delivery: "stream", bytes: streamHead + wholeStream },
  { delivery: "stream", bytes: streamHead + wholeStream.replaceAll("\n", "\r\n") },
];

test.each(answers)("$delivery", async ({ delivery, bytes }) => {
  faults.places.raw.answerWith(sendsByteByByte(bytes));
  clearRecord(faults.ledger);
  const whole = await expectParity(faults, { delivery, request: { ...hello, model: "raw" } });
  expect(whole).toMatchObject({
    text: "Grüße 👋",
    finishReason: "stop",
    usage: { input: { total: 5 }, output: { total: 2 } },
    meta: { provider: "raw-1", attempts: 1 },
  });
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => ["1 primary raw-1: ok 200"]));
  await expectNothingLeft(faults);
});
