// Every adapter, with each vendor that it speaks to.

import {
  azureResponses,
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../src/providers/openai/responses/members.ts";
import {
  azureMember,
  compatibleMember,
  deepSeekMember,
  groqMember,
  mistralMember,
  ollamaMember,
  openAiMember,
  openRouterMember,
  vllmMember,
  xAiMember,
} from "../../../src/providers/openai/chat/members.ts";
import { anthropicFormat } from "./formats/anthropic.ts";
import { bedrockFormat } from "./formats/bedrock.ts";
import { chatCompletions } from "./formats/chat-completions.ts";
import { geminiFormat } from "./formats/gemini.ts";
import { ollamaFormat } from "./formats/ollama.ts";
import { responses } from "./formats/responses.ts";
import type { WireFormat } from "./wire-format.ts";

const openAiChat = chatCompletions(openAiMember, "x-request-id");
const openAiResponsesFormat = responses(openAiResponses, "x-request-id");

/** One for each adapter. */
export const adapterFormats: readonly WireFormat[] = [
  openAiChat,
  openAiResponsesFormat,
  anthropicFormat,
  geminiFormat,
  ollamaFormat,
  bedrockFormat,
];

export const wireFormats: readonly WireFormat[] = [
  ...adapterFormats,
  chatCompletions(azureMember, "apim-request-id"),
  chatCompletions(xAiMember, "x-request-id", false),
  chatCompletions(mistralMember, "mistral-correlation-id"),
  chatCompletions(deepSeekMember, "x-ds-trace-id"),
  chatCompletions(groqMember, "x-request-id"),
  chatCompletions(openRouterMember, "x-generation-id"),
  chatCompletions(vllmMember, "x-request-id"),
  chatCompletions(ollamaMember, "x-request-id"),
  chatCompletions(compatibleMember, "x-request-id"),
  responses(azureResponses, "apim-request-id"),
  responses(xAiResponses, "x-request-id"),
  responses(deepSeekResponses, "x-ds-trace-id"),
  responses(openRouterResponses, "x-generation-id"),
];
