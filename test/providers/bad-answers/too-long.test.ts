// Answers of 100 MiB, at the limit that providers are made with. The connection is closed soon after the limit, so
// that neither side holds the rest.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Delivery } from "../../../src/core/provider.ts";
import { defaultMaxAnswerBytes } from "../../../src/providers/upstream/create-upstream.ts";
import { heldBytes } from "../../support/held-bytes.ts";
import { headOf, startAnsweringServer, upstreamId } from "./answering-server.ts";
import type { Answer, AnsweringServer, Outcome } from "./answering-server.ts";
import { bytes } from "./encode.ts";
import { flood } from "./flood.ts";
import type { Flood } from "./flood.ts";
import { adapterFormats } from "./formats.ts";
import type { WireFormat } from "./wire-format.ts";

const mebibyte = 1_048_576;
const maxBytes = 100 * mebibyte;

/** What the sockets' buffers on both sides may hold beside. */
const inSockets = 16 * mebibyte;

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

interface Flooding extends Omit<Answer, "body"> {
  readonly start?: Uint8Array;
  readonly piece: Uint8Array;
  readonly delivery: Delivery;
}

/** Asks for an answer that goes on for 100 MiB. */
async function flooded(
  format: WireFormat,
  { start = new Uint8Array(), piece, delivery, ...answer }: Flooding,
): Promise<{ readonly outcome: Outcome; readonly sentBytes: number }> {
  let running: Flood | undefined;
  server.answerBy((socket) => {
    const head = bytes(`${headOf(format, answer)}connection: close\r\n\r\n`);
    running = flood(socket, { start: Buffer.concat([head, start]), piece, maxBytes });
  });
  const outcome = await server.ask(format, delivery);
  await running?.over;
  return { outcome, sentBytes: running?.sentBytes() ?? maxBytes };
}

function expectStopped(
  { outcome, sentBytes }: Awaited<ReturnType<typeof flooded>>,
  format: WireFormat,
): void {
  expect(outcome.requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
  expect(outcome.failure?.message).not.toBe("");
  expect(outcome.failure?.message.length).toBeLessThanOrEqual(700);
  expect(sentBytes).toBeLessThan(defaultMaxAnswerBytes + inSockets);
}

const xs = Buffer.alloc(mebibyte, "x");

describe.each(adapterFormats)("100 MiB from $name", (format) => {
  test("as a whole answer are a broken reply", async () => {
    const start = bytes('{"x":"');
    const told = await flooded(format, { type: "application/json", start, piece: xs, delivery: "unary" });
    expectStopped(told, format);
    expect(told.outcome.failure?.failure).toBe("broken_reply");
  });

  test("as one frame of a stream are a broken reply", async () => {
    const told = await flooded(format, {
      type: format.streamType,
      start: format.frameStart,
      piece: xs,
      delivery: "streamed",
    });
    expectStopped(told, format);
    expect(told.outcome.failure?.failure).toBe("broken_reply");
  });

  test("in a stream's place are a broken reply", async () => {
    const told = await flooded(format, { type: "application/json", piece: xs, delivery: "streamed" });
    expectStopped(told, format);
    expect(told.outcome.failure?.failure).toBe("broken_reply");
  });

  test("of an error leave its status", async () => {
    const told = await flooded(format, { status: 503, piece: xs, delivery: "streamed" });
    expectStopped(told, format);
    expect(told.outcome.failure?.failure).toBe("overloaded");
    expect(told.outcome.httpStatus).toBe(503);
  });
});

describe.each(adapterFormats.slice(0, 1))("100 MiB from $name", (format) => {
  test.each([
    ["lines of one event", `data: ${"x".repeat(65_536)}\n`],
    ["lines of JSON between events", `{${"x".repeat(65_536)}\n`],
  ])("as %s are a broken reply", async (_name, line) => {
    const piece = bytes(line.repeat(16));
    const told = await flooded(format, { type: format.streamType, piece, delivery: "streamed" });
    expectStopped(told, format);
    expect(told.outcome.failure?.failure).toBe("broken_reply");
  });

  test("are not kept when they were refused", async () => {
    const before = await heldBytes();
    const outcomes: Outcome[] = [];
    for (const delivery of ["unary", "streamed"] as const) {
      const type = delivery === "unary" ? "application/json" : format.streamType;
      const told = await flooded(format, { type, start: format.frameStart, piece: xs, delivery });
      outcomes.push(told.outcome);
    }
    expect((await heldBytes()) - before).toBeLessThan(8 * mebibyte);
    expect(outcomes.map(({ failure }) => failure?.failure)).toEqual(["broken_reply", "broken_reply"]);
  });
});
