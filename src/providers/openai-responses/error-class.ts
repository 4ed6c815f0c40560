// Which class an error is: its code first, then its words, its status, its type.
// Sources: platform.openai.com/docs/api-reference/responses/object (`error.code`), /docs/guides/error-codes

import type { FailureClass } from "../../core/provider-error.ts";
import type { ResponsesMember } from "./member.ts";

export interface ToldError {
  /** Of the answer; inside a 200, what the error itself tells. */
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly type: string | undefined;
  /** The member of the request that is at fault. */
  readonly param: string | undefined;
  readonly message: string;
  /** Whether the vendor names what its moderation found. */
  readonly moderated: boolean;
}

const byCode: ReadonlyMap<string, FailureClass> = new Map([
  ["context_length_exceeded", "model_unavailable"],
  ["model_not_found", "model_unavailable"],
  ["unsupported_model", "model_unavailable"],
  ["DeploymentNotFound", "model_unavailable"],
  ["data_residency_mismatch", "model_unavailable"],
  ["content_policy_violation", "content_refused"],
  ["image_content_policy_violation", "content_refused"],
  ["content_filter", "content_refused"],
  ["ResponsibleAIPolicyViolation", "content_refused"],
  ["invalid_prompt", "content_refused"],
  ["bio_policy", "content_refused"],
  ["invalid_api_key", "authentication"],
  ["account_deactivated", "authentication"],
  ["billing_hard_limit_reached", "authentication"],
  // Answered with 429, but waiting does not help: the account has nothing left.
  ["insufficient_quota", "authentication"],
  ["rate_limit_exceeded", "rate_limited"],
  ["server_error", "unavailable"],
  ["vector_store_timeout", "timeout"],
]);

/** What the vendor could not make of an image of the request's. */
const imageCode =
  /^(?:invalid_|empty_|unsupported_)?(?:base64_)?image_|^invalid_(?:base64_)?image$|_download_image$/;

const byType: ReadonlyMap<string, FailureClass> = new Map([
  ["invalid_request_error", "caller_fault"],
  ["authentication_error", "authentication"],
  ["permission_error", "authentication"],
  ["insufficient_quota", "authentication"],
  ["not_found_error", "model_unavailable"],
  ["rate_limit_error", "rate_limited"],
  ["tokens", "rate_limited"],
  ["requests", "rate_limited"],
  ["too_many_requests", "rate_limited"],
  ["server_error", "unavailable"],
  ["internal_server_error", "unavailable"],
  ["overloaded_error", "overloaded"],
  ["timeout", "timeout"],
]);

const contextPattern = /maximum context length|context (?:length|window)|(?:prompt|input) is too long/i;
const modelPattern = /not a valid model|no endpoints found|model .{0,200}(?:does not exist|not found)/i;
const keyPattern =
  /(?:incorrect|invalid|wrong) api[ -]?key|api[ -]?key (?:is )?(?:not valid|invalid|expired)/i;
const overloadPattern = /overloaded|at capacity|over capacity/i;

export function failureOf(told: ToldError, member: Pick<ResponsesMember, "errorCodes">): FailureClass {
  const { status, code, type, param, message, moderated } = told;
  // Larger than the account may ever send to this model in a minute: no wait helps, another target does.
  if (status === 413 && code === "rate_limit_exceeded") return "model_unavailable";
  const own =
    code !== undefined && Object.hasOwn(member.errorCodes, code) ? member.errorCodes[code] : undefined;
  const coded = own ?? (code === undefined ? undefined : byCode.get(code));
  if (coded !== undefined) return coded;
  if (moderated && (status === undefined || status < 500)) return "content_refused";
  const failure =
    (status === undefined ? undefined : byStatus(status)) ??
    (type === undefined ? undefined : byType.get(type)) ??
    (code !== undefined && imageCode.test(code) ? "caller_fault" : "unavailable");
  if (failure === "caller_fault") return faultOf(param, message);
  return failure === "unavailable" && overloadPattern.test(message) ? "overloaded" : failure;
}

/** What is answered with 400, but is no fault of the request's: a model that is not known, a key that is wrong. */
function faultOf(param: string | undefined, message: string): FailureClass {
  if (param === "model" || contextPattern.test(message) || modelPattern.test(message)) {
    return "model_unavailable";
  }
  return keyPattern.test(message) ? "authentication" : "caller_fault";
}

function byStatus(status: number): FailureClass | undefined {
  switch (status) {
    case 401:
    case 402:
    case 403:
      return "authentication";
    case 404:
      return "model_unavailable";
    case 408:
    case 409:
    case 425:
      return "unavailable";
    case 429:
      return "rate_limited";
    case 503:
    case 529:
      return "overloaded";
    default:
      if (status >= 500) return "unavailable";
      if (status >= 400) return "caller_fault";
      // Below that an error stands inside a 200: its type tells.
      return status >= 300 ? "broken_reply" : undefined;
  }
}
