import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedCase } from "../../support/fixtures.ts";
import { cutOffsets } from "./cut-offsets.ts";
import { eventsBeforeError } from "./cut-stream.ts";
import type { CutStream } from "./cut-stream.ts";
import { expectFailure, expectRun } from "./expect-run.ts";
import {
  leftOut,
  leftOutCases,
  recordedCases,
  recordedEmbeddings,
  recordedModels,
  vendorOf,
} from "./recorded-cases.ts";
import { createReplay } from "./replay.ts";
import type { Run } from "./run.ts";
import { runOfWhole } from "./run.ts";
import { createTally } from "./tally.ts";
import type { Vendor } from "./vendor.ts";

const everything = [...recordedCases, ...recordedEmbeddings, ...recordedModels];
const tally = createTally(everything, leftOutCases);
const replay = createReplay();

beforeAll(() => replay.start());

afterAll(async () => {
  await replay.stop();
  process.stdout.write(tally.report());
});

if (everything.length === 0) it(leftOut, () => {});

const noFormat = (): never => {
  throw new Error("no format reads it, or several do: see vendors.ts");
};

describe.each(recordedCases)("$provider/$name", (recorded) => {
  const vendor = vendorOf(recorded);
  if (vendor === undefined) {
    it("is read by one format", () => tally.check(recorded, "read", noFormat));
    return;
  }
  const check = (title: string, run: () => void | Promise<void>): void => {
    it(title, () => tally.check(recorded, "read", run));
  };

  if (recorded.kind === "error") checkError(recorded, vendor, check);
  else if (recorded.stream) checkStream(recorded, vendor, check);
  else checkAnswer(recorded, vendor, check);
  it("over HTTP", () => tally.check(recorded, "http", () => replay.answer(recorded, vendor)));

  const { request } = recorded;
  if (request === undefined) return;
  const meaning = vendor.readRequest(request);
  if (typeof meaning === "string") tally.notAsked(recorded, meaning);
  else it("asked for", () => tally.check(recorded, "asked", () => replay.ask(recorded, { vendor, meaning })));
});

describe.each(recordedEmbeddings)("$provider/$name", (recorded) => {
  it("gives its vectors", () =>
    tally.check(recorded, "http", () => replay.embed(recorded, vendorOf(recorded) ?? noFormat())));
});

describe.each(recordedModels)("$provider/$name", (recorded) => {
  it("gives its models", () =>
    tally.check(recorded, "http", () => replay.listModels(recorded, vendorOf(recorded) ?? noFormat())));
});

type Check = (title: string, run: () => void | Promise<void>) => void;

function checkStream(recorded: RecordedCase, vendor: Vendor, check: Check): void {
  const { bytes } = recorded;
  const offsets = cutOffsets(bytes.length, recorded.name);
  let played: Promise<CutStream> | undefined;
  const stream = (): Promise<CutStream> => (played ??= vendor.cut(bytes));

  check("whole", async () => {
    expectRun((await stream()).whole, vendor.expect(recorded));
  });

  check("one byte at a time", async () => {
    const { whole, oneByteAtATime } = await stream();
    expectSame(await oneByteAtATime(), whole);
  });

  check("split in two", async () => {
    const { whole, splitAt } = await stream();
    for (const offset of offsets) {
      const run = await splitAt(offset);
      if (!same(run, whole)) expectSame(run, whole);
    }
  });

  check("truncated", async () => {
    const { whole, truncatedAt } = await stream();
    const wholeFrom = vendor.wholeFromByte(recorded);
    for (const offset of [0, ...offsets]) {
      const clean = await truncatedAt(offset, "clean");
      if (offset < wholeFrom) expectTruncated(clean, whole);
      else if (vendor.endsWithBody) expectEnded(clean, whole);
      else expectSame(clean, whole);
      if (vendor.endsWithBody) expectTruncated(await truncatedAt(offset, "cut"), whole);
    }
  });
}

/** Counts, a later word for the end, or an error may come after what makes the answer whole. */
function expectEnded(run: Run, whole: Run): void {
  if (run.failure !== undefined) expectTruncated(run, whole);
  else expect(run.events.at(-1)?.type).toBe("finished");
}

function checkAnswer(recorded: RecordedCase, vendor: Vendor, check: Check): void {
  const { body } = recorded;
  const read = (text: string): Run => runOfWhole(() => vendor.readAnswer(text));

  check("whole", () => {
    expectRun(read(body), vendor.expect(recorded));
  });

  check("truncated", () => {
    const whole = read(body);
    const end = body.trimEnd().length;
    for (const offset of [0, ...cutOffsets(body.length, recorded.name)]) {
      const run = read(body.slice(0, offset));
      if (offset >= end) expectSame(run, whole);
      else expectFailure(run, { classes: ["broken_reply"] });
    }
  });
}

function checkError(recorded: RecordedCase, vendor: Vendor, check: Check): void {
  const { status, headers, body } = recorded;
  const read = (text: string): Run => ({
    events: [],
    failure: vendor.readError({ status, headers, text }),
  });

  check("whole", () => {
    expectRun(read(body), vendor.expect(recorded));
  });

  check("truncated, and as what is no JSON at all", () => {
    const texts = cutOffsets(body.length, recorded.name).map((offset) => body.slice(0, offset));
    for (const text of ["", "null", "[]", '{"error":null}', "<html>", ...texts]) {
      const { failure } = read(text);
      expect(failure?.httpStatus).toBe(status);
      expect(failure?.message).not.toBe("");
    }
  });
}

const same = (a: Run, b: Run): boolean =>
  a === b || (isDeepStrictEqual(a.events, b.events) && a.failure?.failure === b.failure?.failure);

function expectSame(run: Run, whole: Run): void {
  expect(run.events).toEqual(whole.events);
  expect(run.failure?.failure).toBe(whole.failure?.failure);
}

/** An error, and before it only what the whole stream tells too. */
function expectTruncated(run: Run, whole: Run): void {
  if (run.events.some((event) => event.type === "finished")) {
    throw new Error("a truncated stream came to a finish");
  }
  const before = eventsBeforeError(run);
  const wanted = whole.events.slice(0, before.length);
  if (!isDeepStrictEqual(before, wanted)) expect(before).toEqual(wanted);
  // Either the cut is the error, or the vendor's own error came before it.
  const failure = run.failure?.failure;
  if (failure !== "broken_reply" && (failure === undefined || failure !== whole.failure?.failure)) {
    throw new Error(`a truncated stream ended as ${failure}`);
  }
}
