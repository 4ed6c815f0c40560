// Error answers, and error objects inside a 200, as OpenAI's APIs and those that follow them tell them. Their shape is
// `{"error": {message, type, param, code}}`, with variations: `error` or `detail` as a string, the error without a
// member around it, a numeric code, the real error as JSON inside the message, a list of faults.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { FailureClass } from "../../core/provider-error.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { failureMessage } from "../failure-message.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { requestIdIn } from "../upstream/request-id.ts";
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
import { failureOf } from "./error-class.ts";
import type { ErrorWords, ToldError } from "./error-class.ts";

/** For an answer with an error status, and for a 200 that is an error all the same. */
export function readOpenAiError({ status, headers, text }: WholeAnswer, words: ErrorWords): ProviderError {
  const json = parseJson(text);
  const error = errorIn(isJsonArray(json) ? json[0] : json);
  const told = readErrorObject(error ?? {});
  // Inside a 200 the error tells its own status, if any.
  const failure = failureOf(status < 300 ? told : { ...told, status }, words);
  const said = error === undefined ? wordsOfPlain(text) : told.message;
  return new ProviderError({
    failure,
    message: failureMessage({ vendorName: words.name, status, words: said, failure }),
    httpStatus: status,
    upstreamRequestId: requestIdOf(headers, words),
    retryAfterMs: retryAfterMsOf(headers),
  });
}

/** For an error inside a 200, or an event that is one. `failure`: where it is known already. */
export function readOpenAiErrorObject(
  error: JsonValue,
  words: ErrorWords,
  failure?: FailureClass,
): ProviderError {
  const told = readErrorObject(errorIn(error) ?? error);
  const known = failure ?? failureOf(told, words);
  return new ProviderError({
    failure: known,
    message: failureMessage({ vendorName: words.name, words: told.message, failure: known }),
  });
}

/** The vendor's id of the request, as its headers tell it. */
export const requestIdOf = (
  headers: Readonly<Record<string, string>>,
  { requestIdHeaders }: Pick<ErrorWords, "requestIdHeaders">,
): string | undefined => requestIdIn(headers, requestIdHeaders);

/** The error's own object, or what says the same, out of a body or an event that is one. */
export function errorIn(body: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(body)) return undefined;
  if (saysSomething(body["error"])) {
    // Beside an error that is a string, the code stands at the top.
    return isJsonObject(body["error"]) ? body["error"] : { ...body, message: body["error"] };
  }
  if (saysSomething(body["detail"])) return { message: body["detail"] };
  if (saysSomething(body["errors"])) return listIn(body["errors"])[0] ?? { message: body["errors"] };
  return saysSomething(body["message"]) ? body : undefined;
}

function readErrorObject(error: JsonValue): ToldError {
  const object: JsonObject = isJsonObject(error) ? error : { message: error };
  const code = object["code"];
  const metadata = objectIn(object["metadata"]);
  return {
    status: statusIn(object["status_code"]) ?? statusIn(object["status"]) ?? statusIn(code),
    code: textIn(code),
    innerCode: textIn(objectIn(object["innererror"])?.["code"]),
    type: textIn(object["type"]),
    param: textIn(object["param"]),
    message: messageOf(object["message"], metadata),
    moderated: metadata !== undefined && saysSomething(metadata["reasons"]),
  };
}

const statusIn = (value: JsonValue | undefined): number | undefined => {
  const status = typeof value === "string" && /^[1-5]\d\d$/.test(value) ? Number(value) : value;
  return typeof status === "number" && status >= 100 && status < 600 ? status : undefined;
};

function messageOf(message: JsonValue | undefined, metadata: JsonObject | undefined): string {
  const words = wordsOf(message);
  // A router tells what its upstream said only here.
  const upstream = wordsOf(metadata?.["raw"]);
  const all =
    upstream === "" || words.includes(upstream) ? words : `${words === "" ? "" : `${words}: `}${upstream}`;
  return tidyVendorText(all);
}

/** What was written for people; servers made with FastAPI list the faults of each field. */
function wordsOf(value: JsonValue | undefined): string {
  if (typeof value === "string") return innermost(value);
  if (!saysSomething(value)) return "";
  const list = isJsonArray(value) ? value : listIn(objectIn(value)?.["detail"]);
  const faults = list.flatMap((entry) => {
    const fault = objectIn(entry);
    const words = textIn(fault?.["msg"]);
    const place = listIn(fault?.["loc"]).filter(
      (step) => typeof step === "string" || typeof step === "number",
    );
    return words === undefined ? [] : [place.length === 0 ? words : `${place.join(".")}: ${words}`];
  });
  return faults.length > 0 ? faults.join("; ") : (textIn(objectIn(value)?.["detail"]) ?? asText(value));
}

/** The message inside a message that is itself an error's JSON. */
function innermost(message: string): string {
  const text = message.trim();
  if (!text.startsWith("{")) return text;
  const body = objectIn(parseJson(text));
  const error = body?.["error"];
  return textIn(objectIn(error)?.["message"]) ?? textIn(error) ?? textIn(body?.["message"]) ?? text;
}

// A list of faults, as some servers send it; `JSON.stringify` fails on too deep a nest.
function asText(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}
