// Error answers, and error objects inside a 200: `{"error": {code, message, status, details}}`, also in a list.
// Sources: ai.google.dev/gemini-api/docs/troubleshooting, google/rpc/error_details.proto, google/rpc/code.proto

import type { FailureClass } from "../../core/provider-error.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { failureMessage } from "../failure-message.ts";
import { failureOfRange, failureOfStatus } from "../failure-of-status.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { tidyVendorText, wordsOfPlain } from "../upstream/vendor-text.ts";
import {
  isJsonArray,
  isJsonObject,
  listIn,
  objectIn,
  parseJson,
  saysSomething,
  textIn,
} from "../vendor-json.ts";

const byStatusWord: ReadonlyMap<string, FailureClass> = new Map([
  ["INVALID_ARGUMENT", "caller_fault"],
  ["FAILED_PRECONDITION", "caller_fault"],
  ["OUT_OF_RANGE", "caller_fault"],
  ["UNAUTHENTICATED", "authentication"],
  ["PERMISSION_DENIED", "authentication"],
  ["NOT_FOUND", "model_unavailable"],
  ["UNIMPLEMENTED", "model_unavailable"],
  ["RESOURCE_EXHAUSTED", "rate_limited"],
  ["UNAVAILABLE", "overloaded"],
  ["DEADLINE_EXCEEDED", "timeout"],
]);

/** The vendor says these with 400 too; only the text tells them apart. */
const byMessage: readonly (readonly [RegExp, FailureClass])[] = [
  [/is not (?:enabled|supported) (?:for|by|in) (?:this model|models?[/ ])/i, "model_unavailable"],
  [/token count.{0,80}exceeds|exceeds the maximum number of tokens/i, "model_unavailable"],
  [/api key (?:not valid|not found|expired)|pass a valid api key/i, "authentication"],
  [/location is not supported|enable billing|billing (?:account|to be enabled)/i, "authentication"],
  [/responsible ai/i, "content_refused"],
];

/** For an answer with an error status, and for a 200 that is an error all the same. */
export function readGeminiError({ status, headers, text }: WholeAnswer): ProviderError {
  const error = errorIn(parseJson(text));
  const told = toldBy(error ?? {}, error === undefined ? plainText(text) : "");
  const failure = failureOf({ ...told, code: status < 300 ? told.code : status });
  return new ProviderError({
    failure,
    message: failureMessage({ vendorName: "Gemini", status, type: told.status, words: told.words, failure }),
    httpStatus: status,
    upstreamRequestId: told.requestId,
    retryAfterMs: told.retryAfterMs ?? retryAfterMsOf(headers),
  });
}

/** For the value of `error` inside a 200, whole or in mid-stream. */
export function readGeminiErrorObject(error: JsonValue): ProviderError {
  const told = toldBy(isJsonObject(error) ? error : { message: error }, "");
  const failure = failureOf(told);
  return new ProviderError({
    failure,
    message: failureMessage({ vendorName: "Gemini", type: told.status, words: told.words, failure }),
    upstreamRequestId: told.requestId,
    retryAfterMs: told.retryAfterMs,
  });
}

function errorIn(json: JsonValue | undefined): JsonObject | undefined {
  const body = objectIn(isJsonArray(json) ? json[0] : json);
  const error = body?.["error"];
  if (isJsonObject(error)) return error;
  if (saysSomething(error)) return { message: error };
  if (saysSomething(body?.["message"])) return body;
  const detail = textIn(body?.["detail"]);
  return detail === undefined ? undefined : { message: detail };
}

interface Told {
  readonly code: number | undefined;
  readonly status: string | undefined;
  readonly words: string;
  readonly reason: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

function toldBy(error: JsonObject, otherWords: string): Told {
  const { code } = error;
  const details = listIn(error["details"]).flatMap((detail) => (isJsonObject(detail) ? [detail] : []));
  const detail = (type: string): JsonObject | undefined =>
    details.find((each) => textIn(each["@type"])?.endsWith(`google.rpc.${type}`) === true);
  return {
    code: typeof code === "number" ? code : undefined,
    status: textIn(error["status"]),
    words: tidyVendorText(textIn(error["message"]) ?? otherWords),
    reason: textIn(detail("ErrorInfo")?.["reason"]),
    requestId: textIn(detail("RequestInfo")?.["requestId"])?.slice(0, 256),
    retryAfterMs: durationMs(detail("RetryInfo")?.["retryDelay"]),
  };
}

const longestMs = 86_400_000;

/** A google.protobuf.Duration: `34.07s`. */
function durationMs(value: JsonValue | undefined): number | undefined {
  const [, seconds] = /^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(textIn(value) ?? "") ?? [];
  return seconds === undefined ? undefined : Math.min(Math.ceil(Number(seconds) * 1000), longestMs);
}

function failureOf({ code, status, words, reason }: Told): FailureClass {
  if (reason?.startsWith("API_KEY_") === true) return "authentication";
  const known =
    (code === undefined ? undefined : failureOfStatus(code)) ??
    (status === undefined ? undefined : byStatusWord.get(status)) ??
    (code === undefined ? undefined : failureOfRange(code)) ??
    "unavailable";
  if (known !== "caller_fault") return known;
  return byMessage.find(([pattern]) => pattern.test(words))?.[1] ?? known;
}

/** Cut JSON says no more than a page does. */
const plainText = (text: string): string => (/^\s*[[{]/.test(text) ? "" : wordsOfPlain(text));
