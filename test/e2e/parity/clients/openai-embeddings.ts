// Embeddings in the OpenAI face's words.

import type { z } from "zod";
import type { EmbedRequest } from "../../../../src/core/embed/request.ts";
import type { EmbedOutcome } from "../client.ts";
import { type embeddingsSchema, metaOf, usageOf } from "./openai-wire.ts";

/** What other providers' options are has no place here, and the suite sends none by this face. */
export const openAiEmbedRequest = ({ model, inputs, dimensions, purpose, labels }: EmbedRequest) => ({
  model,
  input: inputs,
  dimensions,
  input_type: purpose,
  metadata: labels,
});

type Answer = Omit<z.infer<typeof embeddingsSchema>, "sluice"> &
  Partial<Pick<z.infer<typeof embeddingsSchema>, "sluice">>;

export function outcomeOfEmbeddings({ data, model, usage, sluice }: Answer): EmbedOutcome {
  if (data.some(({ index }, i) => index !== i)) throw new Error("The vectors are not in their order.");
  return {
    vectors: data.map(({ embedding }) => embedding),
    answered: { model },
    usage: usage && usageOf(usage),
    meta: sluice && metaOf(sluice),
  };
}
