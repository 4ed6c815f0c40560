// Embeddings by `batchEmbedContents`. Source: ai.google.dev/api/embeddings

import type { ProviderEmbedded } from "../../core/embed/events.ts";
import type { EmbedRequest } from "../../core/embed/request.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { Loss } from "../../core/reply.ts";
import { brokenReply } from "../broken-reply.ts";
import { readVector } from "../embedding-vectors.ts";
import { createLossList } from "../loss-list.ts";
import { optionsBeside } from "../options-beside.ts";
import { countIn, isJsonObject, listIn, objectIn, parseJson, saysSomething } from "../vendor-json.ts";
import { readGeminiErrorObject } from "./errors.ts";
import { resourceName } from "./model-name.ts";
import type { EmbedContentRequest } from "./wire.ts";

/** As many as the vendor takes in one batch. */
const maxBatch = 100;

export interface EmbedBatches {
  /** The bodies to send, in the order of the inputs. */
  readonly batches: readonly { readonly requests: readonly EmbedContentRequest[] }[];
  readonly losses: readonly Loss[];
}

const taskTypes = { query: "RETRIEVAL_QUERY", document: "RETRIEVAL_DOCUMENT" } as const;

/** @throws ProviderError `caller_fault` for inputs that are tokens */
export function buildEmbedBatches(request: EmbedRequest, model: string): EmbedBatches {
  const losses = createLossList();
  const own = {
    model: resourceName(model),
    taskType: request.purpose === undefined ? undefined : taskTypes[request.purpose],
    outputDimensionality: request.dimensions,
  };
  const beside = optionsBeside(request.providerOptions?.["gemini"] ?? {}, {
    own: { ...own, content: request.inputs },
    field: "providerOptions.gemini",
    losses,
  });
  const requests = request.inputs.map((input): EmbedContentRequest => {
    if (typeof input !== "string") {
      throw new ProviderError({
        failure: "caller_fault",
        message: "Gemini takes texts to embed, no token numbers. Send the inputs as texts.",
        ownWords: true,
      });
    }
    return { ...own, content: { parts: [{ text: input }] }, ...beside };
  });
  const batches = [];
  for (let from = 0; from < requests.length; from += maxBatch) {
    batches.push({ requests: requests.slice(from, from + maxBatch) });
  }
  return { batches, losses: losses.all };
}

export interface EmbedAnswer {
  readonly vectors: readonly Float32Array[];
  readonly inputTokens: number | undefined;
}

/** One batch's answer. @throws ProviderError for an error inside it, or an answer that is not of the format */
export function readEmbedAnswer(text: string, count: number): EmbedAnswer {
  const answer = parseJson(text);
  if (!isJsonObject(answer)) throw brokenReply("it is no JSON object");
  if (saysSomething(answer["error"])) throw readGeminiErrorObject(answer["error"]);
  const vectors = listIn(answer["embeddings"]).map((embedding) =>
    readVector(objectIn(embedding)?.["values"], "float32"),
  );
  if (vectors.length !== count)
    throw brokenReply(`it has ${vectors.length} embeddings where ${count} were asked for`);
  return { vectors, inputTokens: countIn(objectIn(answer["usageMetadata"])?.["promptTokenCount"]) };
}

/** All batches as the one event. @throws ProviderError `broken_reply` for vectors that differ in length */
export function joinAnswers(answers: readonly EmbedAnswer[]): ProviderEmbedded {
  const vectors = answers.flatMap((answer) => answer.vectors);
  if (vectors.some((vector) => vector.length !== vectors[0]?.length)) {
    throw brokenReply("its embeddings differ in length");
  }
  let total: number | undefined = 0;
  for (const { inputTokens } of answers) {
    total = total === undefined || inputTokens === undefined ? undefined : countIn(total + inputTokens);
  }
  return total === undefined
    ? { type: "embedded", vectors }
    : {
        type: "embedded",
        vectors,
        // Only texts are sent; some models take sound as well, at another price.
        usage: { input: { total, audio: 0 }, output: { total: 0 }, source: "reported" },
      };
}
