// The failure that a recorded error of the OpenAI family must give: deliberately separate from the adapter, from
// the status and the vendors' error codes (OpenRouter: openrouter.ai/docs/api/errors).
// Groq's `tool_use_failed` comes with 400 and `invalid_request_error`, but its text names a tool call of the model's
// that does not hold to the schema: by our reading that is a broken reply, and no fault of the caller's.

import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { ExpectedFailure } from "./expectation.ts";
import { at, numberOf, parseJson, textOf } from "./json-view.ts";
import { retryAfterOf } from "./retry-after.ts";

export function openAiHttpFailure({ status, headers, body }: RecordedCase): ExpectedFailure {
  return {
    classes: classesOf(status, at(parseJson(body), "error")),
    httpStatus: status,
    retryAfterMs: retryAfterOf(headers),
    requestId: headers["x-request-id"],
  };
}

/** For a stream that is not whole: its error, or none where it was cut. */
export function openAiStreamFailure(error: unknown): ExpectedFailure {
  if (error === undefined) return { classes: ["broken_reply"] };
  const status =
    numberOf(at(error, "status_code")) ??
    numberOf(at(error, "code")) ??
    (textOf(at(error, "type")) === "server_error" ? 500 : 400);
  return { classes: classesOf(status, error) };
}

function classesOf(status: number, error: unknown): readonly FailureClass[] {
  const code = textOf(at(error, "code"));
  const message = textOf(at(error, "message")) ?? "";
  if (code === "tool_use_failed") return ["broken_reply"];
  if (code === "model_not_found") return ["model_unavailable"];
  // Whose limit was reached is not said.
  if (message === "Token limit reached") return ["caller_fault", "model_unavailable"];
  if (at(error, "metadata", "reasons") !== undefined) return ["content_refused"];
  if (status === 401 || status === 402 || status === 403) return ["authentication"];
  if (status === 429) return ["rate_limited"];
  if (status >= 500 && /overloaded/i.test(message)) return ["overloaded", "unavailable"];
  if (status >= 500) return ["unavailable"];
  if (status === 400) return ["caller_fault"];
  throw new Error(`unread error: ${status} ${JSON.stringify(error)}`);
}
