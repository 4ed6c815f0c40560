/** Gemini's side of the demo upstream: paths, keys, errors and lists, as AI Studio's API has them (ai.google.dev/api). */
import { maxInputTokens } from "./embedding.ts";
import { geminiEmbeddings } from "./gemini-embeddings.ts";
import { errorBody, GeminiRefusal, refuse, refuseKey, statusRefusal, unknownModel } from "./gemini-error.ts";
import { modelIn } from "./gemini-path.ts";
import { readGeminiRequest } from "./gemini-request.ts";
import { geminiEvents, geminiReply } from "./gemini-wire.ts";
import type { ChatPath, ListedModel, Vendor } from "./vendor.ts";
import type { Address } from "./address.ts";

const modelsPath = "/v1beta/models";
const chatPattern = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/u;
const noKey =
  "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.";

function chatOf({ path, query }: Address): ChatPath | undefined {
  const [, model, method] = chatPattern.exec(path) ?? [];
  if (model === undefined) return undefined;
  const stream = method === "streamGenerateContent";
  if (stream && query.get("alt") !== "sse" && query.get("$alt") !== "sse") {
    throw refuse(
      "The demo upstream streams server-sent events only, no JSON array: add ?alt=sse to the path.",
    );
  }
  return { model: modelIn(model), stream };
}

function modelEntry({ id, embeds }: ListedModel): object {
  if (embeds) {
    return {
      name: `models/${id}`,
      version: "001",
      displayName: id,
      description: "Makes vectors from the text alone.",
      inputTokenLimit: maxInputTokens,
      outputTokenLimit: 1,
      supportedGenerationMethods: ["embedContent"],
    };
  }
  return {
    name: `models/${id}`,
    version: "001",
    displayName: id,
    description: "Answers from its prompt alone.",
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent"],
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 2,
    thinking: true,
  };
}

export const geminiVendor: Vendor = {
  ownPaths: ["/v1beta/"],
  ownHeader: "x-goog-api-key",
  modelsPath,
  contentTypes: { json: "application/json; charset=UTF-8", stream: "text/event-stream" },
  chatOf,
  // Gemini names its answers in their bodies, and its requests nowhere.
  newRequestId: () => "",
  headers: () => ({
    vary: "Origin, X-Origin, Referer",
    server: "scaffolding on HTTPServer2",
    "x-content-type-options": "nosniff",
  }),
  admit(headers, apiKey, query) {
    if (apiKey === undefined) return;
    const key = headers["x-goog-api-key"] ?? query.get("key") ?? undefined;
    if (key === undefined) throw new GeminiRefusal(403, noKey);
    if (key !== apiKey) throw refuseKey();
  },
  readRequest: readGeminiRequest,
  embeddings: geminiEmbeddings,
  unknownModel: (model) => unknownModel(model, "generateContent"),
  unknownPath: () => new GeminiRefusal(404, "Method not found."),
  malformedBody: () => refuse("Invalid JSON payload received. Unable to parse the body as JSON."),
  statusRefusal,
  refusalBody: errorBody,
  refusalHeaders: () => ({}),
  listModels: (models) => JSON.stringify({ models: models.map(modelEntry) }),
  describeModel: (model) => JSON.stringify(modelEntry(model)),
  reply: geminiReply,
  events: geminiEvents,
  // It leaves the format of the stream: no event, but JSON of several lines.
  errorEvent: errorBody(statusRefusal(503)),
  malformedEvent: `data: {"candidates":[{"content":{"par\r\n\r\n`,
};
