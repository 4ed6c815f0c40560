// A 200 that is an error all the same: whole, in a stream's place, and as an event of a stream.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenRule } from "../recorded/check-sequence.ts";
import { startAnsweringServer, upstreamId } from "./answering-server.ts";
import type { Answer, AnsweringServer, Outcome } from "./answering-server.ts";
import { json } from "./encode.ts";
import { wireFormats } from "./formats.ts";
import type { WireFormat } from "./wire-format.ts";

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

const words = "Something broke, asked with sk-proj-abcdefghij0123456789";
const told = "Something broke, asked with [redacted]";

async function failed(format: WireFormat, answer: Answer, delivery: "unary" | "streamed"): Promise<Outcome> {
  server.answerWith(answer);
  const outcome = await server.ask(format, delivery);
  const { events, failure, requestId, httpStatus } = outcome;
  if (failure === undefined) throw new Error("the reply came to its end");
  expect(brokenRule({ events, failure })).toBeUndefined();
  expect(httpStatus).toBe(200);
  expect(requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
  expect(failure.message).not.toMatch(/sk-proj|0123456789|<html/);
  expect(failure.message.length).toBeLessThanOrEqual(700);
  return outcome;
}

describe.each(wireFormats)("a 200 of $name", (format) => {
  const own = (): Answer => {
    const { body, headers } = format.error(500, words);
    return { type: "application/json", headers, body: json(body) };
  };

  test("that holds the vendor's error is that error", async () => {
    for (const delivery of ["unary", "streamed"] as const) {
      const { failure } = await failed(format, own(), delivery);
      expect(failure).toMatchObject({ failure: "unavailable", ownWords: false });
      expect(failure?.message).toContain(told);
    }
  });

  test("that holds an error as bytes is that error", async () => {
    const answer = { ...own(), type: "application/octet-stream" };
    for (const delivery of ["unary", "streamed"] as const) {
      expect((await failed(format, answer, delivery)).failure?.message).toContain(told);
    }
  });

  test.each([
    ["a string as the error", { error: words }],
    ["a message alone", { message: words }],
    ["a detail", { detail: words }],
    ["an error of another type", { error: [words] }],
    ["a list around it", [{ error: { message: words } }]],
  ])("that holds %s is an error", async (_name, body) => {
    for (const delivery of ["unary", "streamed"] as const) {
      await failed(format, { type: "application/json", body: json(body) }, delivery);
    }
  });

  test("whose stream holds an error is that error", async () => {
    const { failure } = await failed(
      format,
      { type: format.streamType, body: format.errorEvent(words) },
      "streamed",
    );
    expect(failure?.failure).toBe("unavailable");
    expect(failure?.message).toContain(told);
  });

  test("whose stream breaks into an error is that error, behind what came", async () => {
    const begun = withoutLastEvent(format, format.stream({ text: "Hi" }));
    const { failure, events } = await failed(
      format,
      { type: format.streamType, body: Buffer.concat([begun, format.errorEvent(words)]) },
      "streamed",
    );
    expect(failure?.message).toContain(told);
    expect(events.some((event) => event.type === "part_delta" && event.text === "Hi")).toBe(true);
  });
});

function withoutLastEvent({ streamType }: WireFormat, stream: Uint8Array): Uint8Array {
  const buffer = Buffer.from(stream);
  if (streamType.startsWith("application/vnd")) {
    let end = 0;
    while (end + buffer.readUInt32BE(end) < buffer.length) end += buffer.readUInt32BE(end);
    return buffer.subarray(0, end);
  }
  const gap = streamType.startsWith("text/") ? "\n\n" : "\n";
  return buffer.subarray(0, buffer.lastIndexOf(gap, buffer.length - gap.length - 1) + gap.length);
}
