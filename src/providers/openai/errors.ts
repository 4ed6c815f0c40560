// Error answers, and error objects inside a 200. Their shape is `{"error": {message, type, param, code}}`, with
// variations: `error` or `detail` as a string, the error without a member around it, a numeric code, the real
// error as JSON inside the message, a list of faults.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { FailureClass } from "../../core/provider-error.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { tidyVendorText } from "../upstream/vendor-text.ts";
import { failureOf } from "./error-class.ts";
import type { ToldError } from "./error-class.ts";
import type { FamilyMember } from "./family-member.ts";
import {
  isJsonArray,
  isJsonObject,
  listIn,
  objectIn,
  parseJson,
  saysSomething,
  textIn,
} from "../vendor-json.ts";

/** For an answer with an error status, and for a 200 that is an error all the same. */
export function readOpenAiError({ status, headers, text }: WholeAnswer, member: FamilyMember): ProviderError {
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

/**
 * The error inside a 200: that of a whole answer, or of a chunk in mid-stream.
 * Undefined where there is none; it runs for every chunk.
 */
export function errorInside(answer: JsonObject, member: FamilyMember): JsonValue | undefined {
  const error = answer["error"];
  if (error !== undefined && saysSomething(error)) return errorIn(answer);
  if (member.besides !== undefined) {
    const beside = objectIn(answer[member.besides])?.["error"];
    if (saysSomething(beside)) return beside;
  }
  return answer["choices"] === undefined && isBareError(answer) ? errorIn(answer) : undefined;
}

const isBareError = ({ object, detail, errors }: JsonObject): boolean =>
  object === "error" || saysSomething(detail) || saysSomething(errors);

/** `failure`: where it is known already. */
export function readOpenAiErrorObject(
  error: JsonValue,
  member: FamilyMember,
  failure?: FailureClass,
): ProviderError {
  const told = readErrorObject(error);
  return new ProviderError({
    failure: failure ?? failureOf(told, member),
    message: `${member.name} sent an error${told.message === "" ? "." : `: ${told.message}`}`,
  });
}

/** The vendor's id of the request, as its headers tell it. */
export function requestIdOf(
  headers: Readonly<Record<string, string>>,
  member: FamilyMember,
): string | undefined {
  for (const name of member.requestIdHeaders) {
    const id = headers[name];
    if (id !== undefined && id !== "") return id.slice(0, 256);
  }
  return undefined;
}

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
    status: statusIn(object["status_code"]) ?? statusIn(code),
    code: textIn(code),
    innerCode: textIn(objectIn(object["innererror"])?.["code"]),
    type: textIn(object["type"]),
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

/** A page made for people, by the vendor or a proxy on the way, says nothing that helps. */
const plainText = (text: string): string => (/^\s*</.test(text) ? "" : tidyVendorText(text));
