/** Embeddings in OpenAI's format (platform.openai.com/docs/api-reference/embeddings). */
import { Refusal } from "./demo-request.ts";
import {
  defaultDimensions,
  maxDimensions,
  maxInputTokens,
  type EmbeddingContext,
  type EmbeddingRequest,
  type VendorEmbeddings,
} from "./embedding.ts";
import { asText, isRecord, isStringArray, type JsonRecord } from "./json-value.ts";
import { readLimit, refuse, refuseType } from "./openai-fields.ts";
import { countTokens } from "./token-text.ts";

export const embeddingsPath = "/v1/embeddings";

const known: ReadonlySet<string> = new Set(["model", "input", "encoding_format", "dimensions", "user"]);
const maxInputs = 2048;

interface Input {
  readonly text: string;
  readonly tokens: number;
}

function readRequest(body: unknown): EmbeddingRequest {
  if (!isRecord(body)) throw refuseType("body", "an object", body);
  const { model, user, encoding_format: format = "float" } = body;
  if (typeof model !== "string" || model === "") {
    throw new Refusal({ status: 400, message: "you must provide a model parameter" });
  }
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) throw refuse(unknown, `Unknown parameter: '${unknown}'.`, "unknown_parameter");
  if (typeof (user ?? "") !== "string") throw refuseType("user", "a string", user);
  if (format !== "float" && format !== "base64") {
    const values = "Supported values are: 'float' and 'base64'.";
    throw refuse("encoding_format", `Invalid value: '${asText(format)}'. ${values}`, "invalid_value");
  }
  const dimensions = readDimensions(body);
  const inputs = readInputs(body["input"] ?? undefined).map(({ text, tokens }) => ({
    text,
    tokens,
    dimensions,
  }));
  return { model, inputs, base64: format === "base64", batch: true };
}

function readDimensions(body: JsonRecord): number {
  const dimensions = readLimit(body, "dimensions") ?? defaultDimensions;
  if (dimensions <= maxDimensions) return dimensions;
  const message = `Invalid value for 'dimensions' = ${dimensions}. Must be less than or equal to ${maxDimensions}.`;
  throw refuse("dimensions", message);
}

function readInputs(input: unknown): readonly Input[] {
  if (input === undefined) {
    throw refuse("input", "Missing required parameter: 'input'.", "missing_required_parameter");
  }
  const inputs = inputsOf(input);
  if (inputs === undefined || inputs.length === 0) throw invalidInput();
  if (inputs.length > maxInputs) {
    const message = `Invalid 'input': array too long. Expected an array with maximum length ${maxInputs}, but got an array with length ${inputs.length} instead.`;
    throw refuse("input", message, "array_above_max_length");
  }
  for (const { tokens } of inputs) {
    if (tokens === 0) throw invalidInput();
    if (tokens > maxInputTokens) throw tooLong(tokens);
  }
  return inputs;
}

/** A text or several, the tokens of one text or of several; undefined for anything else. */
function inputsOf(input: unknown): readonly Input[] | undefined {
  if (typeof input === "string") return [ofText(input)];
  if (isStringArray(input)) return input.map(ofText);
  if (isTokens(input)) return [ofTokens(input)];
  return Array.isArray(input) && input.every(isTokens) ? input.map(ofTokens) : undefined;
}

const isTokens = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((token) => Number.isInteger(token) && token >= 0);

const ofText = (text: string): Input => ({ text, tokens: countTokens(text) });

/** No text begins so by chance. */
const ofTokens = (tokens: readonly number[]): Input => ({
  text: `\0${tokens.join(",")}`,
  tokens: tokens.length,
});

function invalidInput(): Refusal {
  const message =
    "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.";
  return new Refusal({ status: 400, message });
}

function tooLong(tokens: number): Refusal {
  const message = `This model's maximum context length is ${maxInputTokens} tokens, however you requested ${tokens} tokens (${tokens} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`;
  return new Refusal({ status: 400, message });
}

function reply({ request, vectors, servedModel, inputTokens }: EmbeddingContext): string {
  const data = vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: request.base64 ? base64Of(vector) : [...vector],
  }));
  const usage = { prompt_tokens: inputTokens, total_tokens: inputTokens };
  return JSON.stringify({ object: "list", data, model: servedModel, usage });
}

function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [position, value] of vector.entries()) bytes.writeFloatLE(value, 4 * position);
  return bytes.toString("base64");
}

export const openaiEmbeddings: VendorEmbeddings = {
  pathOf: ({ path }) => (path === embeddingsPath ? { batch: true } : undefined),
  readRequest,
  noEmbeddings: () =>
    new Refusal({ status: 403, message: "You are not allowed to generate embeddings from this model" }),
  noChats: () =>
    new Refusal({
      status: 404,
      message:
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/embeddings?",
      param: "model",
    }),
  reply,
};
