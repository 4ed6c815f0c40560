// The vendors of the Responses API. Another one is another row.
// Sources: platform.openai.com/docs/api-reference/responses; learn.microsoft.com/azure/ai-foundry/openai/how-to/
// responses; docs.x.ai/developers/model-capabilities/text/generate-text; api-docs.deepseek.com/guides/responses_api;
// openrouter.ai/docs/api-reference/responses/overview

import { azureAuth, bearerAuth } from "../credential.ts";
import { azureTraitsOf, grokTraitsOf, openAiTraitsOf } from "../model-traits.ts";
import { makerOf } from "../proof-format.ts";
import type { ResponsesMember } from "./member.ts";

// gpt-4 and older, and the chat models of later generations, answer 400 where encrypted reasoning is asked for.
const reasoningModel = /^(?:ft:)?(?:o\d|gpt-(?:[5-9]|\d\d)|codex)(?!.*-chat)/i;

export const openAiResponses: ResponsesMember = {
  kind: "openai",
  name: "OpenAI",
  basePath: "",
  authOf: bearerAuth,
  headers: {},
  requestIdHeaders: ["x-request-id"],
  traitsOf: openAiTraitsOf,
  storage: { encryptsReasoning: (model) => reasoningModel.test(model) },
  takesFiles: true,
  takesParallelToolCalls: true,
  takesMoreSampling: false,
  takesReasoningSummary: true,
  takesReasoningBudget: false,
  leastOutputTokens: 16,
  logprobsBy: "include",
  cachesBySelf: true,
  reasoningBack: "encrypted",
  makerOf: () => "openai",
  errorCodes: {},
};

export const azureResponses: ResponsesMember = {
  ...openAiResponses,
  kind: "azure",
  name: "Azure OpenAI",
  traitsOf: azureTraitsOf,
  basePath: "/openai/v1",
  authOf: azureAuth,
  requestIdHeaders: ["apim-request-id", "x-request-id"],
  makerOf: (model) => (/\bgrok\b/i.test(model) ? "xai" : "openai"),
};

export const xAiResponses: ResponsesMember = {
  ...openAiResponses,
  kind: "xai",
  name: "xAI",
  traitsOf: grokTraitsOf,
  storage: { encryptsReasoning: () => true },
  leastOutputTokens: undefined,
  logprobsBy: "member",
  makerOf: () => "xai",
};

export const deepSeekResponses: ResponsesMember = {
  ...openAiResponses,
  kind: "deepseek",
  name: "DeepSeek",
  traitsOf: undefined,
  requestIdHeaders: ["x-ds-trace-id", "x-request-id"],
  storage: undefined,
  takesFiles: false,
  takesParallelToolCalls: false,
  takesReasoningSummary: false,
  leastOutputTokens: undefined,
  logprobsBy: undefined,
  reasoningBack: "text",
  makerOf: () => "deepseek",
};

export const openRouterResponses: ResponsesMember = {
  ...openAiResponses,
  kind: "openrouter",
  name: "OpenRouter",
  traitsOf: undefined,
  headers: { "x-title": "Sluice" },
  requestIdHeaders: ["x-generation-id", "x-request-id"],
  storage: {
    encryptsReasoning: (model) => !model.startsWith("openai/") || reasoningModel.test(model.slice(7)),
  },
  takesMoreSampling: true,
  takesReasoningBudget: true,
  leastOutputTokens: undefined,
  cachesBySelf: false,
  reasoningBack: "encrypted with format",
  makerOf: (model) => makerOf(model) ?? "openrouter",
};
