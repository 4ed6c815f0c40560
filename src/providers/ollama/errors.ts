// The vendor's errors as the core's classes: `{"error": "words"}`, and only the words tell them apart.
// Source: docs.ollama.com/api/errors

import { type FailureClass, ProviderError } from "../../core/provider-error.ts";
import type { JsonValue } from "../../core/json.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { tidyVendorText } from "../upstream/vendor-text.ts";
import { objectIn, parseJson, saysSomething, textIn } from "../vendor-json.ts";

const byStatus: ReadonlyMap<number, FailureClass> = new Map([
  [401, "authentication"],
  [402, "authentication"],
  [403, "authentication"],
  [404, "model_unavailable"],
  [408, "timeout"],
  [429, "rate_limited"],
  [503, "overloaded"],
  [504, "timeout"],
]);

const otherTarget =
  /model .{0,200}not found|invalid model name|does not support|exceeds? the (maximum )?context|context (length|window)/i;

/** For an answer with an error status, and for a 200 that is an error all the same. */
export function readOllamaError({ status, headers, text }: WholeAnswer): ProviderError {
  const body = objectIn(parseJson(text));
  const words = body === undefined ? plainText(text) : wordsOf(body["error"] ?? body["message"]);
  const failure = failureOf(status, words);
  const advice = failure === "authentication" ? " Check this provider's API key and account." : "";
  return new ProviderError({
    failure,
    message: `Ollama answered with status ${status}${words === "" ? "." : `: ${words}`}${advice}`,
    httpStatus: status,
    upstreamRequestId: requestIdOf(headers),
    retryAfterMs: retryAfterMsOf(headers),
  });
}

/** For the value of `error` in a line of a stream, or in a whole answer. */
export function readOllamaErrorLine(error: JsonValue): ProviderError {
  const words = wordsOf(error);
  return new ProviderError({
    failure: failureOf(200, words),
    message: `Ollama sent an error${words === "" ? "." : `: ${words}`}`,
  });
}

/** Servers of one's own have none; the vendor's cloud may. */
export const requestIdOf = (headers: Readonly<Record<string, string>>): string | undefined =>
  textIn(headers["x-request-id"])?.slice(0, 256);

function failureOf(status: number, words: string): FailureClass {
  const known = byStatus.get(status);
  if (known !== undefined) return known;
  if (otherTarget.test(words)) return "model_unavailable";
  return status >= 400 && status < 500 ? "caller_fault" : "unavailable";
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

/** A page made for people, by a proxy on the way, says nothing that helps. */
const plainText = (text: string): string => (/^\s*</.test(text) ? "" : tidyVendorText(text));
