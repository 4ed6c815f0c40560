import { expect, test } from "vitest";
import type { FailureClass } from "../../../../src/core/provider-error.ts";
import { readOpenAiError, readOpenAiErrorObject } from "../../../../src/providers/openai/errors.ts";
import { groqMember, openAiMember, openRouterMember } from "../../../../src/providers/openai/chat/members.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";

const readError = (
  status: number,
  error: unknown,
  over: { readonly member?: FamilyMember; readonly headers?: Readonly<Record<string, string>> } = {},
) =>
  readOpenAiError(
    {
      status,
      headers: over.headers ?? {},
      text: typeof error === "string" ? error : JSON.stringify({ error }),
    },
    over.member ?? openAiMember,
  );

const failureOf = (error: object) => readOpenAiErrorObject({ message: "m", ...error }, openAiMember).failure;

const waitOf = (headers: Readonly<Record<string, string>>) =>
  readError(429, { message: "m" }, { headers }).retryAfterMs;

test.each<[number, object, FailureClass]>([
  [400, { message: "bad", code: "invalid_value" }, "caller_fault"],
  [413, { message: "too big" }, "caller_fault"],
  [422, { message: "bad" }, "caller_fault"],
  [400, { message: "m", code: "context_length_exceeded" }, "model_unavailable"],
  [400, { message: "This model's maximum context length is 8192 tokens." }, "model_unavailable"],
  [400, { message: "foo/bar is not a valid model ID", code: 400 }, "model_unavailable"],
  [413, { message: "Limit 6000", type: "tokens", code: "rate_limit_exceeded" }, "model_unavailable"],
  [404, { message: "m", code: "model_not_found" }, "model_unavailable"],
  [400, { message: "m", type: "invalid_model", code: "1500" }, "model_unavailable"],
  [429, { message: "m", type: "engine_overloaded_error" }, "overloaded"],
  [400, { message: "m", code: "content_policy_violation" }, "content_refused"],
  [401, { message: "m", code: "invalid_api_key" }, "authentication"],
  [402, { message: "no credit", code: 402 }, "authentication"],
  [403, { message: "country" }, "authentication"],
  [429, { message: "m", code: "rate_limit_exceeded" }, "rate_limited"],
  [429, { message: "m", code: "insufficient_quota" }, "authentication"],
  [408, { message: "m" }, "timeout"],
  [500, { message: "m" }, "unavailable"],
  [500, { message: "Service overloaded - please try again later" }, "overloaded"],
  [502, { message: "m" }, "unavailable"],
  [503, { message: "m" }, "overloaded"],
  [529, { message: "m" }, "overloaded"],
  [418, { message: "m" }, "caller_fault"],
  [302, { message: "m" }, "broken_reply"],
])("status %i with %j is %s", (status, error, failure) => {
  expect(readError(status, error)).toMatchObject({ failure, httpStatus: status });
});

test("what OpenRouter's moderation found is refused content, another 403 is not", () => {
  const metadata = { reasons: ["violence"], flagged_input: "x", provider_name: "A" };
  expect(readError(403, { message: "m", code: 403, metadata }, { member: openRouterMember }).failure).toBe(
    "content_refused",
  );
  expect(readError(403, { message: "m", code: 403 }, { member: openRouterMember }).failure).toBe(
    "authentication",
  );
});

test("a tool call that Groq's model wrote wrongly is worth another try", () => {
  const error = { message: "m", type: "invalid_request_error", code: "tool_use_failed" };
  expect(readError(400, error, { member: groqMember }).failure).toBe("broken_reply");
});

test("an error inside a 200 is sorted by the code it tells, then by its type", () => {
  expect(failureOf({ code: 429 })).toBe("rate_limited");
  expect(failureOf({ code: "401" })).toBe("authentication");
  expect(failureOf({ type: "invalid_request_error" })).toBe("caller_fault");
  expect(failureOf({ type: "overloaded_error" })).toBe("overloaded");
  expect(failureOf({})).toBe("unavailable");
});

test("how long to wait: milliseconds, seconds, a date", () => {
  expect(waitOf({ "retry-after-ms": "1624", "retry-after": "2" })).toBe(1_624);
  expect(waitOf({ "retry-after": "2.5" })).toBe(2_500);
  expect(
    waitOf({ "retry-after": "Wed, 21 Oct 2015 07:28:10 GMT", date: "Wed, 21 Oct 2015 07:28:00 GMT" }),
  ).toBe(10_000);
  expect(waitOf({ "retry-after": "soon" })).toBeUndefined();
  expect(waitOf({})).toBeUndefined();
});

test("the vendor's request id", () => {
  expect(readError(500, { message: "m" }, { headers: { "x-request-id": "req_1" } }).upstreamRequestId).toBe(
    "req_1",
  );
});

test("bodies that are no error object tell the status and what they say", () => {
  expect(readError(502, "<html><h1>Bad gateway</h1></html>").message).toBe(
    "OpenAI answered with status 502.",
  );
  expect(readError(500, "").message).toBe("OpenAI answered with status 500.");
  expect(readError(500, "upstream down").message).toBe("OpenAI answered with status 500: upstream down");
  expect(readError(400, '{"error":"Wrong thing"}').message).toBe(
    "OpenAI answered with status 400: Wrong thing",
  );
  expect(readError(422, '{"detail":[{"x":"y"}]}').message).toBe(
    'OpenAI answered with status 422: [{"x":"y"}]',
  );
});

test("JSON inside the message, and what a router's upstream said", () => {
  const inner = JSON.stringify({ error: { code: 429, message: "Resource has been exhausted" } });
  expect(readError(429, { message: inner, code: 429 }, { member: openRouterMember }).message).toBe(
    "OpenRouter answered with status 429: Resource has been exhausted",
  );
  const routed = { message: "Provider returned error", code: 502, metadata: { raw: "model is loading" } };
  expect(readError(502, routed, { member: openRouterMember }).message).toBe(
    "OpenRouter answered with status 502: Provider returned error: model is loading",
  );
});

test("long texts are cut, keys are blacked out", () => {
  expect(readError(500, { message: "x".repeat(5_000) }).message.length).toBeLessThan(600);
  const { message } = readError(401, {
    message: "Incorrect API key provided: sk-proj-abc***xyz. Also gsk_0123456789 and Bearer abc.def.",
  });
  expect(message).not.toMatch(/abc|xyz|0123/);
  expect(message).toContain("Check this provider's API key");
});
