// A chat request in the vendor's words, and what was lost on the way.
// Source: ai.google.dev/api/generate-content

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AttemptContext } from "../../core/provider.ts";
import type { Loss } from "../../core/reply.ts";
import { createLossList } from "../loss-list.ts";
import { mergeOptions } from "./merge-options.ts";
import { traitsOf } from "./model-traits.ts";
import { contentsOf, systemInstructionOf } from "./request-messages.ts";
import { generationConfigOf } from "./request-settings.ts";
import { toolMembers } from "./request-tools.ts";
import type { GeminiRequestBody } from "./wire.ts";

export interface BuiltGeminiRequest {
  /** With the caller's options for this vendor among its members. */
  readonly body: GeminiRequestBody;
  readonly losses: readonly Loss[];
}

const noOptions: JsonObject = {};

/** Never throws for a request that `validateChatRequest` lets pass. */
export function buildGeminiRequest(
  request: ChatRequest,
  { model }: Pick<AttemptContext, "model">,
): BuiltGeminiRequest {
  const losses = createLossList();
  const context = { traits: traitsOf(model), losses };
  const systemInstruction = systemInstructionOf(request.messages, context);
  const generationConfig = generationConfigOf(request, context);
  const own: GeminiRequestBody = {
    contents: contentsOf(request.messages, context),
    ...(systemInstruction === undefined ? {} : { systemInstruction }),
    ...toolMembers(request, context),
    ...(generationConfig === undefined ? {} : { generationConfig }),
  };
  const options = request.providerOptions?.["gemini"] ?? noOptions;
  return { body: mergeOptions(own, { options, losses }), losses: losses.all };
}
