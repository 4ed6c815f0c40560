// The failure that a recorded error of Anthropic must give: deliberately separate from the adapter, from the error
// types in platform.claude.com/docs/en/api/errors.

import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { ExpectedFailure } from "./expectation.ts";
import { at, parseJson, textOf } from "./json-view.ts";
import { retryAfterOf } from "./retry-after.ts";

export function anthropicHttpFailure({ status, headers, body }: RecordedCase): ExpectedFailure {
  const answer = parseJson(body);
  return {
    classes: [classOf(at(answer, "error"))],
    httpStatus: status,
    retryAfterMs: retryAfterOf(headers),
    requestId: textOf(at(answer, "request_id")) ?? headers["request-id"],
  };
}

/** For a stream that is not whole: its error, or none where it was cut. */
export const anthropicStreamFailure = (error: unknown): ExpectedFailure => ({
  classes: [error === undefined || typeof error === "string" ? "broken_reply" : classOf(error)],
});

const classes: Readonly<Record<string, FailureClass>> = {
  authentication_error: "authentication",
  permission_error: "authentication",
  not_found_error: "model_unavailable",
  request_too_large: "caller_fault",
  rate_limit_error: "rate_limited",
  api_error: "unavailable",
  overloaded_error: "overloaded",
};

function classOf(error: unknown): FailureClass {
  const type = textOf(at(error, "type")) ?? "";
  if (type === "invalid_request_error") {
    // The window of this model is too small; another's may do.
    const tooLong = textOf(at(error, "message"))?.startsWith("prompt is too long") === true;
    return tooLong ? "model_unavailable" : "caller_fault";
  }
  const found = classes[type];
  if (found === undefined) throw new Error(`unread error type: ${type}`);
  return found;
}
