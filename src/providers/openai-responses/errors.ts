// Error answers, and errors inside a 200: `{"error": {message, type, param, code}}` in an answer, in a response
// that failed `{code, message}`, in a stream an event `error` with these at its top or under `error`.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { tidyVendorText } from "../upstream/vendor-text.ts";
import { isJsonArray, isJsonObject, objectIn, parseJson, saysSomething, textIn } from "../vendor-json.ts";
import { failureOf } from "./error-class.ts";
import type { ToldError } from "./error-class.ts";
import type { ResponsesMember } from "./member.ts";

/** For an answer with an error status, and for a 200 that is an error all the same. */
export function readResponsesError(
  { status, headers, text }: WholeAnswer,
  member: ResponsesMember,
): ProviderError {
  const json = parseJson(text);
  const error = errorIn(isJsonArray(json) ? json[0] : json);
  const told = readErrorObject(error ?? {});
  // Inside a 200 the error tells its own status, if any.
  const failure = failureOf(status < 300 ? told : { ...told, status }, member);
  const words = error === undefined ? plainText(text) : told.message;
  const advice = failure === "authentication" ? " Check this provider's API key and account." : "";
  return new ProviderError({
    failure,
    message: `${member.name} answered with status ${status}${words === "" ? "." : `: ${words}`}${advice}`,
    httpStatus: status,
    upstreamRequestId: requestIdOf(headers, member),
    retryAfterMs: retryAfterMsOf(headers),
  });
}

/** For an error inside a 200: the value of `error`, or an `error` event. */
export function readErrorInside(error: JsonValue, member: ResponsesMember): ProviderError {
  const told = readErrorObject(errorIn(error) ?? error);
  return new ProviderError({
    failure: failureOf(told, member),
    message: `${member.name} sent an error${told.message === "" ? "." : `: ${told.message}`}`,
  });
}

/** The vendor's id of the request, as its headers tell it. */
export function requestIdOf(
  headers: Readonly<Record<string, string>>,
  member: ResponsesMember,
): string | undefined {
  for (const name of member.requestIdHeaders) {
    const id = headers[name];
    if (id !== undefined && id !== "") return id.slice(0, 256);
  }
  return undefined;
}

function errorIn(body: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(body)) return undefined;
  if (saysSomething(body["error"])) {
    // Beside an error that is a string, the code stands at the top.
    return isJsonObject(body["error"]) ? body["error"] : { ...body, message: body["error"] };
  }
  if (saysSomething(body["detail"])) return { message: body["detail"] };
  return saysSomething(body["message"]) ? body : undefined;
}

function readErrorObject(error: JsonValue): ToldError {
  const object: JsonObject = isJsonObject(error) ? error : { message: error };
  const code = object["code"];
  const metadata = objectIn(object["metadata"]);
  return {
    status: statusIn(object["status_code"]) ?? statusIn(object["status"]) ?? statusIn(code),
    code: textIn(code),
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
  const words = wordsIn(message);
  // A router tells what its upstream said only here.
  const upstream = wordsIn(metadata?.["raw"]);
  const all =
    upstream === "" || words.includes(upstream) ? words : `${words === "" ? "" : `${words}: `}${upstream}`;
  return tidyVendorText(all);
}

const wordsIn = (value: JsonValue | undefined): string =>
  typeof value === "string" ? innermost(value) : saysSomething(value) ? asText(value) : "";

/** The message inside a message that is itself an error's JSON. */
function innermost(message: string): string {
  const text = message.trim();
  if (!text.startsWith("{")) return text;
  const body = objectIn(parseJson(text));
  return textIn(objectIn(body?.["error"])?.["message"]) ?? textIn(body?.["message"]) ?? text;
}

// A list of faults, as some servers send it; `JSON.stringify` fails on too deep a nest.
function asText(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}

/** A page made for people, by the vendor or a proxy on the way, says nothing that helps. */
const plainText = (text: string): string => (/^\s*</.test(text) ? "" : tidyVendorText(text));
