// The vendor's errors as the core's classes: `{"error": "words"}`, and only the words tell them apart.
// Source: docs.ollama.com/api/errors

import { type FailureClass, ProviderError } from "../../core/provider-error.ts";
import type { JsonValue } from "../../core/json.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { failureMessage } from "../failure-message.ts";
import { failureOfRange, failureOfStatus } from "../failure-of-status.ts";
import { requestIdIn } from "../upstream/request-id.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { tidyVendorText, wordsOfPlain } from "../upstream/vendor-text.ts";
import { objectIn, parseJson, saysSomething, textIn } from "../vendor-json.ts";

const otherTarget =
  /model .{0,200}not found|invalid model name|does not support|exceeds? the (maximum )?context|context (length|window)/i;

/** For an answer with an error status, and for a 200 that is an error all the same. */
export function readOllamaError({ status, headers, text }: WholeAnswer): ProviderError {
  const body = objectIn(parseJson(text));
  const words =
    body === undefined ? wordsOfPlain(text) : wordsOf(body["error"] ?? body["message"] ?? body["detail"]);
  const failure = failureOf(status, words);
  return new ProviderError({
    failure,
    message: failureMessage({ vendorName: "Ollama", status, words, failure }),
    httpStatus: status,
    upstreamRequestId: requestIdOf(headers),
    retryAfterMs: retryAfterMsOf(headers),
  });
}

/** For the value of `error` in a line of a stream, or in a whole answer. */
export function readOllamaErrorLine(error: JsonValue): ProviderError {
  const words = wordsOf(error);
  const failure = failureOf(200, words);
  return new ProviderError({ failure, message: failureMessage({ vendorName: "Ollama", words, failure }) });
}

/** Servers of one's own have none; the vendor's cloud may. */
export const requestIdOf = (headers: Readonly<Record<string, string>>): string | undefined =>
  requestIdIn(headers, ["x-request-id"]);

function failureOf(status: number, words: string): FailureClass {
  const known = failureOfStatus(status);
  if (known !== undefined) return known;
  if (otherTarget.test(words)) return "model_unavailable";
  return failureOfRange(status) ?? "unavailable";
}

/** Proxies in between write an object. */
function wordsOf(error: JsonValue | undefined): string {
  const said = textIn(error) ?? textIn(objectIn(error)?.["message"]);
  if (said !== undefined) return tidyVendorText(said);
  if (!saysSomething(error)) return "";
  try {
    return tidyVendorText(JSON.stringify(error));
  } catch {
    return "";
  }
}
