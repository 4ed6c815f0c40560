// Everything that can be wrong with a stream after its first content, where its route does not go on with it: the
// caller has the text so far and a typed error, and nobody else is asked.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { DemoFault } from "../../../src/demo/faults.ts";
import { expectParity } from "../parity/expect-parity.ts";
import { attemptsOnRecord, callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello } from "./fault.ts";
import { type FaultsGateway, silenceMs, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft } from "./leftovers.ts";
import type { PlaceName } from "./places.ts";
import { quietLoop } from "./quiet-loop.ts";
import { opening, type RawAnswer, sends, sendsAndHangs, streamHead, word } from "./raw-upstream.ts";

interface BrokenStream {
  readonly name: string;
  readonly place: PlaceName;
  readonly demo?: DemoFault;
  readonly raw?: RawAnswer;
  readonly failed: string;
  /** Brings it about once the caller has the first word. */
  readonly breaks?: (faults: FaultsGateway) => void;
}

const begun = [streamHead, opening, word("This")] as const;
const unspoken = Buffer.from(word("\u00ff"), "latin1");

const brokenStreams: readonly BrokenStream[] = [
  {
    name: "is cut in the middle of an event",
    place: "ill",
    demo: { kind: "cut", afterEvents: 2 },
    failed: "broken_reply",
  },
  {
    name: "is cut between two events",
    place: "raw",
    raw: sends(...begun),
    failed: "broken_reply",
  },
  {
    name: "is reset",
    place: "raw",
    raw: sendsAndHangs(...begun),
    breaks: ({ places }) => places.raw.resetAll(),
    failed: "broken_reply",
  },
  {
    name: "has a line that is no JSON",
    place: "ill",
    demo: { kind: "malformed_line", afterEvents: 2 },
    failed: "broken_reply",
  },
  {
    name: "has bytes that are no UTF-8",
    place: "raw",
    raw: sendsAndHangs(...begun),
    breaks: ({ places }) => places.raw.sendOn(unspoken),
    failed: "broken_reply",
  },
  {
    name: "has an event of another format",
    place: "raw",
    raw: sends(...begun, 'data: ["choices"]\n\n', word("late")),
    failed: "broken_reply",
  },
  {
    name: "tells an error",
    place: "ill",
    demo: { kind: "error_event", afterEvents: 2 },
    failed: "unavailable",
  },
  {
    name: "hangs",
    place: "ill",
    demo: { kind: "hang", at: { afterEvents: 2 } },
    breaks: ({ clock }) => clock.advance(silenceMs),
    failed: "timeout",
  },
];

let faults: FaultsGateway;
beforeAll(async () => {
  faults = await startFaultsGateway();
});
afterAll(() => faults.close());

test.each(brokenStreams)("a stream that $name", async ({ place, demo, raw, failed, breaks }) => {
  const { ill, well } = faults.places;
  ill.setFault(demo);
  if (raw !== undefined) faults.places.raw.answerWith(raw);
  clearRecord(faults.ledger);
  const askedOfOthers = well.counts.received;
  const broken = await expectParity(faults, {
    delivery: "stream",
    request: { ...hello, model: place },
    async meanwhile(content) {
      if (breaks === undefined) return;
      await content;
      await quietLoop();
      breaks(faults);
    },
  });
  const provider = place === "ill" ? "ill-openai" : `${place}-1`;
  expect(broken.text).toBe("This");
  expect(broken.finishReason).toBeUndefined();
  expect(broken).toMatchObject({
    error: { code: "all_providers_failed", attempts: [{ provider, failure: failed }] },
    meta: { provider, attempts: 1 },
  });
  expect(broken.events?.some((event) => event.endsWith("finished"))).toBe(false);
  const lines = [`1 primary ${provider}: failed ${failed} 200`];
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
  expect(new Set(callsOnRecord(faults.ledger))).toEqual(new Set(["failed all_providers_failed 1"]));
  expect(well.counts.received).toBe(askedOfOthers);
  await expectNothingLeft(faults);
});

// All that was said is there, and yet nobody can know that it was all.
test("a stream that ends without its end", async () => {
  faults.places.ill.setFault({ kind: "quiet_end" });
  clearRecord(faults.ledger);
  const broken = await expectParity(faults, { delivery: "stream", request: { ...hello, model: "ill" } });
  expect(broken.text).toBe('This is the demo model; you wrote: "Hello".');
  expect(broken.finishReason).toBeUndefined();
  expect(broken.error).toMatchObject({
    code: "all_providers_failed",
    attempts: [{ provider: "ill-openai", failure: "broken_reply" }],
  });
  const lines = ["1 primary ill-openai: failed broken_reply 200"];
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
  await expectNothingLeft(faults);
});
