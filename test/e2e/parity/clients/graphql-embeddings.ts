// Embeddings in the schema's words.

import { z } from "zod";
import type { EmbedRequest } from "../../../../src/core/embed/request.ts";
import type { EmbedOutcome } from "../client.ts";
import { embedOutcomeOfFailure } from "../gather-outcome.ts";
import { failureOf, metaSchema, usageSchema } from "./graphql-results.ts";
import { maybe } from "./wire-schemas.ts";

export const graphqlEmbedInput = ({ inputs, purpose, ...same }: EmbedRequest): object => ({
  ...same,
  inputs: inputs.map((input) => (typeof input === "string" ? { text: input } : { tokens: { ids: input } })),
  purpose: purpose?.toUpperCase(),
});

const vectorSchema = z.object({
  values: z.array(z.number()),
  base64: z.base64(),
  dimensions: z.number(),
});

const resultSchema = z.object({
  data: maybe(
    z.object({
      embed: z.object({
        id: z.string(),
        provider: z.string(),
        model: z.string(),
        createdAt: z.iso.datetime(),
        vectors: z.array(vectorSchema),
        usage: maybe(usageSchema),
        meta: metaSchema,
      }),
    }),
  ),
  errors: z.unknown().optional(),
});

export function outcomeOfEmbedResult(result: unknown): EmbedOutcome {
  const { data, errors } = resultSchema.parse(result);
  if (data === undefined || errors !== undefined) return embedOutcomeOfFailure(failureOf(errors));
  const { id, provider, model, vectors, usage, meta } = data.embed;
  for (const { values, base64, dimensions } of vectors) {
    if (dimensions !== values.length || JSON.stringify(decoded(base64)) !== JSON.stringify(values)) {
      throw new Error("A vector's bytes are not its values.");
    }
  }
  return {
    vectors: vectors.map(({ values }) => values),
    answered: { id, provider, model },
    usage,
    meta,
  };
}

function decoded(base64: string): readonly number[] {
  const bytes = Buffer.from(base64, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}
