/** Refusals in Google's words: a status by name, and details by type (google.aip.dev/193). */
import { Refusal } from "./demo-request.ts";

const service = "generativelanguage.googleapis.com";

export class GeminiRefusal extends Refusal {
  readonly details: readonly object[];

  constructor(status: number, message: string, details: readonly object[] = []) {
    super({ status, message });
    this.details = details;
  }
}

/** 400 INVALID_ARGUMENT. */
export function refuse(message: string): GeminiRefusal {
  return new GeminiRefusal(400, message);
}

/** The same for a field of the request that fails a check: `path` is `contents[0].parts`. */
export function refuseField(path: string, complaint: string): GeminiRefusal {
  return refuse(`* GenerateContentRequest.${path}: ${complaint}\n`);
}

/** 404, for what the list of models has not, or not for this method. */
export function unknownModel(model: string, method: string): GeminiRefusal {
  return new GeminiRefusal(
    404,
    `models/${model} is not found for API version v1beta, or is not supported for ${method}. Call ModelService.ListModels to see the list of available models and their supported methods.`,
  );
}

export function refuseKey(): GeminiRefusal {
  const message = "API key not valid. Please pass a valid API key.";
  return new GeminiRefusal(400, message, [
    detail("ErrorInfo", { reason: "API_KEY_INVALID", domain: "googleapis.com", metadata: { service } }),
    detail("LocalizedMessage", { locale: "en-US", message }),
  ]);
}

export function detail(type: string, fields: object): object {
  return { "@type": `type.googleapis.com/google.rpc.${type}`, ...fields };
}

const statuses: Readonly<Record<number, readonly [name: string, message: string]>> = {
  400: ["INVALID_ARGUMENT", "Request contains an invalid argument."],
  401: [
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
  ],
  403: ["PERMISSION_DENIED", "The caller does not have permission"],
  404: ["NOT_FOUND", "Requested entity was not found."],
  408: ["DEADLINE_EXCEEDED", "Deadline expired before operation could complete."],
  409: ["ABORTED", "The operation was aborted."],
  413: ["INVALID_ARGUMENT", "Request payload size exceeds the limit."],
  429: ["RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."],
  499: ["CANCELLED", "The operation was cancelled."],
  500: ["INTERNAL", "An internal error has occurred. Please retry."],
  501: ["UNIMPLEMENTED", "Operation is not implemented, or supported, or enabled."],
  503: ["UNAVAILABLE", "The model is overloaded. Please try again later."],
  504: ["DEADLINE_EXCEEDED", "Deadline expired before operation could complete."],
};

function statusOf(status: number): readonly [name: string, message: string] {
  const known = statuses[status];
  if (known !== undefined) return known;
  return status >= 500
    ? ["INTERNAL", "Internal error encountered."]
    : ["INVALID_ARGUMENT", "Request contains an invalid argument."];
}

/** Google says how long to wait in the body, and in no header. */
export function statusRefusal(status: number, retryAfterSeconds?: number): GeminiRefusal {
  const [, message] = statusOf(status);
  if (retryAfterSeconds === undefined) return new GeminiRefusal(status, message);
  const retryDelay = `${retryAfterSeconds}s`;
  return new GeminiRefusal(status, `${message} Please retry in ${retryDelay}.`, [
    detail("RetryInfo", { retryDelay }),
  ]);
}

export function errorBody(refusal: Refusal): string {
  const [status] = statusOf(refusal.status);
  const details =
    refusal instanceof GeminiRefusal && refusal.details.length > 0 ? refusal.details : undefined;
  const error = { code: refusal.status, message: refusal.message, status, details };
  return `${JSON.stringify({ error }, null, 2)}\n`;
}
