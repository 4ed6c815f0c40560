import { describe, expect, test } from "vitest";
import { readAnthropicError } from "../../../src/providers/anthropic/errors.ts";

const answer = (status: number, error: object | string) => ({
  status,
  headers: {},
  text: typeof error === "string" ? error : JSON.stringify({ type: "error", error, request_id: "req_1" }),
});

describe("an Anthropic error", () => {
  test.each([
    [400, "invalid_request_error", "messages: too short", "caller_fault"],
    [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "model_unavailable"],
    [
      400,
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
      "model_unavailable",
    ],
    [400, "invalid_request_error", "Your credit balance is too low to access the API.", "authentication"],
    [400, "invalid_request_error", "Output blocked by content filtering policy", "content_refused"],
    [401, "authentication_error", "invalid x-api-key", "authentication"],
    [402, "billing_error", "Pay", "authentication"],
    [403, "permission_error", "No", "authentication"],
    [404, "not_found_error", "model: nope", "model_unavailable"],
    [413, "request_too_large", "Too large", "caller_fault"],
    [429, "rate_limit_error", "Slow down", "rate_limited"],
    [500, "api_error", "Oops", "unavailable"],
    [504, "timeout_error", "Late", "timeout"],
    [529, "overloaded_error", "Overloaded", "overloaded"],
    [200, "overloaded_error", "Overloaded", "overloaded"],
    [200, "brand_new_error", "?", "unavailable"],
    [422, "brand_new_error", "?", "caller_fault"],
  ])("%i %s: %s is %s", (status, type, message, failure) => {
    const error = readAnthropicError(answer(status, { type, message }));
    expect(error).toMatchObject({ failure, httpStatus: status, upstreamRequestId: "req_1" });
    expect(error.message).toContain(message);
  });

  test.each([
    [400, "caller_fault"],
    [401, "authentication"],
    [404, "model_unavailable"],
    [408, "timeout"],
    [429, "rate_limited"],
    [502, "unavailable"],
    [503, "overloaded"],
    [504, "timeout"],
    [529, "overloaded"],
    [200, "broken_reply"],
  ])("without a readable body goes by its status: %i is %s", (status, failure) => {
    for (const text of ["", "<html><h1>Bad Gateway</h1></html>"]) {
      const error = readAnthropicError(answer(status, text));
      expect(error.failure).toBe(failure);
      expect(error.message).not.toContain("<");
    }
  });

  test("says the status where there are no words", () => {
    expect(readAnthropicError(answer(502, "")).message).toBe("Anthropic answered with status 502.");
  });

  test("prefers the header's request id", () => {
    const error = readAnthropicError({ ...answer(500, {}), headers: { "request-id": "req_2" } });
    expect(error.upstreamRequestId).toBe("req_2");
  });

  test.each([
    [{ "retry-after": "17" }, 17_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "120", "retry-after": "9" }, 120],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", date: "Wed, 21 Oct 2026 07:28:00 GMT" }, 30_000],
    [{ "retry-after": "999999999" }, 86_400_000],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-3" }, undefined],
    [{}, undefined],
  ])("with %o asks to wait %s ms", (headers: Record<string, string>, retryAfterMs) => {
    const error = readAnthropicError({
      ...answer(429, { type: "rate_limit_error", message: "Slow" }),
      headers,
    });
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  test("shows no key, and cuts long words", () => {
    const said = `bad key sk-ant-api03-abcDEF_123-xyz or Bearer abc.def for req_011CeCGm ${"x".repeat(900)}`;
    const { message } = readAnthropicError(answer(401, { type: "authentication_error", message: said }));
    expect(message).not.toMatch(/api03|abc\.def/);
    expect(message).toContain("[redacted]");
    expect(message).toContain("req_011CeCGm");
    expect(message.length).toBeLessThan(650);
  });
});
