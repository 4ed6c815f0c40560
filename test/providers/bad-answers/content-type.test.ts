// Answers in another form than the one that was asked for.

import { gzipSync } from "node:zlib";
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

async function messageOfBroken(
  format: WireFormat,
  answer: Answer,
  delivery: "unary" | "streamed",
): Promise<string> {
  server.answerWith(answer);
  const { failure, requestId, httpStatus } = await server.ask(format, delivery);
  expect(failure).toMatchObject({ failure: "broken_reply", ownWords: true });
  expect(httpStatus).toBe(answer.status ?? 200);
  expect(requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
  expect(failure?.message).not.toMatch(/<html|Hi/);
  return failure?.message ?? "";
}

const page = "<!doctype html><html><body>Hi, please log in</body></html>";

describe.each(wireFormats)("$name", (format) => {
  const whole = json(format.whole({ text: "Hi" }));

  test.each(["application/json", "text/html", "application/octet-stream", undefined])(
    "that gives a whole answer (%s) where a stream was asked is broken, and says what to check",
    async (type) => {
      const message = await messageOfBroken(format, { type, body: whole }, "streamed");
      expect(message).toMatch(/base URL/);
    },
  );

  test("that gives a page is broken", async () => {
    for (const delivery of ["unary", "streamed"] as const) {
      await messageOfBroken(format, { type: "text/html", body: page }, delivery);
    }
    await messageOfBroken(format, { type: format.streamType, body: page }, "streamed");
    await messageOfBroken(format, { type: "application/json", body: page }, "unary");
  });

  test("that gives a stream where a whole answer was asked is broken", async () => {
    const body = format.stream({ text: "Hi" });
    await messageOfBroken(format, { type: format.streamType, body }, "unary");
  });

  test("that gives JSON under the name of a stream is broken, or read whole", async () => {
    const body = `${JSON.stringify([JSON.parse(whole)], null, 2)}\n`;
    server.answerWith({ type: format.streamType, body });
    const { events, failure } = await server.ask(format, "streamed");
    if (failure !== undefined) expect(failure.failure).toBe("broken_reply");
    else expect(events).toContainEqual({ type: "part_delta", index: 0, text: "Hi" });
    expect(brokenRule({ events, failure })).toBeUndefined();
  });

  test("that compresses what was asked for plain is broken", async () => {
    const headers = { "content-encoding": "gzip" };
    const body = gzipSync(format.stream({ text: "Hi" }));
    for (const message of [
      await messageOfBroken(format, { type: "application/json", headers, body: gzipSync(whole) }, "unary"),
      await messageOfBroken(format, { type: format.streamType, headers, body }, "streamed"),
    ]) {
      expect(message).toMatch(/compressed/);
    }
  });

  test("that compresses without a word is broken", async () => {
    await messageOfBroken(format, { type: "application/json", body: gzipSync(whole) }, "unary");
    const body = gzipSync(format.stream({ text: "Hi" }));
    await messageOfBroken(format, { type: format.streamType, body }, "streamed");
  });

  test("that compresses an error tells its status at least", async () => {
    const body = gzipSync(json(format.error(429, "Too many").body));
    server.answerWith({
      status: 429,
      type: "application/json",
      headers: { "content-encoding": "gzip" },
      body,
    });
    const { failure, requestId } = await server.ask(format, "unary");
    expect(failure?.failure).toBe("rate_limited");
    expect(requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
  });

  test("that has no body where one must be is broken", async () => {
    for (const delivery of ["unary", "streamed"] as const) {
      await messageOfBroken(format, { status: 204, body: "" }, delivery);
    }
  });

  test("that sends the caller elsewhere is not followed", async () => {
    const headers = { location: "http://127.0.0.1:1/elsewhere" };
    for (const delivery of ["unary", "streamed"] as const) {
      server.answerWith({ status: 302, headers, body: "" });
      const { failure, httpStatus } = await server.ask(format, delivery);
      expect(failure?.message).not.toBe("");
      expect(httpStatus).toBe(302);
    }
  });
});
