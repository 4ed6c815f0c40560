// The one place where a request for embeddings is checked, whatever front end it came by.

import { invalidRequest } from "../errors.ts";
import {
  checkInteger,
  checkLabels,
  checkModelName,
  checkProviderOptions,
  isLongerThan,
} from "../field-rules.ts";
import { embedLimits } from "./limits.ts";
import type { EmbedInput, EmbedRequest } from "./request.ts";

/** @throws GatewayError `invalid_request` whose `field` is the path of the first fault */
export function validateEmbedRequest(request: EmbedRequest): void {
  checkModelName(request.model);
  const { inputs } = request;
  if (inputs.length === 0) throw invalidRequest("inputs", "must hold at least one text");
  if (inputs.length > embedLimits.inputs) {
    throw invalidRequest("inputs", `has ${inputs.length} entries; ${embedLimits.inputs} are allowed`);
  }
  for (const [i, input] of inputs.entries()) checkInput(`inputs[${i}]`, input);
  checkInteger("dimensions", request.dimensions, { min: 1, max: embedLimits.dimensions });
  checkLabels(request.labels ?? {});
  checkProviderOptions(request.providerOptions ?? {});
}

function checkInput(field: string, input: EmbedInput): void {
  if (input.length === 0) throw invalidRequest(field, "must not be empty");
  if (typeof input === "string") {
    if (isLongerThan(input, embedLimits.inputChars)) {
      throw invalidRequest(field, `has more than ${embedLimits.inputChars} characters`);
    }
    return;
  }
  if (input.length > embedLimits.tokensAnInput) {
    throw invalidRequest(field, `has more than ${embedLimits.tokensAnInput} tokens`);
  }
  for (const token of input) {
    if (!Number.isSafeInteger(token) || token < 0) {
      throw invalidRequest(field, `must hold token numbers, whole and from 0 on, not ${token}`);
    }
  }
}
