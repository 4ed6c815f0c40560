/** Embeddings in Gemini's format (ai.google.dev/api/embeddings). */
import {
  defaultDimensions,
  maxDimensions,
  maxInputTokens,
  type EmbeddingContext,
  type EmbeddingInput,
  type EmbeddingPath,
  type EmbeddingRequest,
  type VendorEmbeddings,
} from "./embedding.ts";
import { refuse, unknownModel } from "./gemini-error.ts";
import { readFields } from "./gemini-fields.ts";
import { modelIn } from "./gemini-path.ts";
import { isRecord, type JsonRecord } from "./json-value.ts";
import { countTokens } from "./token-text.ts";

const pathPattern = /^\/v1beta\/models\/([^/:]+):(embedContent|batchEmbedContents)$/u;
const maxRequests = 100;

function pathOf({ path }: { readonly path: string }): EmbeddingPath | undefined {
  const [, model, method] = pathPattern.exec(path) ?? [];
  return model === undefined ? undefined : { model: modelIn(model), batch: method === "batchEmbedContents" };
}

function readRequest(body: unknown, { model = "", batch }: EmbeddingPath): EmbeddingRequest {
  const fields = readFields(body, batch ? "BatchEmbedContentsRequest" : "EmbedContentRequest");
  const requests = batch ? readBatch(fields["requests"]) : [fields];
  const inputs = requests.map((request, index) => {
    const place = batch ? `BatchEmbedContentsRequest.requests[${index}]` : "EmbedContentRequest";
    checkModel(request, { model, batch, place });
    return readInput(request, place);
  });
  return { model, inputs, base64: false, batch };
}

function readBatch(requests: unknown): readonly JsonRecord[] {
  const list = Array.isArray(requests) ? requests.filter(isRecord) : [];
  if (list.length === 0) throw refuse("* BatchEmbedContentsRequest.requests: requests is not specified\n");
  if (list.length <= maxRequests) return list;
  throw refuse(`* BatchEmbedContentsRequest.requests: at most ${maxRequests} requests can be in one batch\n`);
}

function checkModel(
  request: JsonRecord,
  { model, batch, place }: { readonly model: string; readonly batch: boolean; readonly place: string },
): void {
  const named = request["model"];
  if (named === undefined && batch) throw refuse(`* ${place}.model: unexpected model name format\n`);
  if (named === undefined || named === `models/${model}`) return;
  throw refuse(`* ${place}.model: the model must be that of the path, models/${model}\n`);
}

function readInput(request: JsonRecord, place: string): EmbeddingInput {
  const { content, taskType, title, outputDimensionality: wished } = request;
  const parts = isRecord(content) && Array.isArray(content["parts"]) ? content["parts"].filter(isRecord) : [];
  const texts = parts.map(({ text }) => text).filter((text) => typeof text === "string");
  if (parts.length === 0) throw refuse(`* ${place}.content: contents is not specified\n`);
  if (texts.length < parts.length) throw refuse("The model only supports text input.");
  const text = texts.join("");
  if (text === "") throw refuse("The text content is empty.");
  if (title !== undefined && taskType !== "RETRIEVAL_DOCUMENT") {
    throw refuse("The title is only supported for the task type RETRIEVAL_DOCUMENT.");
  }
  const tokens = countTokens(text);
  if (tokens > maxInputTokens) {
    throw refuse(
      `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${maxInputTokens}).`,
    );
  }
  return { text, tokens, dimensions: readDimensions(wished, place) };
}

function readDimensions(wished: unknown, place: string): number {
  if (typeof wished !== "number") return defaultDimensions;
  if (wished >= 1 && wished <= maxDimensions) return wished;
  throw refuse(`* ${place}.output_dimensionality: must be from 1 to ${maxDimensions}\n`);
}

function reply({ request, vectors, inputTokens }: EmbeddingContext): string {
  const embeddings = vectors.map((vector) => ({ values: [...vector] }));
  const usageMetadata = {
    promptTokenCount: inputTokens,
    promptTokenDetails: [{ modality: "TEXT", tokenCount: inputTokens }],
  };
  const told = request.batch ? { embeddings } : { embedding: embeddings[0] };
  return `${JSON.stringify({ ...told, usageMetadata })}\n`;
}

export const geminiEmbeddings: VendorEmbeddings = {
  pathOf,
  readRequest,
  noEmbeddings: (model) => unknownModel(model, "embedContent"),
  noChats: (model) => unknownModel(model, "generateContent"),
  reply,
};
