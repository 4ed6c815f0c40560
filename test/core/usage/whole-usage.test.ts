import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { wholeUsage } from "../../../src/core/usage/whole-usage.ts";

const byLength = (complete: boolean, outputTokens: number | undefined = 2.5) => ({
  complete,
  outputTokens,
  inputTokens: () => 7,
});
const told = (input: number | undefined, output: number | undefined): Usage => ({
  input: { total: input },
  output: { total: output },
  source: "reported",
});

const unread = (): never => {
  throw new Error("read");
};

describe("what an answer has used", () => {
  it("is what was told, where that is whole", () => {
    const usage = told(3, 1);
    expect(wholeUsage(usage, byLength(true))).toBe(usage);
  });

  it("is told by its length where nobody told it", () => {
    const estimated = {
      input: { total: 7, audio: 0 },
      output: { total: 3, audio: 0, reasoning: 0 },
      source: "estimated",
    };
    expect(wholeUsage(undefined, byLength(true))).toEqual(estimated);
    expect(wholeUsage(undefined, byLength(false))).toEqual(estimated);
  });

  it.each([
    { usage: told(4, undefined), complete: true, expected: [4, 3] },
    { usage: told(undefined, 9), complete: true, expected: [7, 9] },
    // What is told at the beginning is not what was used at the end.
    { usage: told(4, 1), complete: false, expected: [4, 3] },
  ])("has by its length what was not told, or not to the end: $expected", ({ usage, complete, expected }) => {
    const { input, output, source } = wholeUsage(usage, byLength(complete));
    expect([input.total, output.total]).toEqual(expected);
    expect(source).toBe("estimated");
  });

  it("has no output where such answers have none", () => {
    const none = { ...byLength(true), outputTokens: undefined };
    expect(wholeUsage(told(4, undefined), none)).toEqual(told(4, 0));
    expect(wholeUsage(undefined, none)).toMatchObject({ input: { total: 7 }, output: { total: 0 } });
  });

  it("keeps the kinds of tokens that were told beside what was not", () => {
    const usage: Usage = { input: { total: 4, audio: 3 }, output: { reasoning: 2 }, source: "reported" };
    expect(wholeUsage(usage, byLength(false))).toEqual({
      input: { total: 4, audio: 3 },
      output: { total: 3, audio: 0, reasoning: 2 },
      source: "estimated",
    });
  });

  it("is never less than what was told, and its length is not read for nothing", () => {
    const count = fc.nat();
    fc.assert(
      fc.property(count, count, fc.double({ min: 0, max: 1e9, noNaN: true }), (input, output, length) => {
        const whole = wholeUsage(told(input, output), {
          complete: false,
          outputTokens: length,
          inputTokens: unread,
        });
        expect(whole.input.total).toBe(input);
        expect(whole.output.total).toBe(Math.max(output, Math.ceil(length)));
      }),
    );
  });
});
