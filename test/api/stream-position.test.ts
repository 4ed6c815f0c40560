import fc from "fast-check";
import { expect, test } from "vitest";
import { eventId, readPosition, wholeUpTo } from "../../src/api/stream-position.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { refusalOf } from "../support/refusal-of.ts";

const anyPosition = fc.record({
  callId: fc.oneof(fc.uuid({ version: 7 }), fc.stringMatching(/^[\w-]{1,64}$/)),
  sequence: fc.nat(1e9),
  told: fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined }),
});

test("a position comes back as it was told", () => {
  fc.assert(
    fc.property(anyPosition, (told) => {
      expect(readPosition(eventId(told))).toEqual(told);
    }),
  );
});

test("what is read is told in the same words; everything else is refused, and not shown", () => {
  const anyHeader = fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^[\w-]{0,3}:?[0-9.+-]{0,20}$/));
  fc.assert(
    fc.property(anyHeader, (header) => {
      try {
        const read = readPosition(header);
        if (read !== undefined) {
          // But for zeros before a number.
          expect(readPosition(eventId(read))).toEqual(read);
          expect(Number.isSafeInteger(read.sequence)).toBe(true);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        expect(error).toMatchObject({
          code: "invalid_request",
          field: "last-event-id",
          message: "last-event-id: must be the id of an event of the stream, as `<call id>:<sequence>`",
        });
      }
    }),
  );
});

test.each([undefined, ""])("none is none: %o", (header) => expect(readPosition(header)).toBeUndefined());

test.each([
  "a",
  "a:",
  ":1",
  "a:-1",
  "a:1 ",
  "a: 1",
  "a:1.",
  "a:1.x",
  "a b:1",
  "a:1:2",
  `${"a".repeat(65)}:1`,
  "a:1\n",
])("refused: %j", (header) =>
  expect(refusalOf(() => readPosition(header))).toMatchObject({ code: "invalid_request" }),
);

test("of an event that is told in several, not all of which have come, nothing has come whole", () => {
  expect(wholeUpTo({ callId: "a", sequence: 7 })).toBe(7);
  expect(wholeUpTo({ callId: "a", sequence: 7, told: 2 })).toBe(6);
  expect(wholeUpTo({ callId: "a", sequence: 0, told: 1 })).toBe(-1);
});
