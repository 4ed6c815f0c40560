// Which class an error of the family is: its code first, then its words, its status, its type.
// Sources: platform.openai.com/docs/guides/error-codes, console.groq.com/docs/errors, openrouter.ai/docs/api/errors,
// learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter, api-docs.deepseek.com/quick_start/error_codes,
// docs.x.ai/docs/key-information/debugging, docs.mistral.ai/api, platform.moonshot.ai/docs/api/chat

import type { FailureClass } from "../../core/provider-error.ts";
import type { FamilyMember } from "./family-member.ts";

export interface ToldError {
  /** Of the answer; inside a 200, what the error itself tells. */
  readonly status: number | undefined;
  readonly code: string | undefined;
  /** Azure's closer reason. */
  readonly innerCode: string | undefined;
  readonly type: string | undefined;
  readonly message: string;
  /** Whether the vendor names what its moderation found. */
  readonly moderated: boolean;
}

/** Surer than the status; some vendors write such a word as the type. */
const byCode: ReadonlyMap<string, FailureClass> = new Map([
  ["context_length_exceeded", "model_unavailable"],
  ["model_not_found", "model_unavailable"],
  ["model_decommissioned", "model_unavailable"],
  ["unsupported_model", "model_unavailable"],
  ["unknown_model", "model_unavailable"],
  ["invalid_model", "model_unavailable"],
  ["OperationNotSupported", "model_unavailable"],
  ["content_policy_violation", "content_refused"],
  ["content_filter", "content_refused"],
  ["invalid_prompt", "content_refused"],
  ["ResponsibleAIPolicyViolation", "content_refused"],
  ["invalid_api_key", "authentication"],
  ["account_deactivated", "authentication"],
  ["billing_hard_limit_reached", "authentication"],
  // Answered with 429, but waiting does not help: the account has nothing left.
  ["insufficient_quota", "authentication"],
  ["exceeded_current_quota_error", "authentication"],
  ["engine_overloaded_error", "overloaded"],
]);

const byType: ReadonlyMap<string, FailureClass> = new Map([
  ["invalid_request_error", "caller_fault"],
  ["authentication_error", "authentication"],
  ["permission_error", "authentication"],
  ["not_found_error", "model_unavailable"],
  ["rate_limit_error", "rate_limited"],
  ["rate_limit_exceeded", "rate_limited"],
  ["tokens", "rate_limited"],
  ["requests", "rate_limited"],
  ["server_error", "unavailable"],
  ["internal_server_error", "unavailable"],
  ["overloaded_error", "overloaded"],
  ["timeout", "timeout"],
  // vLLM's names.
  ["BadRequestError", "caller_fault"],
  ["NotFoundError", "model_unavailable"],
]);

const contextPattern = /maximum context length|context (?:length|window)|(?:prompt|input) is too long/i;
const keyPattern =
  /(?:incorrect|invalid|wrong) api[ -]?key|api[ -]?key (?:is )?(?:not valid|invalid|expired)/i;
const modelPattern =
  /not a valid model|invalid model\b|no endpoints found|model .{0,200}(?:does not exist|not found)/i;
const overloadPattern = /overloaded|at capacity|over capacity/i;

export function failureOf(told: ToldError, member: FamilyMember): FailureClass {
  const { status, code, type, message, moderated } = told;
  const coded = codedFailure(told, member);
  if (coded !== undefined) return coded;
  if (moderated && (status === undefined || status < 500)) return "content_refused";
  // Larger than the account may ever send to this model in a minute: no wait helps, another target does.
  if (status === 413 && code === "rate_limit_exceeded") return "model_unavailable";
  const failure =
    (status === undefined ? undefined : byStatus(status)) ??
    (type === undefined ? undefined : byType.get(type)) ??
    (code === undefined ? undefined : byType.get(code)) ??
    "unavailable";
  if (failure === "caller_fault") return faultOf(message);
  return failure === "unavailable" && overloadPattern.test(message) ? "overloaded" : failure;
}

const codedFailure = (
  { code = "", innerCode = "", type = "" }: ToldError,
  { errorCodes }: FamilyMember,
): FailureClass | undefined =>
  (Object.hasOwn(errorCodes, code) ? errorCodes[code] : undefined) ??
  byCode.get(code) ??
  byCode.get(innerCode) ??
  byCode.get(type);

/** What is answered with 400, but is no fault of the request's. */
function faultOf(message: string): FailureClass {
  if (contextPattern.test(message) || modelPattern.test(message)) return "model_unavailable";
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
    // 498: Groq, no capacity in this tier.
    case 498:
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
