/** Anthropic's side of the demo upstream: errors, headers and lists (docs.claude.com/en/api/errors). */
import { readAnthropicRequest } from "./anthropic-request.ts";
import { anthropicEvents, anthropicReply } from "./anthropic-wire.ts";
import { Refusal } from "./demo-request.ts";
import { bearerToken, type ListedModel, type Vendor } from "./vendor.ts";

const types: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "The request was refused by the demo model."],
  401: ["authentication_error", "invalid x-api-key"],
  403: ["permission_error", "Your API key does not have permission to use the specified resource."],
  404: ["not_found_error", "Not Found"],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: [
    "rate_limit_error",
    "This request would exceed your organization's rate limit. Please try again later.",
  ],
  500: ["api_error", "Internal server error"],
  504: ["timeout_error", "The request timed out while processing."],
  529: ["overloaded_error", "Overloaded"],
};

function textOf(status: number): readonly [type: string, message: string] {
  return (
    types[status] ??
    (status >= 500 ? ["api_error", "Internal server error"] : ["invalid_request_error", "Bad request"])
  );
}

function shouldRetry(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function modelEntry(model: ListedModel): object {
  const created = new Date(model.createdSeconds * 1000).toISOString();
  return { type: "model", id: model.id, display_name: model.id, created_at: created };
}

export const anthropicVendor: Vendor = {
  ownPaths: ["/v1/messages"],
  ownHeader: "anthropic-version",
  modelsPath: "/v1/models",
  contentTypes: { json: "application/json", stream: "text/event-stream; charset=utf-8" },
  chatOf: ({ path }) => (path === "/v1/messages" ? {} : undefined),
  newRequestId: (ids) => ids.next("req_011C", 20),
  headers: (requestId) => ({
    "request-id": requestId,
    "anthropic-ratelimit-requests-limit": "10000",
    "anthropic-ratelimit-requests-remaining": "9999",
    "anthropic-ratelimit-input-tokens-limit": "10000000",
    "anthropic-ratelimit-input-tokens-remaining": "10000000",
    "anthropic-ratelimit-output-tokens-limit": "2000000",
    "anthropic-ratelimit-output-tokens-remaining": "2000000",
  }),
  admit(headers, apiKey) {
    const key = headers["x-api-key"] ?? bearerToken(headers);
    if (apiKey !== undefined && key !== apiKey) {
      const message = key === undefined ? "x-api-key header is required" : "invalid x-api-key";
      throw new Refusal({ status: 401, message });
    }
    if (headers["anthropic-version"] === undefined) {
      throw new Refusal({ status: 400, message: "anthropic-version: header is required" });
    }
  },
  readRequest: readAnthropicRequest,
  unknownModel: (model) => new Refusal({ status: 404, message: `model: ${model}` }),
  unknownPath: (_method, path) =>
    path === "/v1/messages"
      ? new Refusal({ status: 405, message: "Method Not Allowed" })
      : new Refusal({ status: 404, message: "Not Found" }),
  malformedBody: () => new Refusal({ status: 400, message: "The request body is not valid JSON" }),
  statusRefusal: (status) => new Refusal({ status, message: textOf(status)[1] }),
  refusalBody(refusal, requestId) {
    const error = { type: refusal.type ?? textOf(refusal.status)[0], message: refusal.message };
    return JSON.stringify({ type: "error", error, request_id: requestId });
  },
  refusalHeaders: (refusal, retryAfterSeconds) => ({
    "x-should-retry": String(shouldRetry(refusal.status)),
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
  }),
  listModels(models) {
    const data = models.map(modelEntry);
    return JSON.stringify({
      data,
      has_more: false,
      first_id: models[0]?.id ?? null,
      last_id: models.at(-1)?.id ?? null,
    });
  },
  describeModel: (model) => JSON.stringify(modelEntry(model)),
  reply: anthropicReply,
  events: anthropicEvents,
  errorEvent: `event: error\ndata: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"}}\n\n`,
  malformedEvent: `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n`,
};
