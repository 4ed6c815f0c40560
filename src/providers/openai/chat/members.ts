// The vendors that speak Chat Completions. Another one is another row.
// Sources: platform.openai.com/docs/api-reference/chat; console.groq.com/docs/api-reference and /docs/errors;
// openrouter.ai/docs/api-reference/overview, /docs/use-cases/reasoning-tokens, /docs/features/prompt-caching;
// learn.microsoft.com/azure/ai-foundry/openai/reference; docs.x.ai/docs/api-reference and /docs/guides/reasoning;
// docs.mistral.ai/api and /guides/prefix (its answers begin with the prefix); api-docs.deepseek.com/api/create-chat-completion and /guides/thinking_mode;
// docs.vllm.ai/en/latest/serving/openai_compatible_server; docs.ollama.com/api/openai-compatibility

import type { ReasoningEffort } from "../../../core/chat/request.ts";
import { azureAuth, bearerAuth } from "../credential.ts";
import { azureTraitsOf, grokTraitsOf, groqTraitsOf, openAiTraitsOf } from "../model-traits.ts";
import { makerOf } from "../proof-format.ts";
import { azureAdaption, azureAddress } from "./azure.ts";
import type { FamilyMember, ReasoningWishes } from "./family-member.ts";

const efforts = (...names: readonly ReasoningEffort[]): ReasoningWishes["efforts"] =>
  Object.fromEntries(names.map((effort) => [effort, { reasoning_effort: effort }]));

const allEfforts = efforts("none", "minimal", "low", "medium", "high", "xhigh");

/** What servers send unasked is mostly floats; not all of them know another way. */
const plainEmbeddings = { asksBase64: false, dimensionsField: "dimensions" } as const;

export const openAiMember: FamilyMember = {
  kind: "openai",
  name: "OpenAI",
  basePath: "",
  authOf: bearerAuth,
  headers: {},
  requestIdHeaders: ["x-request-id"],
  traitsOf: openAiTraitsOf,
  maxTokensField: "max_completion_tokens",
  maxStopSequences: 4,
  seedField: "seed",
  takesTopK: false,
  takesParallelToolCalls: true,
  takesNames: true,
  takesCacheControl: false,
  takesFiles: "data",
  takesStreamOptions: true,
  toolRequired: "required",
  schemaAs: "response_format",
  reasoningWishes: { efforts: allEfforts },
  reasoningBack: "no",
  embeddings: { asksBase64: true, dimensionsField: "dimensions" },
  listsModels: true,
  streamEnd: "[DONE]",
  reasoningCounted: "inside",
  deltaNotes: new Set(),
  errorCodes: {},
};

/** Endpoint, deployments and key are Azure's own way: see azure.ts. */
export const azureMember: FamilyMember = {
  ...openAiMember,
  kind: "azure",
  name: "Azure OpenAI",
  traitsOf: azureTraitsOf,
  addressOf: azureAddress,
  adaptionTo: azureAdaption,
  authOf: azureAuth,
  // At the `/models` endpoint what its own API does not name is handed to the model all the same.
  headers: { "extra-parameters": "pass-through" },
  requestIdHeaders: ["apim-request-id", "x-request-id"],
  // It names models that could be deployed, not those that are.
  listsModels: false,
};

export const groqMember: FamilyMember = {
  ...openAiMember,
  kind: "groq",
  name: "Groq",
  traitsOf: groqTraitsOf,
  basePath: "/openai/v1",
  takesFiles: "no",
  reasoningWishes: { efforts: efforts("none", "low", "medium", "high") },
  reasoningBack: "reasoning",
  besides: "x_groq",
  deltaNotes: new Set(["channel"]),
  // The model wrote a tool call or JSON that does not hold to the schema: asking again helps.
  errorCodes: { tool_use_failed: "broken_reply", json_validate_failed: "broken_reply" },
  embeddings: undefined,
};

export const openRouterMember: FamilyMember = {
  ...openAiMember,
  kind: "openrouter",
  name: "OpenRouter",
  traitsOf: undefined,
  headers: { "x-title": "Sluice" },
  requestIdHeaders: ["x-generation-id", "x-request-id"],
  maxTokensField: "max_tokens",
  maxStopSequences: undefined,
  takesTopK: true,
  takesCacheControl: true,
  takesFiles: "data and urls",
  reasoningWishes: {
    efforts: {
      none: { reasoning: { effort: "none" } },
      minimal: { reasoning: { effort: "minimal" } },
      low: { reasoning: { effort: "low" } },
      medium: { reasoning: { effort: "medium" } },
      high: { reasoning: { effort: "high" } },
      xhigh: { reasoning: { effort: "xhigh" } },
    },
    budget: (tokens) => ({ reasoning: { max_tokens: tokens } }),
  },
  reasoningBack: "details",
  toolProofAs: "details",
  proverOf: makerOf,
  embeddings: plainEmbeddings,
};

