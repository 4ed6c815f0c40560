import { describe, expect, it } from "vitest";
import { type Evidence, figuresOf } from "../../../src/cli/verify-idempotency/evidence.ts";
import type { FaceAnswer } from "../../../src/cli/verify-idempotency/face.ts";
import { verifyReport } from "../../../src/cli/verify-idempotency/verify-report.ts";

const answer: FaceAnswer = { type: "given", callId: "call-1", text: "Hello." };
const other: FaceAnswer = { type: "given", callId: "call-2", text: "Hello." };
const record = { callId: "call-1", upstreamCalls: 1, costNanos: 70n };
const good: Evidence = {
  face: "OpenAI JSON",
  answers: [answer, answer, answer],
  later: answer,
  records: [record],
  raised: { calls: 1, costNanos: 70n },
  received: 1,
};

const wrongOf = (changed: Partial<Evidence>): string => figuresOf({ ...good, ...changed }).wrong.join(" ");

describe("what duplicates came to", () => {
  it("is one call where all were given its answer, and it was processed and charged once", () => {
    expect(figuresOf(good)).toEqual({
      face: "OpenAI JSON",
      answered: 3,
      callIds: 1,
      records: 1,
      upstreamCalls: 1,
      costNanos: "70",
      laterIsSame: true,
      wrong: [],
    });
  });

  it("may have no price, and be seen by the records alone", () => {
    const unpriced = { ...record, costNanos: null };
    expect(wrongOf({ records: [unpriced], raised: { calls: 1, costNanos: 0n } })).toBe("");
    expect(wrongOf({ raised: undefined, received: undefined })).toBe("");
    expect(figuresOf({ ...good, records: [unpriced] }).costNanos).toBeNull();
  });

  it.each<[string, Partial<Evidence>]>([
    [
      "1 of 3 duplicates were not answered; the first was told rate_limited: wait",
      { answers: [answer, { type: "refused", said: "rate_limited: wait" }, answer] },
    ],
    ["The answers bear 2 request ids", { answers: [answer, other, answer] }],
    ["2 different texts were given", { answers: [answer, { ...answer, text: "Hi." }] }],
    ["0 records bear the key", { records: [] }],
    ["2 records bear the key", { records: [record, { ...record, callId: "call-2" }] }],
    [
      "The record is that of call call-9, the answers are those of call-1",
      { records: [{ ...record, callId: "call-9" }] },
    ],
    ["2 upstream calls stand on record", { records: [{ ...record, upstreamCalls: 2 }] }],
    ["The upstream received 100 requests", { received: 100 }],
    ["The usage counts 2 calls more", { raised: { calls: 2, costNanos: 70n } }],
    ["The usage costs 140 nano-dollars more, the records say 70", { raised: { calls: 1, costNanos: 140n } }],
    [
      "One more duplicate afterwards was told conflict: gone",
      { later: { type: "refused", said: "conflict: gone" } },
    ],
    ["One more duplicate afterwards was given another text", { later: { ...answer, text: "Hi." } }],
    ["One more duplicate afterwards was given the answer of call call-2", { later: other }],
  ])("is not, and a sentence says so: %s", (sentence, changed) => {
    expect(wrongOf(changed)).toContain(sentence);
  });
});

describe("the report", () => {
  it("is a table and a verdict", () => {
    expect(verifyReport([figuresOf(good)], 3)).toMatch(
      /^front end +answered +call ids .*\nOpenAI JSON +3 of 3 +1 +1 +1 +70 +the same\nEach of the 1 front ends/,
    );
  });

  it("says what differs, with no control character of what a gateway said", () => {
    const said = figuresOf({ ...good, later: { type: "refused", said: "internal: \u001b[2J\nx" } });
    expect(verifyReport([said], 3)).toMatch(
      /not the same\nDuplicates were not made one call:\nOpenAI JSON: One more .* internal: {1,2}\[2J x\n$/,
    );
  });
});
