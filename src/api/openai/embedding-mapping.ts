// A request for embeddings as the core has it, and its answer.
// https://platform.openai.com/docs/api-reference/embeddings

import { endianness } from "node:os";
import type { Embedded } from "../../core/embed/events.ts";
import type { EmbedInput, EmbedRequest } from "../../core/embed/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { labelsFrom, otherFields } from "./common-fields.ts";
import {
  isArray,
  isObject,
  optionalNumber,
  optionalString,
  optionalWord,
  wrongType,
} from "../json-fields.ts";
import { sluiceJson } from "./sluice-meta.ts";

export type EncodingFormat = "float" | "base64";

export interface AskedEmbeddings {
  readonly request: EmbedRequest;
  readonly encoding: EncodingFormat;
  /** Whether `input` is one text, not a list of them. */
  readonly single: boolean;
}

const mappedFields = new Set(["model", "input", "encoding_format", "dimensions", "metadata"]);
const encodings = ["float", "base64"] as const satisfies readonly EncodingFormat[];

/** @throws GatewayError `invalid_request` whose `field` is a path in OpenAI's words */
export function readEmbeddingRequest(body: JsonValue): AskedEmbeddings {
  if (!isObject(body)) throw wrongType("body", "a JSON object", body);
  const { inputs, single } = inputsFrom(body);
  const purpose = purposeFrom(body);
  const request: EmbedRequest = {
    model: optionalString(body, "model"),
    inputs,
    dimensions: optionalNumber(body, "dimensions"),
    purpose,
    labels: labelsFrom(body),
    providerOptions: providerOptionsFrom(body, purpose !== undefined),
  };
  const encoding = optionalWord(body["encoding_format"], encodings, "encoding_format") ?? "float";
  return { request, encoding, single };
}

const inputForms = "a string, an array of strings, an array of tokens, or an array of such arrays";

function inputsFrom({ input }: JsonObject): Pick<AskedEmbeddings, "single"> & Pick<EmbedRequest, "inputs"> {
  if (typeof input === "string") return { inputs: [input], single: true };
  if (!isArray(input)) throw wrongType("input", inputForms, input);
  if (typeof input[0] === "number") return { inputs: [tokensFrom(input, "input")], single: true };
  return { inputs: input.map((each, i) => inputFrom(each, `input[${i}]`)), single: false };
}

function inputFrom(input: JsonValue, field: string): EmbedInput {
  if (typeof input === "string") return input;
  if (isArray(input)) return tokensFrom(input, field);
  throw wrongType(field, "a string or an array of tokens, as the others", input);
}

const tokensFrom = (tokens: readonly JsonValue[], field: string): readonly number[] =>
  tokens.map((token, i) => {
    if (typeof token === "number") return token;
    throw wrongType(`${field}[${i}]`, "a number, as all tokens", token);
  });

/** What other vendors of the family call the texts in `input_type`; other words of theirs are handed on. */
const purposes: ReadonlyMap<JsonValue | undefined, EmbedRequest["purpose"]> = new Map([
  ["query", "query"],
  ["search_query", "query"],
  ["document", "document"],
  ["search_document", "document"],
  ["passage", "document"],
]);

const purposeFrom = (body: JsonObject): EmbedRequest["purpose"] => purposes.get(body["input_type"]);

const mappedWithPurpose = new Set([...mappedFields, "input_type"]);
const refusedFields: ReadonlyMap<string, string> = new Map([
  ["inputs", "is not OpenAI's name for it; send input"],
]);

function providerOptionsFrom(body: JsonObject, hasPurpose: boolean): EmbedRequest["providerOptions"] {
  const mapped = hasPurpose ? mappedWithPurpose : mappedFields;
  const others = otherFields(body, { mapped, refused: refusedFields });
  return others === undefined ? undefined : { openai_family: others };
}

/** The answer's JSON text; with `withMeta` it has a member `sluice`. */
export function embeddingsJson(
  { vectors, model, usage, meta }: Embedded,
  { encoding, withMeta }: { readonly encoding: EncodingFormat; readonly withMeta: boolean },
): string {
  const encode = encoding === "base64" ? base64Of : numbersOf;
  const read = usage?.input.total;
  return JSON.stringify({
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encode(vector) })),
    model,
    // Nothing is written: what is read is all there is.
    usage: read === undefined ? undefined : { prompt_tokens: read, total_tokens: read },
    sluice: withMeta ? sluiceJson(meta, { parts: [] }) : undefined,
  });
}

const numbersOf = (vector: Float32Array): readonly number[] => Array.from(vector);

const isBigEndian = endianness() === "BE";

/** The numbers' bytes, the lowest first, as OpenAI's clients read them. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return (isBigEndian ? Buffer.from(bytes).swap32() : bytes).toString("base64");
}
