import { describe, expect, test } from "vitest";
import { readBedrockError, readBedrockException } from "../../../src/providers/bedrock/errors.ts";

const read = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  readBedrockError({ status, headers, text: typeof body === "string" ? body : JSON.stringify(body) });

const typed = (status: number, type: string, message = "Words.") =>
  read(status, { message }, { "x-amzn-errortype": type }).failure;

describe("an error of Bedrock's", () => {
  test("is classed by the header, whatever stands behind the colon", () => {
    expect(typed(403, "UnrecognizedClientException:http://internal.amazon.com/coral/")).toBe(
      "authentication",
    );
    expect(typed(403, "AccessDeniedException")).toBe("authentication");
    expect(typed(400, "ExpiredTokenException")).toBe("authentication");
    expect(typed(429, "ThrottlingException")).toBe("rate_limited");
    expect(typed(400, "ServiceQuotaExceededException")).toBe("rate_limited");
    expect(typed(408, "ModelTimeoutException")).toBe("timeout");
    expect(typed(424, "ModelErrorException")).toBe("unavailable");
    expect(typed(429, "ModelNotReadyException")).toBe("unavailable");
    expect(typed(500, "InternalServerException")).toBe("unavailable");
    expect(typed(503, "ServiceUnavailableException")).toBe("overloaded");
    expect(typed(404, "ResourceNotFoundException")).toBe("model_unavailable");
    expect(typed(400, "ValidationException")).toBe("caller_fault");
  });

  test("is classed by the type in its body, or by its status", () => {
    expect(read(400, { __type: "com.amazon.coral.service#ThrottlingException" }).failure).toBe(
      "rate_limited",
    );
    for (const [status, failure] of [
      [400, "caller_fault"],
      [403, "authentication"],
      [404, "model_unavailable"],
      [408, "timeout"],
      [413, "caller_fault"],
      [424, "unavailable"],
      [429, "rate_limited"],
      [500, "unavailable"],
      [503, "overloaded"],
      [504, "timeout"],
    ] as const) {
      expect(read(status, "").failure).toBe(failure);
    }
  });

  test.each([
    "The provided model identifier is invalid.",
    "Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    "The provided model doesn't support on-demand throughput.",
    "This model doesn't support tool use.",
    "Input is too long for requested model.",
    "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum",
    "Too many input tokens. Max input tokens: 8192",
    "The maximum tokens you requested exceeds the model limit of 4096.",
    "Malformed input request: expected maxLength: 42000, actual: 46735",
  ])("is the target's where its words say so: %s", (message) => {
    expect(typed(400, "ValidationException", message)).toBe("model_unavailable");
    expect(read(400, { message }).failure).toBe("model_unavailable");
  });

  test("is a refusal of the content where its words say so", () => {
    expect(typed(400, "ValidationException", "Output blocked by content filtering policy")).toBe(
      "content_refused",
    );
  });

  test("carries what the vendor tells", () => {
    const headers = {
      "x-amzn-errortype": "ThrottlingException",
      "x-amzn-requestid": "r-1",
      "retry-after": "2",
    };
    expect(read(429, { Message: "Slow down" }, headers)).toMatchObject({
      message: "Bedrock answered with status 429 (ThrottlingException): Slow down",
      httpStatus: 429,
      upstreamRequestId: "r-1",
      retryAfterMs: 2000,
    });
  });

  test("says what to do about credentials, and shows nothing of a signature, a token, a key or a principal", () => {
    const message =
      "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'POST\n/model\nx-amz-security-token:SECRET\n'";
    const error = read(403, { message }, { "x-amzn-errortype": "InvalidSignatureException" });
    expect(error.message).toBe(
      "Bedrock answered with status 403 (InvalidSignatureException): The request signature we calculated does not match the signature you provided. Check this provider's AWS credentials and region, and its access to the model.",
    );
    const denied = read(403, {
      message: "User: arn:aws:iam::123456789012:user/ada with AKIAIOSFODNN7EXAMPLE is not authorized",
    });
    expect(denied.message).toContain("User: [redacted] with [redacted] is not authorized.");
  });

  test("is read from a page, an empty body and what is no object too", () => {
    expect(read(502, "<html>Bad Gateway</html>").message).toBe("Bedrock answered with status 502.");
    expect(read(500, "").message).toBe("Bedrock answered with status 500.");
    expect(read(500, "[]").failure).toBe("unavailable");
    expect(read(500, { message: 7 }).message).toBe("Bedrock answered with status 500.");
    expect(read(500, "upstream connect error").message).toBe(
      "Bedrock answered with status 500: upstream connect error",
    );
  });
});

const exceptionOf = (type: string | undefined, message = "Words.") =>
  readBedrockException({ type, text: JSON.stringify({ message }) }).failure;

describe("an exception in mid-stream", () => {
  test("is classed by its name", () => {
    expect(exceptionOf("throttlingException")).toBe("rate_limited");
    expect(exceptionOf("modelStreamErrorException")).toBe("unavailable");
    expect(exceptionOf("internalServerException")).toBe("unavailable");
    expect(exceptionOf("serviceUnavailableException")).toBe("overloaded");
    expect(exceptionOf("modelTimeoutException")).toBe("timeout");
    expect(exceptionOf("validationException")).toBe("caller_fault");
    expect(exceptionOf("validationException", "Input is too long for requested model.")).toBe(
      "model_unavailable",
    );
    expect(exceptionOf("somethingNew")).toBe("unavailable");
    expect(exceptionOf(undefined)).toBe("unavailable");
  });

  test("tells the model's own words too", () => {
    const text = JSON.stringify({ message: "Try again.", originalMessage: "model timeout" });
    expect(readBedrockException({ type: "modelStreamErrorException", text }).message).toBe(
      "Bedrock sent an error (modelStreamErrorException): Try again. (model timeout)",
    );
  });
});
