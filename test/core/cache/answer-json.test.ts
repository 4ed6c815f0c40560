import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CachedAnswer } from "../../../src/core/cache/answer-cache.ts";
import { anyAnswer, answerOf, testAnswerJson } from "../../support/kept-answers.ts";

const anyKey = fc.string({ unit: "binary", maxLength: 1_024 });

const write = (key: string, answer: CachedAnswer) => testAnswerJson.write(key, answer);
const read = (key: string, text: string) => testAnswerJson.read(key, text);

const key = "acme/1";
const nowMs = 1_750_000_000_000;
const written = (more: object): string =>
  JSON.stringify({ ...JSON.parse(write(key, answerOf("hello", nowMs))), ...more });

const isText = (value: unknown): boolean => typeof value === "string";
const isAmount = (value: unknown): boolean => typeof value === "number" && value >= 0;

describe("an answer as JSON", () => {
  it("comes back as it was, under its key", () => {
    fc.assert(
      fc.property(anyKey, anyAnswer, (key, answer) => {
        expect(read(key, write(key, answer))).toEqual(answer);
      }),
    );
  });

  it("comes back under no other key", () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyAnswer, (key, other, answer) => {
        fc.pre(key !== other);
        expect(read(other, write(key, answer))).toBeUndefined();
      }),
    );
  });

  it("keeps vectors of floats", () => {
    const vectors = [new Float32Array([0.1, -2]), new Float32Array([3, 4e-20])];
    const answer = answerOf("", nowMs, { operation: "embed", events: [{ type: "embedded", vectors }] });
    const events = read(key, write(key, answer))?.events;
    expect(events).toEqual([{ type: "embedded", vectors }]);
  });

  it("is nothing for any other text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
        expect(read(key, text)).toBeUndefined();
      }),
    );
  });

  it("is nothing when it was cut or something was put in", () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(anyAnswer, place, (answer, place) => {
        const text = write(key, answer);
        expect(read(key, text.slice(0, Math.floor(place * text.length)))).toBeUndefined();
      }),
    );
    expect(read(key, `${written({})}}`)).toBeUndefined();
    expect(read(key, written({}))).toBeDefined();
  });

  it("is nothing when a member is missing, or of a wrong type", () => {
    const whole: object = JSON.parse(written({}));
    const members = Object.keys(whole);
    expect(members).toHaveLength(13);
    for (const name of members)
      expect([name, read(key, written({ [name]: undefined }))]).toEqual([name, undefined]);
    const wrong = fc.oneof(
      fc.constantFrom<unknown>(-1, 0.5, "", "1x", "-1", "chat ", "toString", [null], [1], [{}], {}, true),
      fc.jsonValue(),
    );
    // What is right by chance is left as it is.
    const types: Readonly<Record<string, (value: unknown) => boolean>> = {
      provider: isText,
      model: isText,
      requestId: isText,
      bytes: isAmount,
      storedAtMs: isAmount,
      freshUntilMs: isAmount,
      staleUntilMs: isAmount,
      events: (value) => Array.isArray(value) && value.length === 0,
      losses: (value) => Array.isArray(value) && value.length === 0,
      costNanos: (value) => value === null || (typeof value === "string" && /^\d+$/.test(value)),
    };
    fc.assert(
      fc.property(fc.constantFrom(...members), wrong, (name, value) => {
        fc.pre(types[name]?.(value) !== true);
        expect(read(key, written({ [name]: value }))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["another version", { version: 2 }],
    ["an operation that is a member of every object", { operation: "constructor" }],
    ["another operation's events", { operation: "embed" }],
    ["times out of order", { freshUntilMs: nowMs - 1 }],
    ["a time of its end before that", { staleUntilMs: nowMs + 1 }],
    ["a cost with too many digits", { costNanos: "1".repeat(31) }],
    [
      "one event of many that is none",
      { events: [{ type: "part_delta", index: 0, text: "a" }, { type: "?" }] },
    ],
    ["a loss without its detail", { losses: [{ field: "stop" }] }],
  ])("is nothing with %s", (_, more) => {
    expect(read(key, written(more))).toBeUndefined();
  });
});
