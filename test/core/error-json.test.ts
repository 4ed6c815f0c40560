import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readError, writeError } from "../../src/core/error-json.ts";
import { type ErrorCode, errorTable, type FailedAttempt, GatewayError } from "../../src/core/errors.ts";
import { anyCount, anyMeta, anyText, maybeNumber, maybeText } from "./any-reply.ts";
import { keptAsJson } from "./event-json-contract.ts";

const codes = Object.keys(errorTable).filter((code): code is ErrorCode => Object.hasOwn(errorTable, code));

const anyAttempt: fc.Arbitrary<FailedAttempt> = fc.record(
  { provider: anyText, model: anyText, failure: anyText, message: anyText, httpStatus: anyCount },
  { requiredKeys: ["provider", "model", "failure", "message"] },
);

const anyError = fc
  .record({
    code: fc.constantFrom(...codes),
    message: anyText,
    field: maybeText,
    fields: fc.array(fc.record({ field: anyText, message: anyText }), { maxLength: 2 }),
    retryAfterMs: maybeNumber,
    attempts: fc.array(anyAttempt, { maxLength: 2 }),
    meta: fc.option(anyMeta, { nil: undefined }),
  })
  .map((options) => new GatewayError(options));

const told = ({ code, message, field, fields, retryAfterMs, attempts, meta }: GatewayError): object => ({
  code,
  message,
  field,
  fields,
  retryAfterMs,
  attempts,
  meta,
});

describe("an error in JSON", () => {
  keptAsJson({ write: writeError, read: readError }, anyError, told);

  it("has neither its cause nor its stack nor what is left of the caller's limits", () => {
    const limits = { requests: { limit: 1, remaining: 0, resetMs: 5 } };
    const meta = { requestId: "r", attempts: 1, cacheStatus: "miss", losses: [], limits } as const;
    const error = new GatewayError({ code: "internal", message: "m", cause: new Error("secret"), meta });
    expect(JSON.parse(JSON.stringify(writeError(error)))).toEqual({
      code: "internal",
      message: "m",
      fields: [],
      attempts: [],
      meta: { requestId: "r", attempts: 1, cacheStatus: "miss", losses: [] },
    });
    expect(readError(writeError(error))?.limits).toBeUndefined();
  });

  it("is none with a code that is not in the table", () => {
    expect(readError({ code: "toString", message: "m" })).toBeUndefined();
    expect(readError({ code: "gone", message: "m" })).toBeUndefined();
    expect(readError({ code: "internal" })).toBeUndefined();
  });
});
