// What recorded embeddings and lists of models of the OpenAI family must give.

import type { RecordedCase } from "../../support/fixtures.ts";
import type { ExpectedEmbedding } from "./expectation.ts";
import { at, listOf, numberOf, parseJson, textOf } from "./json-view.ts";

export function expectOpenAiEmbedding({ body, request }: RecordedCase): ExpectedEmbedding {
  const answer = parseJson(body);
  const float32 = at(request?.body, "encoding_format") === "base64";
  const entries = listOf(at(answer, "data")).toSorted(
    (a, b) => (numberOf(at(a, "index")) ?? 0) - (numberOf(at(b, "index")) ?? 0),
  );
  return {
    model: textOf(at(answer, "model")),
    vectors: entries.map((entry) => numbersIn(at(entry, "embedding"), float32)),
    inputTokens: numberOf(at(answer, "usage", "prompt_tokens")),
  };
}

/** Base64 that was asked for is of float32; what Perplexity sends unasked is of int8. */
function numbersIn(told: unknown, float32: boolean): readonly number[] {
  const base64 = textOf(told);
  if (base64 === undefined) return listOf(told).map((value) => numberOf(value) ?? Number.NaN);
  const bytes = Buffer.from(base64, "base64");
  return Array.from({ length: float32 ? bytes.length / 4 : bytes.length }, (_, i) =>
    float32 ? bytes.readFloatLE(4 * i) : bytes.readInt8(i),
  );
}

export const expectOpenAiModels = ({ body }: RecordedCase): readonly string[] =>
  listOf(at(parseJson(body), "data")).map((entry) => textOf(at(entry, "id")) ?? "");
