import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundBody } from "../../src/db/bound-body.ts";
import { createBodyKeeper } from "../../src/db/kept-body.ts";

const bodies = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })),
  fc.dictionary(fc.string(), fc.string({ unit: "binary", maxLength: 200 })),
);

describe("what is kept of a body", () => {
  it("is the beginning of its JSON text, of at most the limit, and cut only if it must be", () => {
    const property = fc.property(bodies, fc.integer({ min: 1, max: 300 }), (body, maxBytes) => {
      const whole = JSON.stringify(body);
      const { text, cut } = createBodyKeeper(maxBytes)(body, { charsLeft: 10_000 });
      const bytes = Buffer.byteLength(text ?? "");
      expect(whole.startsWith(text ?? "-")).toBe(true);
      expect(text?.isWellFormed()).toBe(true);
      expect(bytes).toBeLessThanOrEqual(maxBytes);
      expect(cut).toBe(Buffer.byteLength(whole) > maxBytes);
      if (cut) expect(bytes).toBeGreaterThan(maxBytes - 4);
      else expect(text).toBe(whole);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("is nothing, marked as cut, for a value that JSON has no words for", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const keep = createBodyKeeper(100);
    const room = { charsLeft: 100 };
    expect(keep(circle, room)).toEqual({ text: null, cut: true });
    expect(keep({ big: 1n }, room)).toEqual({ text: null, cut: true });
    expect(room.charsLeft).toBe(100);
  });
});

it("a body that nests too deeply is cut there instead of ending the thread", () => {
  let body: Record<string, unknown> = {};
  for (let depth = 0; depth < 100_000; depth++) body = { in: body };
  const bounded = boundBody(body, 1_000_000);
  expect(JSON.stringify(bounded).match(/in/g)).toHaveLength(100);
});
