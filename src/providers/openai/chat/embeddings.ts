// Embeddings. Source: platform.openai.com/docs/api-reference/embeddings

import type { ProviderEmbedded } from "../../../core/embed/events.ts";
import type { EmbedRequest } from "../../../core/embed/request.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { ProviderError } from "../../../core/provider-error.ts";
import type { Loss } from "../../../core/reply.ts";
import { brokenReply } from "../../broken-reply.ts";
import { checkVectors, readVector } from "../../embedding-vectors.ts";
import type { PackedNumbers } from "../../embedding-vectors.ts";
import { createLossList } from "../../loss-list.ts";
import { countIn, isJsonArray, isJsonObject, objectIn, parseJson, textIn } from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import { refusalsFor } from "../refused-options.ts";
import { errorInside } from "./error-inside.ts";
import type { EmbeddingWays, FamilyMember } from "./family-member.ts";
import { extrasOf } from "./request-extras.ts";

export interface EmbedContext {
  /** As it stands in the body. */
  readonly model: string;
  readonly member: FamilyMember;
  readonly ways: EmbeddingWays;
  /** As an attempt's context has it. */
  readonly heldToModel?: boolean | undefined;
}

export interface BuiltEmbedRequest {
  /** Members that are undefined do not get into the JSON text. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly losses: readonly Loss[];
}

/** Ours even where they are absent: they say how vectors are told. */
const reserved = new Set(["model", "input", "encoding_format", "output_dtype"]);

/** @throws ProviderError `caller_fault` for texts and tokens in one request */
export function buildEmbedRequest(request: EmbedRequest, context: EmbedContext): BuiltEmbedRequest {
  const { model, member, ways } = context;
  const { inputs, dimensions, purpose, providerOptions } = request;
  const texts = inputs.filter((input) => typeof input === "string").length;
  if (texts > 0 && texts < inputs.length) {
    throw new ProviderError({
      failure: "caller_fault",
      message: `${member.name} takes texts or tokens, not both in one request. Send two requests.`,
      ownWords: true,
    });
  }
  const losses = createLossList();
  if (purpose !== undefined) {
    losses.add("purpose", `It was left out: ${member.name} does not tell queries from documents.`);
  }
  const body = {
    model,
    input: inputs,
    encoding_format: ways.asksBase64 ? "base64" : undefined,
    [ways.dimensionsField]: dimensions,
  };
  if (providerOptions === undefined) return { body, losses: losses.all };
  const refusalOf = refusalsFor({ heldToModel: context.heldToModel });
  const extras = extrasOf(providerOptions, { body, reserved, member, losses, refusalOf });
  return { body: { ...body, ...extras }, losses: losses.all };
}

/** @throws ProviderError for an error inside the answer, or an answer that is not what was asked for */
export function readEmbedAnswer(
  text: string,
  { request, context }: { readonly request: EmbedRequest; readonly context: EmbedContext },
): ProviderEmbedded {
  const answer = parseJson(text);
  if (!isJsonObject(answer)) throw brokenReply("it is no JSON object");
  const error = errorInside(answer, context.member);
  if (error !== undefined) throw readOpenAiErrorObject(error, context.member);
  const { data } = answer;
  if (!isJsonArray(data)) throw brokenReply("it has no embeddings");
  const model = textIn(answer["model"]);
  const vectors = vectorsIn(data, packedBy(model ?? context.model, context.ways));
  checkVectors(vectors, request.inputs.length);
  checkDimensions(vectors[0]?.length, request.dimensions);
  return { type: "embedded", model, vectors, usage: usageIn(answer) };
}

const packedBy = (model: string, { int8Models }: EmbeddingWays): PackedNumbers =>
  int8Models?.test(model) === true ? "int8" : "float32";

/** In the order of the inputs: by `index`, or as they stand where there is none. */
function vectorsIn(data: readonly JsonValue[], packed: PackedNumbers): readonly Float32Array[] {
  const vectors: (Float32Array | undefined)[] = data.map(() => undefined);
  for (const [position, entry] of data.entries()) {
    const object = objectIn(entry);
    const index = countIn(object?.["index"]) ?? position;
    if (index >= data.length || vectors[index] !== undefined) {
      throw brokenReply("its embeddings are not numbered as the inputs");
    }
    vectors[index] = readVector(object?.["embedding"], packed);
  }
  return vectors.filter((vector) => vector !== undefined);
}

/** Some servers pass over a length that the model cannot give. */
function checkDimensions(length: number | undefined, asked: number | undefined): void {
  if (asked === undefined || length === asked) return;
  throw new ProviderError({
    failure: "caller_fault",
    message: `The model's vectors have ${length} dimensions, not the ${asked} asked for. Leave \`dimensions\` out, or name a model that can shorten them.`,
    ownWords: true,
  });
}

/** Nothing but the input is counted, and some servers tell its count as the total alone. */
function usageIn(answer: JsonObject): ProviderEmbedded["usage"] {
  const usage = objectIn(answer["usage"]);
  const total = countIn(usage?.["prompt_tokens"]) ?? countIn(usage?.["total_tokens"]);
  return total === undefined ? undefined : { input: { total }, output: { total: 0 }, source: "reported" };
}
