// The vendor's errors as the core's classes.
// Source: docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html

import { type FailureClass, ProviderError } from "../../core/provider-error.ts";
import type { WholeAnswer } from "../chat-over-http.ts";
import { failureMessage, type ToldFailure } from "../failure-message.ts";
import { failureOfRange, failureOfStatus } from "../failure-of-status.ts";
import { requestIdIn } from "../upstream/request-id.ts";
import { retryAfterMsOf } from "../upstream/retry-after.ts";
import { isPage, tidyVendorText } from "../upstream/vendor-text.ts";
import { objectIn, parseJson, textIn } from "../vendor-json.ts";

/** In lower case and without `exception` at the end: streams and answers write the names differently. */
const byType: ReadonlyMap<string, FailureClass> = new Map([
  ["validation", "caller_fault"],
  ["accessdenied", "authentication"],
  ["unrecognizedclient", "authentication"],
  ["invalidsignature", "authentication"],
  ["signaturedoesnotmatch", "authentication"],
  ["incompletesignature", "authentication"],
  ["missingauthenticationtoken", "authentication"],
  ["invalidclienttokenid", "authentication"],
  ["expiredtoken", "authentication"],
  ["requestexpired", "authentication"],
  ["notauthorized", "authentication"],
  ["optinrequired", "authentication"],
  ["resourcenotfound", "model_unavailable"],
  ["unknownoperation", "model_unavailable"],
  ["throttling", "rate_limited"],
  ["toomanyrequests", "rate_limited"],
  ["servicequotaexceeded", "rate_limited"],
  ["modeltimeout", "timeout"],
  ["requesttimeout", "timeout"],
  ["modelerror", "unavailable"],
  ["modelstreamerror", "unavailable"],
  ["modelnotready", "unavailable"],
  ["internalserver", "unavailable"],
  ["internalfailure", "unavailable"],
  ["serviceunavailable", "overloaded"],
]);

// All of these come as a ValidationException; only the text tells them apart.
const byMessage: readonly (readonly [RegExp, FailureClass])[] = [
  [
    /model (identifier|id)\b.* invalid|invalid model|model not found|could not resolve the foundation model/i,
    "model_unavailable",
  ],
  [
    /on-demand throughput|doesn[’']?t support the model|model (doesn[’']?t|does not) support|end of its life/i,
    "model_unavailable",
  ],
  [/(input|prompt) is too long|too many (input )?tokens|context (window|length|limit)/i, "model_unavailable"],
  [/exceeds? the (model|maximum).{0,40}(limit|tokens|context)|expected maxlength/i, "model_unavailable"],
  [/blocked by content filter/i, "content_refused"],
];

/** For an answer with an error status. */
export function readBedrockError({ status, headers, text }: WholeAnswer): ProviderError {
  const body = objectIn(parseJson(text));
  // The header: `ThrottlingException:http://…`; the body's: `com.amazon.coral.service#ThrottlingException`.
  const type =
    textIn(headers["x-amzn-errortype"])?.split(":")[0] ??
    (textIn(body?.["__type"]) ?? textIn(body?.["code"]))?.split("#").at(-1);
  const said = messageIn(text);
  const failure = failureOf({ status, type, said });
  return new ProviderError({
    failure,
    message: described({ status, type, words: said, failure }),
    httpStatus: status,
    upstreamRequestId: requestIdOf(headers),
    retryAfterMs: retryAfterMsOf(headers),
  });
}

/** For an exception in mid-stream; `text` is its JSON. */
export function readBedrockException({
  type,
  text,
}: {
  readonly type: string | undefined;
  readonly text: string;
}): ProviderError {
  const said = messageIn(text);
  const failure = failureOf({ status: 200, type, said });
  return new ProviderError({ failure, message: described({ type, words: said, failure }) });
}

/** The vendor's id of the request, as its headers tell it. */
export const requestIdOf = (headers: Readonly<Record<string, string>>): string | undefined =>
  requestIdIn(headers, ["x-amzn-requestid"]);

interface Told {
  readonly type: string | undefined;
  readonly said: string;
}

function failureOf({ status, type, said }: Told & { readonly status: number }): FailureClass {
  const typed = type === undefined ? undefined : byType.get(type.toLowerCase().replace(/exception$/, ""));
  const known = typed ?? failureOfStatus(status) ?? failureOfRange(status) ?? "unavailable";
  if (known !== "caller_fault") return known;
  return byMessage.find(([pattern]) => pattern.test(said))?.[1] ?? known;
}

/** Empty where nothing helps: a page that a proxy made for people. */
function messageIn(text: string): string {
  const body = objectIn(parseJson(text));
  if (body === undefined) return isPage(text) ? "" : tidy(text);
  const said =
    textIn(body["message"]) ??
    textIn(body["Message"]) ??
    textIn(body["errorMessage"]) ??
    // A proxy's in between.
    textIn(objectIn(body["error"])?.["message"]) ??
    textIn(body["error"]) ??
    textIn(body["detail"]) ??
    "";
  const original = textIn(body["originalMessage"]);
  return tidy(original === undefined || said.includes(original) ? said : `${said} (${original})`);
}

// A refused signature is explained with what was signed, the session's token among it; a refused principal by
// its name in the account.
const tidy = (text: string): string =>
  tidyVendorText(
    text
      .slice(0, 2_000)
      .replace(/\s*The (Canonical String|String-to-Sign) [^]*$/i, "")
      .replaceAll(/\barn:aws[\w-]*:(?:iam|sts)::[^\s"']+/g, "[redacted]")
      .replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, "[redacted]"),
  );

const described = (told: Omit<ToldFailure, "vendorName">): string =>
  failureMessage({
    ...told,
    vendorName: "Bedrock",
    advice: "Check this provider's AWS credentials and region, and its access to the model.",
  });
