import fc from "fast-check";
import { expect, test } from "vitest";
import { createSseParser } from "../../../src/providers/upstream/sse.ts";
import type { SseFrame } from "../../../src/providers/upstream/sse.ts";
import { failureOf } from "../../support/failure-of.ts";

const encoder = new TextEncoder();

const parse = (...chunks: readonly (string | Uint8Array)[]): readonly SseFrame[] => {
  const parser = createSseParser({ maxLineBytes: 1_000 });
  return chunks.flatMap((chunk) => parser.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk));
};

const tenByteParser = () => createSseParser({ maxLineBytes: 10 });

const message = (data: string): SseFrame => ({ event: undefined, data });

test("one event a chunk, and several", () => {
  expect(parse('data: {"a":1}\n\n')).toEqual([message('{"a":1}')]);
  expect(parse("data: 1\n\ndata: 2\n\n", "data: 3\n\n")).toEqual([message("1"), message("2"), message("3")]);
});

test("all three line ends", () => {
  expect(parse("data: 1\r\n\r\ndata: 2\r\rdata: 3\n\n")).toEqual([message("1"), message("2"), message("3")]);
});

test("a CRLF that is cut in the middle is one line end", () => {
  expect(parse("data: 1\r", "\ndata: 2\r", "\n\r", "\n")).toEqual([message("1\n2")]);
});

test("an event that ends with CR is handed out without waiting for what follows", () => {
  const parser = createSseParser({ maxLineBytes: 100 });
  expect(parser.push(encoder.encode("data: 1\r\r"))).toEqual([message("1")]);
  expect(parser.push(encoder.encode("\ndata: 2\r\r"))).toEqual([message("2")]);
});

test("a line feed after the rest of a line ends that line, though a CR ended the one before", () => {
  expect(parse("data: 1\rdata: 2", "\n\n")).toEqual([message("1\n2")]);
});

test("several data lines are joined, one leading space goes, a line without a colon is an empty field", () => {
  expect(parse("data:  a\ndata:b\ndata\n\n")).toEqual([message(" a\nb\n")]);
});

test("comments, id, retry and unknown fields say nothing", () => {
  expect(parse(": hello\n\nid: 7\nretry: 10\nwhat: x\n\ndata: 1\n: inside\n\n")).toEqual([message("1")]);
});

test("the event's name holds for one event", () => {
  expect(parse("event: error\ndata: 1\n\ndata: 2\n\n")).toEqual([
    { event: "error", data: "1" },
    message("2"),
  ]);
});

test("an event without data is none, one with an empty data line is one", () => {
  expect(parse("event: ping\n\ndata:\n\n")).toEqual([message("")]);
});

test("a byte order mark goes only at the start", () => {
  expect(parse("\uFEFFdata: 1\n\n", "\uFEFFdata: 2\n\ndata: \uFEFF3\n\n")).toEqual([
    message("1"),
    message("\uFEFF3"),
  ]);
});

test("an event without its blank line is not handed out", () => {
  expect(parse("data: 1\n\ndata: 2\n")).toEqual([message("1")]);
});

test("invalid UTF-8 is a broken reply", () => {
  expect(failureOf(() => parse(new Uint8Array([100, 97, 116, 97, 58, 0xff, 10, 10])))).toBe("broken_reply");
  // An overlong form, and a character that a line end cuts.
  expect(failureOf(() => parse(new Uint8Array([0xc0, 0xaf, 10])))).toBe("broken_reply");
  expect(failureOf(() => parse(new Uint8Array([0xe2, 0x82]), "\n"))).toBe("broken_reply");
});

test("a line may have the limit's bytes and not one more, whole or in pieces", () => {
  expect(tenByteParser().push(encoder.encode("data: 1234\n\n"))).toEqual([message("1234")]);
  expect(failureOf(() => tenByteParser().push(encoder.encode("data: 12345\n\n")))).toBe("broken_reply");
  const parser = tenByteParser();
  parser.push(encoder.encode("data: 1234"));
  expect(failureOf(() => parser.push(encoder.encode("5")))).toBe("broken_reply");
});

test("an event of many lines has the same limit", () => {
  const parser = createSseParser({ maxLineBytes: 10 });
  expect(failureOf(() => parser.push(encoder.encode("data: 1234\n".repeat(3))))).toBe("broken_reply");
});

const line = fc.oneof(
  fc.constantFrom("", "data", "event: error", ": note", "id: 1", "\uFEFFdata: x"),
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, "")}`),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 30 })
  .map((lines) => encoder.encode(lines.map(([text, end]) => text + end).join("")));

test("however the bytes are cut, the events are the same", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 20 }), (bytes, cuts) => {
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
      expect(parse(...pieces)).toEqual(parse(bytes));
      expect(parse(...[...bytes].map((byte) => new Uint8Array([byte])))).toEqual(parse(bytes));
    }),
    { numRuns: 500 },
  );
});
