// Embeddings, from protobuf to the core and back.

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  EmbedPurpose,
  type EmbedInput as EmbedInputMessage,
  type EmbedRequest as EmbedRequestMessage,
  type EmbedResponse,
  type Vector,
} from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import type { Embedded } from "../../core/embed/events.ts";
import type { EmbedInput, EmbedRequest } from "../../core/embed/request.ts";
import { invalidRequest } from "../../core/errors.ts";
import { createEnumReader, membersOrAbsent, textOrAbsent } from "./field-reading.ts";
import { fromReplyMeta, fromUsage } from "./meta-mapping.ts";

const readPurpose = createEnumReader({
  names: {
    [EmbedPurpose.UNSPECIFIED]: undefined,
    [EmbedPurpose.QUERY]: "query",
    [EmbedPurpose.DOCUMENT]: "document",
  } as const,
  allowed: "EMBED_PURPOSE_QUERY or EMBED_PURPOSE_DOCUMENT",
});

/** @throws GatewayError `invalid_request` */
export const toEmbedRequest = (message: EmbedRequestMessage): EmbedRequest => ({
  model: textOrAbsent(message.model),
  inputs: message.inputs.map((each, i) => toEmbedInput(`inputs[${i}]`, each)),
  dimensions: message.dimensions,
  purpose: readPurpose("purpose", message.purpose),
  labels: membersOrAbsent(message.labels),
  providerOptions: membersOrAbsent(message.providerOptions),
});

function toEmbedInput(field: string, { input }: EmbedInputMessage): EmbedInput {
  switch (input.case) {
    case "text":
      return input.value;
    case "tokens":
      return input.value.ids;
    case undefined:
      throw invalidRequest(field, "must have exactly one of text and tokens, not none");
  }
}

export const fromEmbedded = (embedded: Embedded): EmbedResponse => ({
  $typeName: "sluice.v1.EmbedResponse",
  id: embedded.id,
  provider: embedded.provider,
  model: embedded.model,
  createdAt: timestampFromMs(embedded.createdAtMs),
  vectors: embedded.vectors.map(fromVector),
  usage: embedded.usage && fromUsage(embedded.usage),
  meta: fromReplyMeta(embedded.meta),
});

const fromVector = (values: Float32Array): Vector => ({
  $typeName: "sluice.v1.Vector",
  values: Array.from(values),
});
