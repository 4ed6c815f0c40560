// Embeddings. Source: docs.ollama.com/api/embed

import type { ProviderEmbedded } from "../../core/embed/events.ts";
import type { EmbedRequest } from "../../core/embed/request.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { Loss } from "../../core/reply.ts";
import { brokenReply } from "../broken-reply.ts";
import { checkVectors, readVector } from "../embedding-vectors.ts";
import { createLossList } from "../loss-list.ts";
import { optionsBeside } from "../options-beside.ts";
import { countIn, isJsonArray, objectIn, parseJson, saysSomething, textIn } from "../vendor-json.ts";
import { readOllamaErrorLine } from "./errors.ts";

export interface BuiltEmbedRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly losses: readonly Loss[];
}

/** @throws ProviderError `caller_fault` for inputs that are tokens */
export function buildEmbedRequest(request: EmbedRequest, model: string): BuiltEmbedRequest {
  const { inputs, dimensions, purpose, providerOptions } = request;
  if (inputs.some((input) => typeof input !== "string")) {
    throw new ProviderError({
      failure: "caller_fault",
      message: "Ollama takes texts to embed, no token numbers. Send the inputs as texts.",
      ownWords: true,
    });
  }
  const losses = createLossList();
  if (purpose !== undefined) losses.add("purpose", "Dropped: Ollama does not tell queries from documents.");
  const own = { model, input: inputs, ...(dimensions === undefined ? {} : { dimensions }) };
  const { options, ...wished } = providerOptions?.["ollama"] ?? {};
  return {
    body: {
      // The vendor would cut a text that is too long without a word.
      truncate: false,
      ...(options === undefined ? {} : { options }),
      ...own,
      ...optionsBeside(wished, { own, field: "providerOptions.ollama", losses }),
    },
    losses: losses.all,
  };
}

/** @throws ProviderError for an error inside the answer, or an answer that is not what was asked for */
export function readEmbedAnswer(text: string, { inputs, dimensions }: EmbedRequest): ProviderEmbedded {
  const answer = objectIn(parseJson(text));
  if (answer === undefined) throw brokenReply("the body is no JSON object");
  const { error, embeddings } = answer;
  if (saysSomething(error)) throw readOllamaErrorLine(error);
  if (!isJsonArray(embeddings)) throw brokenReply("it has no embeddings");
  const vectors = embeddings.map((vector) => readVector(vector, "float32"));
  checkVectors(vectors, inputs.length);
  checkDimensions(vectors[0]?.length, dimensions);
  const total = countIn(answer["prompt_eval_count"]);
  return {
    type: "embedded",
    model: textIn(answer["model"]),
    vectors,
    usage: total === undefined ? undefined : { input: { total }, output: { total: 0 }, source: "reported" },
  };
}

/** Older servers pass over a length that is asked for. */
function checkDimensions(length: number | undefined, asked: number | undefined): void {
  if (asked === undefined || length === asked) return;
  throw new ProviderError({
    failure: "caller_fault",
    message: `The model's vectors have ${length} dimensions, not the ${asked} asked for. Leave \`dimensions\` out, or name a model that can shorten them.`,
    ownWords: true,
  });
}
