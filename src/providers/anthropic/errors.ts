// The vendor's errors as the core's classes. Source: platform.claude.com/docs/en/api/errors

import { ProviderError } from "../../core/provider-error.ts";
import type { FailureClass } from "../../core/provider-error.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { failureMessage } from "../failure-message.ts";
import { failureOfRange, failureOfStatus } from "../failure-of-status.ts";
import { requestIdIn } from "../upstream/request-id.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { tidyVendorText, wordsOfPlain } from "../upstream/vendor-text.ts";
import { isJsonObject, parseJson, stringIn } from "../vendor-json.ts";

const byType: ReadonlyMap<string, FailureClass> = new Map([
  ["invalid_request_error", "caller_fault"],
  ["request_too_large", "caller_fault"],
  ["authentication_error", "authentication"],
  ["billing_error", "authentication"],
  ["permission_error", "authentication"],
  ["not_found_error", "model_unavailable"],
  ["rate_limit_error", "rate_limited"],
  ["api_error", "unavailable"],
  ["overloaded_error", "overloaded"],
  ["timeout_error", "timeout"],
]);

// The vendor says these with `invalid_request_error` too; only the text tells them apart.
const byMessage: readonly (readonly [RegExp, FailureClass])[] = [
  [/prompt is too long|exceeds? (the )?context (limit|window)/i, "model_unavailable"],
  [/credit balance is too low|api usage limits|organization has been disabled/i, "authentication"],
  [/blocked by content filtering/i, "content_refused"],
];

/** For an answer with an error status, a whole 200 that holds an error, and `event: error` in a stream. */
export function readAnthropicError({ status, headers, text }: WholeAnswer): ProviderError {
  const json = parseJson(text);
  const body = isJsonObject(json) ? json : undefined;
  const error = isJsonObject(body?.["error"]) ? body["error"] : undefined;
  const type = stringIn(error?.["type"]);
  const said =
    stringIn(error?.["message"]) ??
    stringIn(body?.["error"]) ??
    stringIn(body?.["message"]) ??
    stringIn(body?.["detail"]);
  const failure = failureOf({ status, type, message: said });
  return new ProviderError({
    failure,
    message: failureMessage({
      vendorName: "Anthropic",
      status,
      type,
      words: said === undefined ? (body === undefined ? wordsOfPlain(text) : "") : tidyVendorText(said),
      failure,
    }),
    httpStatus: status,
    upstreamRequestId: requestIdIn(headers, ["request-id"]) ?? stringIn(body?.["request_id"]),
    retryAfterMs: retryAfterMsOf(headers),
  });
}

interface Told {
  readonly status: number;
  readonly type: string | undefined;
  readonly message: string | undefined;
}

function failureOf({ status, type, message = "" }: Told): FailureClass {
  const typed = type === undefined ? undefined : byType.get(type);
  if (typed === "caller_fault") return byMessage.find(([pattern]) => pattern.test(message))?.[1] ?? typed;
  const known = typed ?? failureOfStatus(status) ?? failureOfRange(status);
  if (known !== undefined) return known;
  return type === undefined ? "broken_reply" : "unavailable";
}
