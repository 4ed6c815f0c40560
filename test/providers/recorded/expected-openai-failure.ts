// The failure that a recorded error of the OpenAI family must give: deliberately separate from the adapter, from
// the status and the vendors' error codes (OpenRouter: openrouter.ai/docs/api/errors).
// Groq's `tool_use_failed` comes with 400 and `invalid_request_error`, but its text names a tool call of the model's
// that does not hold to the schema: by our reading that is a broken reply, and no fault of the caller's.

import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { ExpectedFailure } from "./expectation.ts";
import { at, numberOf, parseJson, textOf } from "./json-view.ts";
import { retryAfterOf } from "./retry-after.ts";

export function openAiHttpFailure(
  { status, headers, body }: RecordedCase,
  requestIdHeader: string,
): ExpectedFailure {
  return {
    classes: classesOf(status, errorOf(body)),
    httpStatus: status,
    retryAfterMs: retryAfterOf(headers),
    requestId: headers[requestIdHeader],
  };
}

/** The error as an object with a message; a page of HTML and an empty body tell none. */
function errorOf(body: string): unknown {
  if (!body.trimStart().startsWith("{")) return undefined;
  const json = parseJson(body);
  const error = at(json, "error") ?? json;
  return typeof error === "string" ? { message: error } : error;
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
  // Azure's word for a prompt that its filter refused.
  if (code === "content_filter") return ["content_refused"];
  if (code === "model_not_found" || textOf(at(error, "type")) === "invalid_model")
    return ["model_unavailable"];
  if (/maximum context length/.test(message)) return ["model_unavailable"];
  // Whose limit was reached is not said.
  if (message === "Token limit reached") return ["caller_fault", "model_unavailable"];
  if (at(error, "metadata", "reasons") !== undefined) return ["content_refused"];
  if (status === 401 || status === 402 || status === 403) return ["authentication"];
  if (status === 404) return ["model_unavailable"];
  if (status === 429) return ["rate_limited"];
  if (status === 503 || (status >= 500 && /overloaded/i.test(message))) return ["overloaded", "unavailable"];
  if (status >= 500) return ["unavailable"];
  if (status === 400 || status === 422) return ["caller_fault"];
  throw new Error(`unread error: ${status} ${JSON.stringify(error)}`);
}
