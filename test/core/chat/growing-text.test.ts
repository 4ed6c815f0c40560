import fc from "fast-check";
import { expect, test } from "vitest";
import { GrowingText } from "../../../src/core/chat/growing-text.ts";
import { heldBytes } from "../../support/held-bytes.ts";

test("is its pieces one after the other, whenever it is read", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 300 }), fc.nat({ max: 300 }), (pieces, readAt) => {
      const text = new GrowingText();
      for (const [at, piece] of pieces.entries()) {
        if (at === readAt) expect(text.whole()).toBe(pieces.slice(0, at).join(""));
        text.add(piece);
      }
      expect(text.whole()).toBe(pieces.join(""));
      expect(text.whole()).toBe(pieces.join(""));
    }),
  );
});

test("takes little more memory than its characters, however small the pieces are", async () => {
  const pieces = Array.from({ length: 500_000 }, (_, at) => `w${at % 1000} `);
  const characters = pieces.join("").length;
  const before = await heldBytes();
  const text = new GrowingText();
  // Of its own, as each piece of a stream is.
  for (const piece of pieces) text.add(structuredClone(piece));
  const held = (await heldBytes()) - before;
  expect(text.whole().length).toBe(characters);
  expect(held).toBeLessThan(2 * characters);
});
