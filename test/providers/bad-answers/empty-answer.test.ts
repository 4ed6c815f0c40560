// Answers that hold nothing: an error, never a reply that quietly says nothing.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenRule } from "../recorded/check-sequence.ts";
import { startAnsweringServer, upstreamId } from "./answering-server.ts";
import type { Answer, AnsweringServer } from "./answering-server.ts";
import { json } from "./encode.ts";
import { wireFormats } from "./formats.ts";
import type { WireFormat } from "./wire-format.ts";

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

async function expectBroken(
  format: WireFormat,
  answer: Answer,
  delivery: "unary" | "streamed",
): Promise<void> {
  server.answerWith(answer);
  const { events, failure, httpStatus, requestId } = await server.ask(format, delivery);
  expect(failure?.failure).toBe("broken_reply");
  expect(failure?.message).not.toBe("");
  expect(brokenRule({ events, failure })).toBeUndefined();
  expect(httpStatus).toBe(200);
  expect(requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
}

const bodies: readonly string[] = [
  "",
  "  \n ",
  "{}",
  "[]",
  "[{}]",
  "null",
  "0",
  '""',
  "true",
  "OK",
  "{",
  "\uFEFF",
];

describe.each(wireFormats)("nothing from $name", (format) => {
  test.each(bodies)("as the answer %j is a broken reply", async (body) => {
    await expectBroken(format, { type: "application/json", body }, "unary");
    await expectBroken(format, { type: "application/json", body }, "streamed");
    await expectBroken(format, { body }, "streamed");
  });

  test("as an answer without content and without a reason is a broken reply", async () => {
    const answer = { type: "application/json", body: json(format.hollow) };
    await expectBroken(format, answer, "unary");
    await expectBroken(format, { type: format.streamType, body: format.hollowStream }, "streamed");
  });

  test("as a stream without events is a broken reply", async () => {
    await expectBroken(format, { type: format.streamType, body: "" }, "streamed");
    await expectBroken(format, { type: format.streamType, body: "\n\n" }, "streamed");
    await expectBroken(format, { type: format.streamType, body: format.keepAlive }, "streamed");
  });

  test("as a stream of its terminal event alone is no quiet stop", async () => {
    const answer = { type: format.streamType, body: format.terminal };
    if (!format.terminalIsReply) {
      await expectBroken(format, answer, "streamed");
      return;
    }
    // The vendor itself says that it is done, and why.
    server.answerWith(answer);
    const { events, failure } = await server.ask(format, "streamed");
    expect(brokenRule({ events, failure })).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: "finished", reason: "stop", rawReason: /^stop$/i });
  });

  test("behind content is a broken reply, not its end", async () => {
    const whole = format.stream({ text: "Hi" });
    const cut = whole.subarray(0, whole.length - format.terminal.length - 3);
    await expectBroken(format, { type: format.streamType, body: cut }, "streamed");
  });
});
