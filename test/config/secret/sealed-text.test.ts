import fc from "fast-check";
import { expect, it } from "vitest";
import { createKeyRing } from "../../../src/config/secret/key-ring.ts";
import { openSealed, sealText } from "../../../src/config/secret/sealed-text.ts";

const one = "one".repeat(11);
const two = "two".repeat(11);
const ring = (current: string, previous: readonly string[] = [], purpose = "test") =>
  createKeyRing({ current: () => current, known: () => current, previous }, purpose);
const flipped = (bytes: Uint8Array, bit: number) =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
const place = { table: "provider_configs", row: "groq", column: "secret" };

it("any text comes back from its place, and two sealings of it have nothing in common", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const sealed = sealText(text, place, ring(one));
      expect(openSealed(sealed, place, ring(one))).toBe(text);
      const again = sealText(text, place, ring(one));
      expect(again.nonce).not.toEqual(sealed.nonce);
      expect(again.ciphertext).not.toEqual(sealed.ciphertext);
    }),
  );
});

it("the nonce has 96 bits, and the ciphertext is the text's length and its tag's", () => {
  const { nonce, ciphertext } = sealText("sk-123", place, ring(one));
  expect([nonce.length, ciphertext.length]).toEqual([12, 6 + 16]);
});

it.each([
  ["another row", { ...place, row: "openai" }],
  ["another table", { ...place, table: "route_configs" }],
  ["another column", { ...place, column: "entry" }],
  ["names that are cut elsewhere", { table: "provider", row: '_configs","groq', column: "secret" }],
])("moved to %s it does not open", (_, elsewhere) => {
  const sealed = sealText("sk-123", place, ring(one));
  expect(() => openSealed(sealed, elsewhere, ring(one))).toThrow(/moved there from elsewhere/);
});

it("with any one bit changed it does not open", () => {
  const sealed = sealText("sk-123", place, ring(one));
  for (let bit = 0; bit < sealed.ciphertext.length * 8; bit += 1) {
    const changed = { ...sealed, ciphertext: flipped(sealed.ciphertext, bit) };
    expect(() => openSealed(changed, place, ring(one)), `bit ${bit}`).toThrow(/was changed/);
  }
  expect(() => openSealed({ ...sealed, nonce: flipped(sealed.nonce, 3) }, place, ring(one))).toThrow();
  expect(() => openSealed({ ...sealed, ciphertext: new Uint8Array(3) }, place, ring(one))).toThrow();
});

it("after a change of the secret the previous one opens it, and new texts are sealed with the new one", () => {
  const before = sealText("sk-123", place, ring(one));
  expect(openSealed(before, place, ring(two, [one]))).toBe("sk-123");
  const after = sealText("sk-123", place, ring(two, [one]));
  expect(after.keyId).not.toBe(before.keyId);
  expect(openSealed(after, place, ring(two))).toBe("sk-123");
});

it("after several changes each of the previous ones opens what it sealed", () => {
  const [first, second] = [ring(one), ring(two)].map((keys) => sealText("sk-123", place, keys));
  const now = ring("now".repeat(11), [two, one]);
  for (const sealed of [first, second]) {
    if (sealed === undefined) throw new Error("It was not sealed.");
    expect(openSealed(sealed, place, now)).toBe("sk-123");
  }
  expect(now.all()).toHaveLength(3);
});

it("without the previous secret it says which variable is missing", () => {
  const sealed = sealText("sk-123", place, ring(one));
  expect(() => openSealed(sealed, place, ring(two))).toThrow(
    `(key ${sealed.keyId}). Set SLUICE_SECRET_PREVIOUS`,
  );
});

it("a key serves one purpose, and its id tells nothing of it", () => {
  const [key, other] = [ring(one).current(), ring(one, [], "other").current()];
  expect(key.key.export()).toHaveLength(32);
  expect(other.key.export()).not.toEqual(key.key.export());
  expect(other.id).not.toBe(key.id);
  expect(key.id).toMatch(/^[0-9a-f]{16}$/);
  expect(key.key.export().toString("hex")).not.toContain(key.id);
  expect(ring(one).current().id).toBe(key.id);
  const sealed = sealText("sk-123", place, ring(one));
  expect(() => openSealed(sealed, place, ring(one, [], "other"))).toThrow();
});
