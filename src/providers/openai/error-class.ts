// Which class an error in OpenAI's words is: its code first, then its words, its status, its type.
// Sources: platform.openai.com/docs/guides/error-codes, /docs/api-reference/responses/object (`error.code`),
// console.groq.com/docs/errors, openrouter.ai/docs/api/errors,
// learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter, api-docs.deepseek.com/quick_start/error_codes,
// docs.x.ai/docs/key-information/debugging, docs.mistral.ai/api, platform.moonshot.ai/docs/api/chat

import type { FailureClass } from "../../core/provider-error.ts";
import { failureOfRange, failureOfStatus } from "../failure-of-status.ts";

/** What a vendor that speaks in these words says otherwise. */
export interface ErrorWords {
  /** For messages. */
  readonly name: string;
  /** Where the vendor tells its id of the request; the first one present is taken. */
  readonly requestIdHeaders: readonly string[];
  /** Error codes that mean something else than their status. */
  readonly errorCodes: Readonly<Record<string, FailureClass>>;
}

export interface ToldError {
  /** Of the answer; inside a 200, what the error itself tells. */
  readonly status: number | undefined;
  readonly code: string | undefined;
  /** Azure's closer reason. */
  readonly innerCode: string | undefined;
  readonly type: string | undefined;
  /** The member of the request that is at fault. */
  readonly param: string | undefined;
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
  ["DeploymentNotFound", "model_unavailable"],
  ["data_residency_mismatch", "model_unavailable"],
  ["content_policy_violation", "content_refused"],
  ["content_filter", "content_refused"],
  ["invalid_prompt", "content_refused"],
  ["image_content_policy_violation", "content_refused"],
  ["bio_policy", "content_refused"],
  ["ResponsibleAIPolicyViolation", "content_refused"],
  ["invalid_api_key", "authentication"],
  ["account_deactivated", "authentication"],
  ["billing_hard_limit_reached", "authentication"],
  // Answered with 429, but waiting does not help: the account has nothing left.
  ["insufficient_quota", "authentication"],
  ["exceeded_current_quota_error", "authentication"],
  ["engine_overloaded_error", "overloaded"],
  ["rate_limit_exceeded", "rate_limited"],
  ["vector_store_timeout", "timeout"],
]);

/** What the vendor could not make of an image of the request's. */
const imageCode =
  /^(?:invalid_|empty_|unsupported_)?(?:base64_)?image_|^invalid_(?:base64_)?image$|_download_image$/;

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

export function failureOf(told: ToldError, words: Pick<ErrorWords, "errorCodes">): FailureClass {
  const { status, code = "", type = "", message, moderated } = told;
  // Larger than the account may ever send to this model in a minute: no wait helps, another target does.
  if (status === 413 && code === "rate_limit_exceeded") return "model_unavailable";
  const coded = codedFailure(told, words);
  if (coded !== undefined) return coded;
  if (moderated && (status === undefined || status < 500)) return "content_refused";
  const failure =
    (status === undefined ? undefined : byStatus(status)) ??
    byType.get(type) ??
    byType.get(code) ??
    (imageCode.test(code) ? "caller_fault" : "unavailable");
  if (failure === "caller_fault") return faultOf(told);
  return failure === "unavailable" && overloadPattern.test(message) ? "overloaded" : failure;
}

const codedFailure = (
  { code = "", innerCode = "", type = "" }: ToldError,
  { errorCodes }: Pick<ErrorWords, "errorCodes">,
): FailureClass | undefined =>
  (Object.hasOwn(errorCodes, code) ? errorCodes[code] : undefined) ??
  byCode.get(code) ??
  byCode.get(innerCode) ??
  byCode.get(type);

/** What is answered with 400, but is no fault of the request's. */
function faultOf({ param, message }: ToldError): FailureClass {
  if (param === "model" || contextPattern.test(message) || modelPattern.test(message)) {
    return "model_unavailable";
  }
  return keyPattern.test(message) ? "authentication" : "caller_fault";
}

/** Undefined for an error inside a 200: its type tells. */
const byStatus = (status: number): FailureClass | undefined =>
  failureOfStatus(status) ?? failureOfRange(status) ?? (status >= 300 ? "broken_reply" : undefined);
