// The messages are written by the encoder of the vendor's own SDK.

import { EventStreamCodec } from "@smithy/eventstream-codec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAwsEventParser } from "../../../src/providers/upstream/aws-event-stream.ts";
import type { AwsEventFrame } from "../../../src/providers/upstream/aws-event-stream.ts";
import { failureOf } from "../../support/failure-of.ts";

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8")),
  (text) => Buffer.from(text, "utf8"),
);

type Headers = Parameters<typeof codec.encode>[0]["headers"];

const textHeaders = (headers: Readonly<Record<string, string>>): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: "string", value }]));

const messageOf = (headers: Headers, body: string): Uint8Array =>
  codec.encode({ headers, body: Buffer.from(body, "utf8") });

const event = messageOf(
  textHeaders({ ":event-type": "messageStart", ":message-type": "event" }),
  '{"a":"ü"}',
);
const eventFrame: AwsEventFrame = {
  headers: { ":event-type": "messageStart", ":message-type": "event" },
  body: '{"a":"ü"}',
};

const parse = (...chunks: readonly Uint8Array[]): readonly AwsEventFrame[] => {
  const parser = createAwsEventParser({ maxMessageBytes: 100_000 });
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
};

const changed = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe("an event stream of AWS's", () => {
  test("has one message a chunk, several, and one in pieces", () => {
    expect(parse(event)).toEqual([eventFrame]);
    expect(parse(Buffer.concat([event, event]), event.subarray(0, 20), event.subarray(20))).toEqual([
      eventFrame,
      eventFrame,
      eventFrame,
    ]);
  });

  test("has headers of every type; texts are handed on", () => {
    const message = messageOf(
      {
        yes: { type: "boolean", value: true },
        no: { type: "boolean", value: false },
        byte: { type: "byte", value: 7 },
        short: { type: "short", value: 7 },
        integer: { type: "integer", value: 7 },
        binary: { type: "binary", value: new Uint8Array([1, 2, 3]) },
        timestamp: { type: "timestamp", value: new Date(7) },
        uuid: { type: "uuid", value: "00112233-4455-6677-8899-aabbccddeeff" },
        text: { type: "string", value: "ö" },
      },
      "",
    );
    expect(parse(message)).toEqual([{ headers: { text: "ö" }, body: "" }]);
  });

  test("may have a message without headers or body", () => {
    expect(parse(messageOf({}, ""))).toEqual([{ headers: {}, body: "" }]);
  });

  test("has a header that is named as no object's member may be", () => {
    const [frame] = parse(messageOf(textHeaders({ ["__proto__"]: "x" }), ""));
    expect(Object.entries(frame?.headers ?? {})).toEqual([["__proto__", "x"]]);
  });

  test("is broken where any single bit is another one", () => {
    for (let at = 0; at < event.length; at += 1) {
      expect(failureOf(() => parse(changed(event, at)))).toBe("broken_reply");
    }
  });

  test("hands out nothing of a message that its end cuts", () => {
    for (let end = 0; end < event.length; end += 1) {
      expect(parse(event, event.subarray(0, end))).toEqual([eventFrame]);
    }
  });

  test("is broken by a body that is not UTF-8", () => {
    const message = codec.encode({ headers: {}, body: new Uint8Array([0xff]) });
    expect(failureOf(() => parse(message))).toBe("broken_reply");
  });

  test("may have a message of the limit's length; a longer one is refused by its first 12 bytes", () => {
    const atLimit = createAwsEventParser({ maxMessageBytes: event.length });
    expect(atLimit.push(event)).toEqual([eventFrame]);
    const below = createAwsEventParser({ maxMessageBytes: event.length - 1 });
    expect(below.push(event.subarray(0, 11))).toEqual([]);
    expect(failureOf(() => below.push(event.subarray(11, 12)))).toBe("broken_reply");
  });

  test("puts a large message together once, however many pieces it comes in", () => {
    const body = "x".repeat(4_000_000);
    const large = messageOf({}, body);
    const parser = createAwsEventParser({ maxMessageBytes: 5_000_000 });
    const frames: AwsEventFrame[] = [];
    const startMs = performance.now();
    for (let at = 0; at < large.length; at += 256) frames.push(...parser.push(large.subarray(at, at + 256)));
    // Linear it takes milliseconds; joined anew for each piece, many seconds.
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(frames.map((frame) => frame.body.length)).toEqual([body.length]);
  });

  test("gives the same frames however its bytes are cut", () => {
    const message = fc
      .tuple(
        fc.dictionary(fc.stringMatching(/^[:a-z-]{1,12}$/), fc.string({ unit: "grapheme", maxLength: 8 }), {
          maxKeys: 3,
        }),
        fc.json(),
      )
      .map(([headers, body]) => ({ headers: { ...headers }, body }));
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.array(fc.nat(600), { maxLength: 20 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(
            messages.map(({ headers, body }) => messageOf(textHeaders(headers), body)),
          );
          const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
          const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
          expect(parse(...pieces)).toEqual(messages);
          expect(parse(...[...bytes].map((byte) => new Uint8Array([byte])))).toEqual(messages);
        },
      ),
      { numRuns: 200 },
    );
  });
});
