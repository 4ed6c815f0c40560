/** OpenAI's side of the demo upstream: errors, headers and lists; requests and answers have files of their own. */
import { Refusal } from "./demo-request.ts";
import { embeddingsPath, openaiEmbeddings } from "./openai-embeddings.ts";
import { readOpenaiRequest } from "./openai-request.ts";
import { openaiEvents, openaiReply } from "./openai-wire.ts";
import { bearerToken, type ListedModel, type Vendor } from "./vendor.ts";

interface StatusText {
  readonly message: string;
  readonly type: string;
  readonly code?: string;
}

const chatPath = "/v1/chat/completions";
const failed = "The server had an error while processing your request. Sorry about that!";
const noKey =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
const busy = "The engine is currently overloaded, please try again later";
const texts: Readonly<Record<number, StatusText>> = {
  401: { message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" },
  403: {
    message: "Country, region, or territory not supported",
    type: "request_forbidden",
    code: "unsupported_country_region_territory",
  },
  404: {
    message: "The model does not exist or you do not have access to it.",
    type: "invalid_request_error",
    code: "model_not_found",
  },
  429: {
    message: "Rate limit reached for the demo model on requests per min (RPM). Please try again later.",
    type: "requests",
    code: "rate_limit_exceeded",
  },
  503: { message: busy, type: "server_error" },
};

function statusRefusal(status: number): Refusal {
  const client = { message: "The request was refused by the demo model.", type: "invalid_request_error" };
  const server = { message: failed, type: "server_error" };
  return new Refusal({ status, ...(texts[status] ?? (status >= 500 ? server : client)) });
}

function errorBody(refusal: Refusal): string {
  const { message, type = "invalid_request_error", param = null, code = null } = refusal;
  return JSON.stringify({ error: { message, type, param, code } });
}

function modelEntry(model: ListedModel): object {
  return { id: model.id, object: "model", created: model.createdSeconds, owned_by: "demo" };
}

export const openaiVendor: Vendor = {
  ownPaths: [chatPath, embeddingsPath],
  ownHeader: undefined,
  modelsPath: "/v1/models",
  contentTypes: { json: "application/json", stream: "text/event-stream; charset=utf-8" },
  chatOf: ({ path }) => (path === chatPath ? {} : undefined),
  newRequestId: (ids) => ids.next("req_", 32),
  headers: (requestId) => ({
    "x-request-id": requestId,
    "openai-processing-ms": "1",
    "openai-version": "2020-10-01",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-limit-tokens": "10000000",
    "x-ratelimit-remaining-tokens": "9999990",
    "x-ratelimit-reset-tokens": "0s",
  }),
  admit(headers, apiKey) {
    const credential = bearerToken(headers);
    if (apiKey === undefined || credential === apiKey) return;
    if (credential === undefined) throw new Refusal({ status: 401, message: noKey });
    const message = `Incorrect API key provided: ${credential.slice(0, 3)}***.`;
    throw new Refusal({ status: 401, message, code: "invalid_api_key" });
  },
  readRequest: readOpenaiRequest,
  embeddings: openaiEmbeddings,
  filteredPrompt: () =>
    new Refusal({
      status: 400,
      message:
        "The response was filtered due to the prompt triggering the demo model's content management policy. Please modify your prompt and retry.",
      param: "prompt",
      code: "content_filter",
    }),
  unknownModel: (model) =>
    new Refusal({
      status: 404,
      message: `The model \`${model}\` does not exist or you do not have access to it.`,
      code: "model_not_found",
    }),
  unknownPath(method, path) {
    const message = `Invalid URL (${method} ${path})`;
    if (path !== chatPath && path !== embeddingsPath) return new Refusal({ status: 404, message });
    const hint = "(HINT: Perhaps you meant to use a different HTTP method?)";
    const code = "method_not_supported";
    return new Refusal({ status: 405, message: `Not allowed to ${method} on ${path}. ${hint}`, code });
  },
  malformedBody: () =>
    new Refusal({
      status: 400,
      message:
        "We could not parse the JSON body of your request. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.",
    }),
  statusRefusal,
  refusalBody: errorBody,
  refusalHeaders: (_refusal, retryAfterSeconds) =>
    retryAfterSeconds === undefined
      ? {}
      : {
          "retry-after": String(Math.ceil(retryAfterSeconds)),
          "retry-after-ms": String(Math.round(retryAfterSeconds * 1000)),
        },
  listModels: (models) => JSON.stringify({ object: "list", data: models.map(modelEntry) }),
  describeModel: (model) => JSON.stringify(modelEntry(model)),
  reply: openaiReply,
  events: openaiEvents,
  errorEvent: `data: ${errorBody(statusRefusal(500))}\n\n`,
  malformedEvent: `data: {"id":"chatcmpl-demo","object":"chat.comple\n\n`,
};
