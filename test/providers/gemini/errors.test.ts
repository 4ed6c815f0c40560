import { expect, test } from "vitest";
import { readGeminiError } from "../../../src/providers/gemini/errors.ts";

const read = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  readGeminiError({ status, headers, text: typeof body === "string" ? body : JSON.stringify(body) });

const error = (code: number, status: string, message: string, details: readonly unknown[] = []) => ({
  error: { code, status, message, details },
});

test.each([
  [400, "INVALID_ARGUMENT", "Temperature is too high", "caller_fault"],
  [400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "authentication"],
  [400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", "authentication"],
  [
    400,
    "INVALID_ARGUMENT",
    "The input token count (12) exceeds the maximum number of tokens allowed (9).",
    "model_unavailable",
  ],
  [400, "INVALID_ARGUMENT", "Function calling is not enabled for models/gemma-3-27b-it", "model_unavailable"],
  [
    400,
    "INVALID_ARGUMENT",
    "Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.",
    "model_unavailable",
  ],
  [400, "FAILED_PRECONDITION", "User location is not supported for the API use.", "authentication"],
  [400, "FAILED_PRECONDITION", "Please enable billing on your project.", "authentication"],
  [401, "UNAUTHENTICATED", "no", "authentication"],
  [403, "PERMISSION_DENIED", "no", "authentication"],
  [404, "NOT_FOUND", "models/x is not found", "model_unavailable"],
  [413, "INVALID_ARGUMENT", "too large", "caller_fault"],
  [429, "RESOURCE_EXHAUSTED", "quota", "rate_limited"],
  [499, "CANCELLED", "cancelled", "unavailable"],
  [500, "INTERNAL", "oops", "unavailable"],
  [502, "", "bad gateway", "unavailable"],
  [503, "UNAVAILABLE", "The model is overloaded.", "overloaded"],
  [504, "DEADLINE_EXCEEDED", "late", "timeout"],
] as const)("status %i %s, %s", (code, status, message, failure) => {
  const read1 = read(code, error(code, status, message));
  expect(read1).toMatchObject({ failure, httpStatus: code });
  expect(read1.message).toContain(message);
  expect(read(code, [error(code, status, message)]).failure).toBe(failure);
});

test("the reason in the details tells a bad key whatever the words", () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
  expect(read(400, error(400, "INVALID_ARGUMENT", "Ungültig", details)).failure).toBe("authentication");
});

test.each([
  ["34.074824224s", 34_075],
  ["48s", 48_000],
  ["999999999s", 86_400_000],
  ["soon", undefined],
  [7, undefined],
])("a retry delay of %s", (retryDelay, retryAfterMs) => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }];
  expect(read(429, error(429, "RESOURCE_EXHAUSTED", "quota", details)).retryAfterMs).toBe(retryAfterMs);
});

test("without a delay in the body the header counts", () => {
  expect(read(429, "", { "retry-after": "2" }).retryAfterMs).toBe(2000);
});

test("the vendor's id of the request", () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RequestInfo", requestId: "q1" }];
  expect(read(500, error(500, "INTERNAL", "oops", details)).upstreamRequestId).toBe("q1");
});

test.each([
  "",
  "null",
  "[]",
  "<html><h1>Bad</h1>",
  '{"error":null}',
  '{"error":{"details":7}}',
  "{",
  "\u0000",
])("a body that says nothing, %j, leaves the status", (body) => {
  expect(read(503, body)).toMatchObject({ failure: "overloaded", httpStatus: 503 });
  expect(read(503, body).message).not.toContain("<");
  expect(read(400, body).failure).toBe("caller_fault");
});

test("an error as a string, and plain words", () => {
  expect(read(429, { error: "slow down" }).message).toContain("slow down");
  expect(read(429, { message: "slow down" }).message).toContain("slow down");
  expect(read(502, "upstream connect error").message).toContain("upstream connect error");
});

test("inside a 200 the error's own code tells, else its status word", () => {
  expect(read(200, error(503, "UNAVAILABLE", "busy"))).toMatchObject({ failure: "overloaded" });
  expect(read(200, { error: { status: "RESOURCE_EXHAUSTED" } }).failure).toBe("rate_limited");
  expect(read(200, { error: {} }).failure).toBe("unavailable");
});

test("keys do not get into the message", () => {
  const told = read(400, error(400, "INVALID_ARGUMENT", "bad key AIzaSyA1234567890abcdefgh"));
  expect(told.message).not.toContain("AIzaSy");
});
