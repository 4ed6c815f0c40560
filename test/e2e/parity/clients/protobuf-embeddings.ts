// Embeddings in the contract's messages.

import { create } from "@bufbuild/protobuf";
import {
  EmbedPurpose,
  type EmbedRequest as EmbedRequestMessage,
  EmbedRequestSchema,
  type EmbedResponse,
} from "../../../../generated/proto/sluice/v1/embedding_pb.ts";
import type { EmbedRequest } from "../../../../src/core/embed/request.ts";
import type { EmbedOutcome } from "../client.ts";
import { metaOf, usageOf } from "./protobuf-events.ts";

const purposes = { query: EmbedPurpose.QUERY, document: EmbedPurpose.DOCUMENT } as const;

export const protobufEmbedRequest = (request: EmbedRequest): EmbedRequestMessage =>
  create(EmbedRequestSchema, {
    model: request.model ?? "",
    inputs: request.inputs.map((input) => ({
      input:
        typeof input === "string"
          ? { case: "text" as const, value: input }
          : { case: "tokens" as const, value: { ids: [...input] } },
    })),
    dimensions: request.dimensions,
    purpose: request.purpose === undefined ? EmbedPurpose.UNSPECIFIED : purposes[request.purpose],
    labels: { ...request.labels },
    providerOptions: JSON.parse(JSON.stringify(request.providerOptions ?? {})),
  });

export const outcomeOfEmbedResponse = (response: EmbedResponse): EmbedOutcome => ({
  vectors: response.vectors.map(({ values }) => values),
  answered: { id: response.id, provider: response.provider, model: response.model },
  usage: response.usage && usageOf(response.usage),
  meta: metaOf(response.meta),
});
