import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiKeyBytes, formatApiKey, parseApiKey, prefixOf } from "../../src/identity/api-key-format.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const environment = fc.constantFrom("live" as const, "test" as const);
const random = fc.uint8Array({ minLength: apiKeyBytes, maxLength: apiKeyBytes });
const key = fc.tuple(environment, random).map(([of, bytes]) => formatApiKey(of, bytes));

/** The number that the random part stands for. */
const valueOf = (text: string): bigint =>
  Array.from(text.slice(9, 52)).reduce((value, digit) => value * 62n + BigInt(digits.indexOf(digit)), 0n);

describe("an API key", () => {
  it("is `slc_live_` or `slc_test_`, 43 characters that are its random bits, and 6 of a checksum", () => {
    fc.assert(
      fc.property(environment, random, (of, bytes) => {
        const text = formatApiKey(of, bytes);
        expect(text).toMatch(new RegExp(`^slc_${of}_[0-9A-Za-z]{49}$`));
        expect(valueOf(text)).toBe(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
        expect(parseApiKey(text)).toEqual({ environment: of, prefix: text.slice(0, 15) });
        expect(prefixOf(text)).toBe(text.slice(0, 15));
      }),
    );
  });

  it.each([0x00, 0xff])("is as long where every byte is %i", (byte) => {
    const text = formatApiKey("live", new Uint8Array(apiKeyBytes).fill(byte));
    expect(text).toHaveLength(58);
    expect(parseApiKey(text)).toMatchObject({ environment: "live" });
  });

  it("has the checksum of RFC 1952's CRC-32, so that others can make the check too", () => {
    // crc32("slc_live_" + 43 zeros) is 3371858889: written down once, so that keys in use stay good.
    expect(formatApiKey("live", new Uint8Array(apiKeyBytes))).toBe(`slc_live_${"0".repeat(43)}3gByWn`);
  });

  it("is made of 32 bytes and no others", () => {
    expect(() => formatApiKey("live", randomBytes(31))).toThrow(RangeError);
  });

  it("is noticed to be wrong with any one character in another's place", () => {
    for (let i = 0; i < 40; i += 1) {
      const text = formatApiKey(i % 2 === 0 ? "live" : "test", randomBytes(apiKeyBytes));
      for (let place = 0; place < text.length; place += 1) {
        for (const digit of `${digits}_-. é`) {
          if (digit === text[place]) continue;
          const wrong = text.slice(0, place) + digit + text.slice(place + 1);
          if (parseApiKey(wrong) !== undefined) expect.unreachable(wrong);
        }
      }
    }
  });

  it("is noticed to be wrong with any two characters swapped, or some lost, doubled or added", () => {
    fc.assert(
      fc.property(key, fc.nat(57), fc.nat(57), (text, a, b) => {
        const characters = Array.from(text);
        [characters[a], characters[b]] = [text.charAt(b), text.charAt(a)];
        const swapped = characters.join("");
        if (swapped !== text) expect(parseApiKey(swapped)).toBeUndefined();
        expect(parseApiKey(text.slice(0, a))).toBeUndefined();
        expect(parseApiKey(text.slice(a + 1))).toBeUndefined();
        expect(parseApiKey(text.slice(0, a) + text.slice(a + 1))).toBeUndefined();
        expect(parseApiKey(text.slice(0, a) + text.charAt(a) + text.slice(a))).toBeUndefined();
        for (const around of [" ", "\n", "0"]) {
          expect(parseApiKey(text + around)).toBeUndefined();
          expect(parseApiKey(around + text)).toBeUndefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is nothing else, whatever that is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `slc_live_${rest}`),
        ),
        (text) => {
          expect(parseApiKey(text)).toBeUndefined();
        },
      ),
    );
  });
});
