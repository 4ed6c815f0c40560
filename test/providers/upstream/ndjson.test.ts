import fc from "fast-check";
import { expect, test } from "vitest";
import { createNdjsonParser, ndjsonFraming } from "../../../src/providers/upstream/ndjson.ts";
import { failureOf } from "../../support/failure-of.ts";

const encoder = new TextEncoder();

const parse = (...chunks: readonly (string | Uint8Array)[]): readonly string[] => {
  const parser = createNdjsonParser({ maxLineBytes: 1_000 });
  const lines = chunks.flatMap((chunk) =>
    parser.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk),
  );
  return [...lines, ...parser.end()];
};

const tenByteParser = () => createNdjsonParser({ maxLineBytes: 10 });

test("one line a chunk, several, and one in pieces", () => {
  expect(parse('{"a":1}\n', '{"b":2}\n{"c":3}\n', '{"d"', ":4", "}\n")).toEqual([
    '{"a":1}',
    '{"b":2}',
    '{"c":3}',
    '{"d":4}',
  ]);
});

test("a line is handed out as soon as it ends", () => {
  const parser = createNdjsonParser({ maxLineBytes: 100 });
  expect(parser.push(encoder.encode("1\n2"))).toEqual(["1"]);
  expect(parser.push(encoder.encode("\n"))).toEqual(["2"]);
  expect(parser.end()).toEqual([]);
});

test("the last line may lack its end", () => {
  expect(parse("1\n2")).toEqual(["1", "2"]);
});

test("carriage returns and blank lines say nothing", () => {
  expect(parse("1\r\n\r\n \n2\r", "\n\n")).toEqual(["1", "2"]);
});

test("a byte order mark goes only at the start", () => {
  expect(parse("\uFEFF1\n", '"\uFEFF2"\n')).toEqual(["1", '"\uFEFF2"']);
});

test("invalid UTF-8 is a broken reply, at the end too", () => {
  expect(failureOf(() => parse(new Uint8Array([0xff, 10])))).toBe("broken_reply");
  expect(failureOf(() => parse(new Uint8Array([0xe2, 0x82]), "\n"))).toBe("broken_reply");
  expect(failureOf(() => parse(new Uint8Array([0xe2, 0x82])))).toBe("broken_reply");
});

test("a line may have the limit's bytes and not one more, whole or in pieces", () => {
  expect(tenByteParser().push(encoder.encode("0123456789\n01\n"))).toEqual(["0123456789", "01"]);
  expect(failureOf(() => tenByteParser().push(encoder.encode("01\n01234567890\n")))).toBe("broken_reply");
  const parser = tenByteParser();
  parser.push(encoder.encode("0123456789"));
  expect(failureOf(() => parser.push(encoder.encode("0")))).toBe("broken_reply");
});

test("is asked for by its content types alone", () => {
  const { contentType } = ndjsonFraming;
  expect(contentType.test("application/x-ndjson; charset=utf-8")).toBe(true);
  expect(contentType.test("application/ndjson")).toBe(true);
  expect(contentType.test("application/json")).toBe(false);
});

const body = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom("", " ", "\uFEFF", "{}"),
        fc.json().map((text) => text.replaceAll(/[\r\n]/g, "")),
        fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
      ),
      fc.constantFrom("\n", "\r\n"),
    ),
    { maxLength: 30 },
  )
  .map((lines) => encoder.encode(lines.map(([text, end]) => text + end).join("")));

const manyBytes = (bytes: Uint8Array): readonly string[] => {
  const parser = createNdjsonParser({ maxLineBytes: 1_000_000 });
  return [...[...bytes].flatMap((byte) => parser.push(new Uint8Array([byte]))), ...parser.end()];
};

const cutAt = (bytes: Uint8Array, ends: readonly number[]): readonly string[] => {
  const parser = createNdjsonParser({ maxLineBytes: 1_000_000 });
  const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
};

test("however the bytes are cut, the lines are the same", () => {
  fc.assert(
    fc.property(body, fc.array(fc.nat(400), { maxLength: 20 }), (bytes, cuts) => {
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const whole = cutAt(bytes, [bytes.length]);
      expect(cutAt(bytes, ends)).toEqual(whole);
      expect(manyBytes(bytes)).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});
