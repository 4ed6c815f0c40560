import { expect, test } from "vitest";
import type { JsonValue } from "../../../../src/core/json.ts";
import {
  readOpenAiErrorObject,
  readOpenAiError,
  requestIdOf,
} from "../../../../src/providers/openai/errors.ts";
import {
  azureResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../../src/providers/openai/responses/members.ts";

const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers,
  text: typeof body === "string" ? body : JSON.stringify(body),
});
const failureOf = (status: number, error: object) =>
  readOpenAiError(answer(status, { error }), openAiResponses).failure;

test.each([
  [400, { message: "bad", type: "invalid_request_error" }, "caller_fault"],
  [
    400,
    { message: "The requested model 'x' does not exist.", param: "model", code: "model_not_found" },
    "model_unavailable",
  ],
  [400, { message: "Not supported with this API.", param: "model", code: null }, "model_unavailable"],
  [400, { message: "Your input exceeds the context window of this model." }, "model_unavailable"],
  [400, { code: "context_length_exceeded" }, "model_unavailable"],
  [400, { code: "invalid_prompt" }, "content_refused"],
  [400, { code: "invalid_base64_image" }, "caller_fault"],
  [401, { code: "invalid_api_key" }, "authentication"],
  [403, {}, "authentication"],
  [404, {}, "model_unavailable"],
  [408, {}, "timeout"],
  [413, { code: "rate_limit_exceeded" }, "model_unavailable"],
  [422, {}, "caller_fault"],
  [429, { type: "tokens", code: "rate_limit_exceeded" }, "rate_limited"],
  [429, { code: "insufficient_quota" }, "authentication"],
  [500, { code: "server_error" }, "unavailable"],
  [503, {}, "overloaded"],
  [500, { message: "The engine is currently overloaded" }, "overloaded"],
  [302, {}, "broken_reply"],
])("%i %j", (status, error, failure) => {
  expect(failureOf(status, error)).toBe(failure);
});

test("a key that is wrong, answered as a fault of the request's", () => {
  const body = {
    code: "Client specified an invalid argument",
    error: "Incorrect API key provided: ke***12.",
  };
  expect(readOpenAiError(answer(400, body), xAiResponses).failure).toBe("authentication");
});

test("what the error tells: words, wait, the vendor's id of the request", () => {
  const headers = { "retry-after": "2", "x-request-id": "req_1" };
  const error = readOpenAiError(
    answer(401, { error: { message: "Incorrect API key provided: sk-abcdefgh." } }, headers),
    openAiResponses,
  );
  expect(error).toMatchObject({ httpStatus: 401, retryAfterMs: 2000, upstreamRequestId: "req_1" });
  expect(error.message).toContain("Check this provider's API key");
  expect(error.message).not.toContain("sk-abcdefgh");
});

test.each([
  ["error as a string", { error: "bad key", code: "invalid_api_key" }, "bad key"],
  ["detail", { detail: "no access" }, "no access"],
  ["a list", [{ error: { message: "first" } }], "first"],
  ["an error inside the message", { error: { message: '{"error":{"message":"inner"}}' } }, "inner"],
  [
    "a router's upstream",
    { error: { message: "Provider returned error", metadata: { raw: "real" } } },
    "real",
  ],
  ["plain text", "upstream gone", "upstream gone"],
])("words in %s", (_name, body, words) => {
  expect(readOpenAiError(answer(400, body), openRouterResponses).message).toContain(words);
});

test.each(["", "<html>Bad gateway</html>"])("no words: %j", (text) => {
  const error = readOpenAiError(answer(502, text), openAiResponses);
  expect(error.message).toBe("OpenAI answered with status 502.");
});

const inside = (error: JsonValue) => readOpenAiErrorObject(error, openRouterResponses).failure;

test("an error inside a 200 tells its own status, code or type", () => {
  expect(inside({ code: 429, message: "m" })).toBe("rate_limited");
  expect(inside({ code: "401" })).toBe("authentication");
  expect(inside({ type: "error", error: { type: "invalid_request_error", message: "m" } })).toBe(
    "caller_fault",
  );
  expect(inside({ code: 403, metadata: { reasons: ["violence"] } })).toBe("content_refused");
  expect(inside({ code: "failed_to_download_image" })).toBe("caller_fault");
  expect(inside("gone")).toBe("unavailable");
});

test("the id of the request, where this vendor tells it", () => {
  const headers = { "apim-request-id": "a", "x-request-id": "b" };
  expect(requestIdOf(headers, azureResponses)).toBe("a");
  expect(requestIdOf(headers, openAiResponses)).toBe("b");
  expect(requestIdOf({ "x-request-id": "" }, openAiResponses)).toBeUndefined();
});