export const xAiMember: FamilyMember = {
  ...openAiMember,
  kind: "xai",
  name: "xAI",
  traitsOf: grokTraitsOf,
  takesFiles: "no",
  reasoningWishes: { efforts: efforts("none", "low", "medium", "high") },
  reasoningCounted: "beside",
  embeddings: plainEmbeddings,
};

export const mistralMember: FamilyMember = {
  ...openAiMember,
  kind: "mistral",
  name: "Mistral",
  traitsOf: undefined,
  basePath: "/v1",
  requestIdHeaders: ["mistral-correlation-id", "x-kong-request-id", "x-request-id"],
  maxTokensField: "max_tokens",
  maxStopSequences: undefined,
  seedField: "random_seed",
  takesNames: false,
  takesFiles: "documents",
  takesStreamOptions: false,
  toolRequired: "any",
  toolCallIds: "nine letters or digits",
  prefillMark: "prefix",
  echoesPrefill: true,
  reasoningWishes: { efforts: efforts("none", "high") },
  reasoningBack: "thinking pieces",
  embeddings: { asksBase64: false, dimensionsField: "output_dimension" },
};

export const deepSeekMember: FamilyMember = {
  ...openAiMember,
  kind: "deepseek",
  name: "DeepSeek",
  traitsOf: undefined,
  requestIdHeaders: ["x-ds-trace-id", "x-request-id"],
  maxTokensField: "max_tokens",
  maxStopSequences: 16,
  seedField: undefined,
  takesParallelToolCalls: false,
  takesFiles: "no",
  schemaAs: "instruction",
  reasoningWishes: {
    efforts: {
      none: { thinking: { type: "disabled" } },
      low: { thinking: { type: "enabled" }, reasoning_effort: "low" },
      high: { thinking: { type: "enabled" }, reasoning_effort: "high" },
    },
  },
  reasoningBack: "reasoning_content",
  wantsReasoning: true,
  embeddings: undefined,
};

export const vllmMember: FamilyMember = {
  ...openAiMember,
  kind: "vllm",
  name: "vLLM",
  traitsOf: undefined,
  basePath: "/v1",
  maxTokensField: "max_tokens",
  maxStopSequences: undefined,
  takesTopK: true,
  takesFiles: "no",
  reasoningWishes: {
    efforts: {
      none: { chat_template_kwargs: { enable_thinking: false } },
      ...efforts("low", "medium", "high"),
    },
  },
  prefillMark: "continue_final_message",
  reasoningBack: "reasoning",
  embeddings: plainEmbeddings,
};

/** Ollama's API in OpenAI's format. */
export const ollamaMember: FamilyMember = {
  ...openAiMember,
  kind: "ollama",
  name: "Ollama",
  traitsOf: undefined,
  basePath: "/v1",
  maxTokensField: "max_tokens",
  maxStopSequences: undefined,
  takesParallelToolCalls: false,
  takesFiles: "no",
  reasoningWishes: { efforts: efforts("none", "low", "medium", "high") },
  reasoningBack: "reasoning",
  embeddings: plainEmbeddings,
};

/** Any other server: sent what was asked for, read as tolerantly as can be. */
export const compatibleMember: FamilyMember = {
  ...openAiMember,
  kind: "openai-compatible",
  name: "The OpenAI-compatible server",
  traitsOf: undefined,
  maxTokensField: "max_tokens",
  maxStopSequences: undefined,
  takesTopK: true,
  reasoningBack: "reasoning_content",
  toolProofAs: "extra_content",
  proverOf: (model) => (/\bgemini\b/i.test(model) ? "gemini" : undefined),
  streamEnd: "finish reason",
  deltaNotes: new Set(["token_id"]),
  // Perplexity's: docs.perplexity.ai/docs/embeddings/best-practices
  embeddings: { ...plainEmbeddings, int8Models: /\bpplx-embed\b/ },
};
