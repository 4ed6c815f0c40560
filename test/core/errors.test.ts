import { describe, expect, it } from "vitest";
import { errorTable, GatewayError, toGatewayError } from "../../src/core/errors.ts";

describe("the error table", () => {
  it("is the one that callers were promised", () => {
    const rows = Object.entries(errorTable).map(([code, { http, grpc }]) => `${code} ${http} ${grpc}`);
    expect(rows).toEqual([
      "invalid_request 400 INVALID_ARGUMENT",
      "content_blocked 400 FAILED_PRECONDITION",
      "unauthenticated 401 UNAUTHENTICATED",
      "budget_exceeded 402 RESOURCE_EXHAUSTED",
      "permission_denied 403 PERMISSION_DENIED",
      "not_found 404 NOT_FOUND",
      "conflict 409 ABORTED",
      "payload_too_large 413 RESOURCE_EXHAUSTED",
      "idempotency_mismatch 422 FAILED_PRECONDITION",
      "rate_limited 429 RESOURCE_EXHAUSTED",
      "cancelled 499 CANCELLED",
      "internal 500 INTERNAL",
      "all_providers_failed 502 UNAVAILABLE",
      "overloaded 503 UNAVAILABLE",
      "unavailable 503 UNAVAILABLE",
      "deadline_exceeded 504 DEADLINE_EXCEEDED",
    ]);
  });
});

describe("toGatewayError", () => {
  it("keeps an error of ours", () => {
    const error = new GatewayError({ code: "not_found", message: "no such thing" });
    expect(toGatewayError(error)).toBe(error);
  });

  it.each([new TypeError("password=1"), "password=1", undefined])("masks %s", (foreign) => {
    const error = toGatewayError(foreign);
    expect(error.code).toBe("internal");
    expect(error.message).not.toContain("password");
    expect(error.cause).toBe(foreign);
  });
});
