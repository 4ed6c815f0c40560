import { expect, test } from "vitest";
import { readOllamaError } from "../../../src/providers/ollama/errors.ts";

const read = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  readOllamaError({ status, headers, text: typeof body === "string" ? body : JSON.stringify(body) });

test.each([
  [400, { error: "invalid options: temperature" }, "caller_fault"],
  [400, { error: '"llama3" does not support thinking' }, "model_unavailable"],
  [400, { error: "the input length exceeds the context length" }, "model_unavailable"],
  [400, { error: "invalid model name" }, "model_unavailable"],
  [401, { error: "unauthorized" }, "authentication"],
  [403, "", "authentication"],
  [404, { error: 'model "x" not found, try pulling it first' }, "model_unavailable"],
  [404, "404 page not found", "model_unavailable"],
  [413, "", "caller_fault"],
  [429, { error: "you've reached your hourly usage limit" }, "rate_limited"],
  [500, { error: "model requires more system memory (5.6 GiB) than is available (3.2 GiB)" }, "unavailable"],
  [502, "<html>Bad Gateway</html>", "unavailable"],
  [503, { error: "server busy, please try again.  maximum pending requests exceeded" }, "overloaded"],
  [504, "", "timeout"],
] as const)("status %i with %j is %s", (status, body, failure) => {
  expect(read(status, body)).toMatchObject({ failure, httpStatus: status });
});

test("carries what the server tells", () => {
  expect(read(429, { error: "Slow down" }, { "retry-after": "2", "x-request-id": "r-1" })).toMatchObject({
    message: "Ollama answered with status 429: Slow down",
    retryAfterMs: 2000,
    upstreamRequestId: "r-1",
  });
});

const messageOf = (body: unknown): string => read(500, body).message.replace(/^.*status 500/, "");

test("is read from every shape of an error", () => {
  expect(messageOf({ error: { message: "Oops" } })).toBe(": Oops");
  expect(messageOf({ message: "Oops" })).toBe(": Oops");
  expect(messageOf({ error: { code: 7 } })).toBe(': {"code":7}');
  expect(messageOf({ error: null })).toBe(".");
  expect(messageOf("Oops")).toBe(": Oops");
  expect(messageOf("<html></html>")).toBe(".");
  expect(messageOf("[]")).toBe(": []");
  expect(messageOf("")).toBe(".");
});
