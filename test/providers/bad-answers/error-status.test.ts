// Error answers in every shape that vendors, and proxies before them, have been seen to give.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { AnsweringServer, Answer } from "./answering-server.ts";
import { startAnsweringServer, upstreamId } from "./answering-server.ts";
import { json } from "./encode.ts";
import { wireFormats } from "./formats.ts";
import type { WireFormat } from "./wire-format.ts";

const statuses: readonly (readonly [number, FailureClass])[] = [
  [400, "caller_fault"],
  [401, "authentication"],
  [404, "model_unavailable"],
  [429, "rate_limited"],
  [500, "unavailable"],
  [503, "overloaded"],
];

const secrets = "sk-proj-abcdefghij0123456789 and Bearer abcdef.0123456789";
const words = `Something went wrong here, asked with ${secrets}`;

interface Shape {
  readonly name: string;
  /** Whether its words must be told; they cannot be where the body is no text, or a page. */
  readonly tells: boolean;
  readonly answer: (format: WireFormat, status: number) => Answer;
}

const shape = (name: string, tells: boolean, answer: Shape["answer"]): Shape => ({ name, tells, answer });

const ofJson =
  (body: (format: WireFormat, status: number) => unknown): Shape["answer"] =>
  (format, status) => ({
    type: "application/json",
    body: json(body(format, status)),
    headers: format.error(status, words).headers,
  });

const own = ofJson((format, status) => format.error(status, words).body);

const page = `<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>${words}</body></html>`;

const fiveMegabytes = words.padEnd(5_242_880, " and on");

const shapes: readonly Shape[] = [
  shape("the vendor's own object", true, own),
  shape(
    "a string as the error",
    true,
    ofJson(() => ({ error: words })),
  ),
  shape(
    "a message alone",
    true,
    ofJson(() => ({ message: words })),
  ),
  shape(
    "a detail",
    true,
    ofJson(() => ({ detail: words })),
  ),
  shape(
    "a message that is JSON text",
    true,
    ofJson((format, status) => format.error(status, json(format.error(status, words).body)).body),
  ),
  shape(
    "a list around it",
    true,
    ofJson((format, status) => [format.error(status, words).body]),
  ),
  shape("plain text", true, () => ({ type: "text/plain", body: words })),
  shape("a page", false, () => ({ type: "text/html", body: `\n${page}` })),
  shape(
    "a page as the message",
    false,
    ofJson((format, status) => format.error(status, page).body),
  ),
  shape("nothing", false, () => ({ body: "" })),
  shape("null", false, () => ({ type: "application/json", body: "null" })),
  shape(
    "members of other types",
    false,
    ofJson(() => ({ error: [7, { message: 5 }], message: { a: 1 }, detail: 3 })),
  ),
  shape("JSON as bytes", true, (format, status) => ({
    ...own(format, status),
    type: "application/octet-stream",
  })),
  shape("bytes that are not UTF-8", false, () => ({
    type: "application/json",
    body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28]),
  })),
  shape("cut JSON", false, (format, status) => ({
    ...own(format, status),
    body: `{"error":{"message":"${words}`,
  })),
  shape("a nest of a hundred thousand lists", false, () => ({
    type: "application/json",
    body: `{"error":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
  })),
];

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

describe.each(wireFormats)("an error of $name", (format) => {
  test.each(shapes)("as $name has its status' class, a short message and the vendor's id", async (each) => {
    for (const [status, failure] of statuses) {
      server.answerWith({ ...each.answer(format, status), status });
      const outcome = await server.ask(format, "unary");
      const told = outcome.failure;
      expect(told, `${status}`).toMatchObject({ failure, ownWords: false });
      expect(outcome.httpStatus).toBe(status);
      expect(outcome.requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
      expect(told?.retryAfterMs).toBeUndefined();
      expectReadable(told?.message ?? "");
      if (each.tells) expect(told?.message).toContain("Something went wrong here, asked with [redacted]");
    }
  });

  test("of five megabytes is told in short", async () => {
    const text = ofJson((each, status) => each.error(status, fiveMegabytes).body);
    for (const answer of [text(format, 500), { type: "text/plain", body: fiveMegabytes }]) {
      server.answerWith({ ...answer, status: 500 });
      const { failure: told, requestId } = await server.ask(format, "unary");
      expect(told?.failure).toBe("unavailable");
      expect(requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
      expectReadable(told?.message ?? "");
      expect(told?.message).toContain("Something went wrong here, asked with [redacted]");
    }
  });

  test("tells how long to wait, in a stream too", async () => {
    for (const delivery of ["unary", "streamed"] as const) {
      for (const [status, failure] of [
        [429, "rate_limited"],
        [503, "overloaded"],
      ] as const) {
        const answer = own(format, status);
        server.answerWith({ ...answer, status, headers: { ...answer.headers, "retry-after": "7" } });
        const { failure: told, requestId } = await server.ask(format, delivery);
        expect(told?.failure).toBe(failure);
        expect(told?.retryAfterMs).toBe(7_000);
        expect(requestId).toBe(format.requestIdHeader === undefined ? undefined : upstreamId);
      }
    }
  });
});

function expectReadable(message: string): void {
  expect(message).not.toBe("");
  expect(message.length).toBeLessThanOrEqual(700);
  expect(message).not.toMatch(/<!doctype|<html|<body/i);
  expect(message).not.toMatch(/sk-proj|0123456789|Bearer/);
}
