// The operation `embed`: what stages ask of it. Its reply is one event.

import type { CachedAnswer } from "../cache/answer-cache.ts";
import type { Operation } from "../operation.ts";
import { jsonBytes, tokensOfBytes, type Utf8Bytes } from "../limits/token-estimate.ts";
import { ProviderError } from "../provider-error.ts";
import { createEmbedKeeper, embeddedMemory } from "./answer-keeper.ts";
import { checkedVectors } from "./check-vectors.ts";
import { embeddedJson, providerEmbeddedJson } from "./event-json.ts";
import type { ProviderEmbedded } from "./events.ts";
import { embedIdentity } from "./identity.ts";
import type { EmbedInput } from "./request.ts";
import type { EmbedShape } from "./shape.ts";

const charsOf = (input: EmbedInput): number => (typeof input === "string" ? input.length : 0);

/** A list of numbers has a token in each. */
const tokensOf = (input: EmbedInput, utf8Bytes: Utf8Bytes): number =>
  typeof input === "string" ? tokensOfBytes(utf8Bytes(input)) : input.length;

/** Whoever gets them may scale them in place. */
const withOwnVectors = <E extends ProviderEmbedded>(event: E): E => ({
  ...event,
  vectors: event.vectors.map((vector) => vector.slice()),
});

export const embedOperation: Operation<EmbedShape> = {
  name: "embed",

  async invoke(provider, request, context) {
    if (provider.embed !== undefined) {
      const reply = await provider.embed(request, context);
      return { ...reply, events: checkedVectors(reply.events, request.inputs.length) };
    }
    throw new ProviderError({
      failure: "model_unavailable",
      message: "This provider gives no embeddings. Name an embedding model of another one.",
      ownWords: true,
    });
  },

  // A vector means something only beside vectors of the same space.
  interchangeable: (first, other) =>
    first.vectorSpace !== undefined && first.vectorSpace === other.vectorSpace,

  commits: () => true,
  facts: (event) => ({ ends: true, modelServed: event.model, usage: event.usage }),
  stamp: (event, stamp) => ({
    ...event,
    id: stamp.callId,
    provider: stamp.provider,
    model: event.model ?? stamp.model,
    createdAtMs: stamp.createdAtMs,
    meta: stamp.wholeMeta(),
  }),
  ends: () => true,
  modelAsked: (request) => request.model,

  size: ({ inputs }) => ({
    messages: inputs.length,
    inputChars: inputs.reduce((sum, input) => sum + charsOf(input), 0),
    maxOutputTokens: 0,
  }),

  estimate: ({ inputs, providerOptions }, utf8Bytes) => ({
    input:
      inputs.reduce((sum, input) => sum + tokensOf(input, utf8Bytes), 0) +
      (providerOptions === undefined ? 0 : tokensOfBytes(jsonBytes(providerOptions, utf8Bytes))),
    output: 0,
  }),

  deterministic: () => true,
  identity: embedIdentity,
  keeper: (_, maxBytes) => createEmbedKeeper(maxBytes),
  events: embeddedJson,
  keptEvents: providerEmbeddedJson,
  bytesOf: embeddedMemory,
  isAnswer: (answer): answer is CachedAnswer<ProviderEmbedded> => answer.operation === "embed",
  ownCopy: withOwnVectors,
  restamp: (event, stamp) => ({
    ...withOwnVectors(event),
    id: stamp.callId,
    createdAtMs: stamp.createdAtMs,
    meta: stamp.wholeMeta(),
  }),
  withMeta: (event, meta) => ({ ...event, meta }),
  metaOf: ({ meta }) => meta,

  requestBody: ({ labels: _, ...body }) => body,

  // Vectors are large, and say nothing to a reader: their number and length are kept.
  gatherer() {
    let vectors = 0;
    let dimensions = 0;
    return {
      add(event) {
        vectors = event.vectors.length;
        dimensions = event.vectors[0]?.length ?? 0;
      },
      outputChars: () => 0,
      body: () => ({ vectors, dimensions }),
    };
  },
};
