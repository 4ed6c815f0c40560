// Answers that go on for ever and say nothing. Every byte counts as a sign of life, so no idle time ends them: the
// call's own signal does, as its deadline or its caller's leaving sets it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Delivery } from "../../../src/core/provider.ts";
import { headOf, startAnsweringServer } from "./answering-server.ts";
import type { AnsweringServer } from "./answering-server.ts";
import { bytes } from "./encode.ts";
import { flood } from "./flood.ts";
import type { Flood } from "./flood.ts";
import { adapterFormats } from "./formats.ts";
import type { WireFormat } from "./wire-format.ts";

const mebibyte = 1_048_576;

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

interface Endless {
  readonly status?: number;
  readonly type: string;
  readonly start: Uint8Array;
  readonly piece: Uint8Array;
  readonly delivery: Delivery;
}

/** Aborts the call when some has been read, and expects that reason, and the socket's end. */
async function expectEnded(
  format: WireFormat,
  { status = 200, type, start, piece, delivery }: Endless,
): Promise<void> {
  const begun = Promise.withResolvers<Flood>();
  server.answerBy((socket) => {
    const head = bytes(`${headOf(format, { status, type })}connection: close\r\n\r\n`);
    const all = { start: Buffer.concat([head, start]), piece, maxBytes: Number.POSITIVE_INFINITY };
    begun.resolve(flood(socket, all));
  });
  const call = new AbortController();
  const reason = new GatewayError({ code: "deadline_exceeded", message: "The call took too long." });
  const asked = server.ask(format, delivery, call.signal);
  const running = await begun.promise;
  await running.reached(16 * mebibyte);
  call.abort(reason);
  await expect(asked).rejects.toBe(reason);
  await running.over;
}

describe.each(adapterFormats)("an endless answer of $name", (format) => {
  test("of signs of life in a stream is ended by the call's signal, and its socket closed", async () => {
    const pieces = Math.ceil(65_536 / format.keepAlive.length);
    await expectEnded(format, {
      type: format.streamType,
      start: streamStart(format),
      piece: Buffer.concat(Array.from({ length: pieces }, () => format.keepAlive)),
      delivery: "streamed",
    });
  });

  test("of white space before a whole answer is ended by the call's signal", async () => {
    const piece = bytes(" ".repeat(4_096));
    await expectEnded(format, {
      type: "application/json",
      start: piece,
      piece,
      delivery: "unary",
    });
  });

  test("of an error is ended by the call's signal", async () => {
    const piece = bytes("no ".repeat(1_024));
    await expectEnded(format, { status: 500, type: "text/plain", start: piece, piece, delivery: "unary" });
  });
});

/** The first event, where signs of life need one before them. */
function streamStart({ streamType, stream }: WireFormat): Uint8Array {
  const whole = Buffer.from(stream({ text: "Hi" }));
  return streamType.startsWith("application/vnd")
    ? whole.subarray(0, whole.readUInt32BE(0))
    : new Uint8Array();
}
