// From the schema's EmbedInput to the core's request. Pure; limits are checked in the core.

import type { EmbedInput as CoreInput, EmbedRequest } from "../../core/embed/request.ts";
import { invalidRequest } from "../../core/errors.ts";
import { present, toLabels, toProviderOptions } from "./json-maps.ts";
import type { EmbedInput } from "./schema/embed-input.ts";

type EmbedFields = typeof EmbedInput.$inferInput;

/** @throws GatewayError `invalid_request` naming the field */
export const toEmbedRequest = (input: EmbedFields): EmbedRequest => ({
  // The empty name means the same as none, as in the protobuf.
  model: input.model || undefined,
  inputs: input.inputs.map((each, i) => toInput(`inputs[${i}]`, each)),
  dimensions: input.dimensions ?? undefined,
  purpose: input.purpose ?? undefined,
  labels: toLabels(input.labels),
  providerOptions: toProviderOptions(input.providerOptions),
});

function toInput(field: string, { text, tokens }: EmbedFields["inputs"][number]): CoreInput {
  if (present(text) && !present(tokens)) return text;
  if (present(tokens) && !present(text)) return tokens.ids;
  const found = present(text) ? "both" : "none";
  throw invalidRequest(field, `must have exactly one of text and tokens, not ${found}`);
}
