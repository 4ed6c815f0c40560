// The providers that exist, by kind: the one place that names them all.

import type { KindVariables } from "../core/kind-defaults.ts";
import { createAnthropicProvider } from "./anthropic/index.ts";
import { createBedrockProvider } from "./bedrock/index.ts";
import { otherNames as otherBedrockNames } from "./bedrock/model-name.ts";
import { chooseApi } from "./choose-api.ts";
import { createGeminiProvider } from "./gemini/index.ts";
import { otherNames as otherGeminiNames } from "./gemini/model-name.ts";
import { createOllamaProvider } from "./ollama/index.ts";
import { otherNames as otherOllamaNames } from "./ollama/model-name.ts";
import { otherNamesByDeployment } from "./openai/deployment.ts";
import { withoutVariant } from "./openai/model-variant.ts";
import { createResponsesProvider } from "./openai/responses/index.ts";
import type { ResponsesMember } from "./openai/responses/member.ts";
import {
  azureResponses,
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "./openai/responses/members.ts";
import type { FamilyMember } from "./openai/chat/family-member.ts";
import { createOpenAiProvider } from "./openai/chat/index.ts";
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
} from "./openai/chat/members.ts";
import type { ProviderKind } from "./provider-kind.ts";

type Create = ProviderKind["create"];

const chatOnly =
  (member: FamilyMember): Create =>
  (options) =>
    createOpenAiProvider({ member, ...options });

/** Chat Completions unless the provider or the target says `responses`. */
const chatOrResponses =
  (member: FamilyMember, responses: ResponsesMember): Create =>
  (options) =>
    chooseApi(
      {
        chat: () => createOpenAiProvider({ member, ...options }),
        responses: () => createResponsesProvider({ member: responses, ...options }),
      },
      options.api ?? "chat",
    );

/** Ollama by its API in OpenAI's format unless the provider or the target says `native`. */
const chatOrNative: Create = (options) =>
  chooseApi(
    {
      chat: () => createOpenAiProvider({ member: ollamaMember, ...options }),
      native: () => createOllamaProvider(options),
    },
    options.api ?? "chat",
  );

const envOf = (prefix: string, over: Partial<KindVariables> = {}): KindVariables => ({
  loadedBy: "apiKey",
  apiKey: `${prefix}_API_KEY`,
  baseUrl: `${prefix}_BASE_URL`,
  model: `${prefix}_MODEL`,
  priority: `${prefix}_PRIORITY`,
  breakerFailureThreshold: `${prefix}_BREAKER_FAILURE_THRESHOLD`,
  breakerResetTimeoutSeconds: `${prefix}_BREAKER_RESET_TIMEOUT_SECONDS`,
  ...over,
});

/** A vendor in the cloud, which asks for a key and has one API. */
const hosted = { keyOptional: false, listsModels: true, apis: [], settings: [] } as const;
const twoApis = { ...hosted, apis: ["chat", "responses"] } as const;
/** A server of one's own. */
const local = { keyOptional: true, listsModels: true, apis: [], settings: [] } as const;

// Numbers are left between those of `defaultOrder` for kinds to come.
const kinds: readonly ProviderKind[] = [
  {
    kind: "groq",
    ...hosted,
    env: envOf("GROQ"),
    defaultBaseUrl: "https://api.groq.com",
    defaultModel: "openai/gpt-oss-120b",
    defaultOrder: 10,
    priceListId: "groq",
    create: chatOnly(groqMember),
  },
  {
    kind: "openai",
    ...twoApis,
    env: envOf("OPENAI"),
    defaultBaseUrl: "https://api.openai.com/v1",
    defaultModel: "gpt-5-mini",
    defaultOrder: 20,
    priceListId: "openai",
    create: chatOrResponses(openAiMember, openAiResponses),
  },
  {
    kind: "gemini",
    ...hosted,
    env: envOf("GEMINI", { baseUrlAlias: "GEMINI_ENDPOINT" }),
    defaultBaseUrl: "https://generativelanguage.googleapis.com",
    defaultModel: "gemini-3.8-flash",
    defaultOrder: 30,
    priceListId: "google",
    otherNames: otherGeminiNames,
    create: createGeminiProvider,
  },
  {
    kind: "anthropic",
    ...hosted,
    env: envOf("ANTHROPIC"),
    defaultBaseUrl: "https://api.anthropic.com",
    defaultModel: "claude-haiku-4-5",
    defaultOrder: 40,
    priceListId: "anthropic",
    create: createAnthropicProvider,
  },
  {
    kind: "azure",
    ...twoApis,
    // Its list has the models that could be deployed, not those that are.
    listsModels: false,
    env: envOf("AZURE_OPENAI", {
      loadedBy: "credential",
      baseUrl: "AZURE_OPENAI_ENDPOINT",
      baseUrlAlias: "AZURE_OPENAI_BASE_URL",
    }),
    defaultOrder: 50,
    settings: [
      { key: "apiVersion", variable: "OPENAI_API_VERSION", form: "text", required: false },
      {
        key: "deployments",
        variable: "AZURE_OPENAI_DEPLOYMENTS",
        form: "map",
        required: false,
        namesModels: true,
      },
      {
        key: "adToken",
        variable: "AZURE_OPENAI_AD_TOKEN",
        form: "text",
        required: true,
        standsForKey: true,
      },
    ],
    priceListId: "azure",
    otherNames: otherNamesByDeployment,
    create: chatOrResponses(azureMember, azureResponses),
  },
  {
    kind: "xai",
    ...twoApis,
    env: envOf("XAI"),
    defaultBaseUrl: "https://api.x.ai/v1",
    defaultModel: "grok-4.3",
    defaultOrder: 60,
    priceListId: "x-ai",
    create: chatOrResponses(xAiMember, xAiResponses),
  },
  {
    kind: "mistral",
    ...hosted,
    env: envOf("MISTRAL"),
    defaultBaseUrl: "https://api.mistral.ai",
    defaultModel: "mistral-small-latest",
    defaultOrder: 70,
    priceListId: "mistral",
    create: chatOnly(mistralMember),
  },
  {
    kind: "deepseek",
    ...twoApis,
    env: envOf("DEEPSEEK"),
    defaultBaseUrl: "https://api.deepseek.com",
    defaultModel: "deepseek-v4-flash",
    defaultOrder: 80,
    priceListId: "deepseek",
    create: chatOrResponses(deepSeekMember, deepSeekResponses),
  },
  {
    kind: "openrouter",
    ...twoApis,
    env: envOf("OPENROUTER"),
    defaultBaseUrl: "https://openrouter.ai/api/v1",
    defaultModel: "meta-llama/llama-3.3-70b-instruct",
    defaultOrder: 90,
    priceListId: "openrouter",
    otherNames: withoutVariant,
    create: chatOrResponses(openRouterMember, openRouterResponses),
  },
  {
    kind: "cerebras",
    ...hosted,
    env: envOf("CEREBRAS"),
    defaultBaseUrl: "https://api.cerebras.ai/v1",
    defaultModel: "gpt-oss-120b",
    defaultOrder: 95,
    priceListId: "cerebras",
    // inference-docs.cerebras.ai/api-reference/chat-completions
    create: chatOnly({
      ...openAiMember,
      kind: "cerebras",
      name: "Cerebras",
      takesFiles: "no",
      reasoningBack: "reasoning",
      embeddings: undefined,
      traitsOf: undefined,
    }),
  },
  {
    kind: "vllm",
    ...local,
    env: envOf("VLLM", { loadedBy: "baseUrl" }),
    defaultBaseUrl: "http://127.0.0.1:8000",
    defaultOrder: 100,
    create: chatOnly(vllmMember),
  },
  {
    kind: "ollama",
    ...local,
    apis: ["chat", "native"],
    env: envOf("OLLAMA", { loadedBy: "baseUrl" }),
    defaultBaseUrl: "http://127.0.0.1:11434",
    defaultOrder: 110,
    otherNames: otherOllamaNames,
    create: chatOrNative,
  },
  {
    kind: "openai-compatible",
    ...local,
    defaultOrder: 120,
    create: chatOnly(compatibleMember),
  },
  {
    kind: "bedrock",
    ...hosted,
    listsModels: false,
    env: envOf("BEDROCK", { apiKey: "AWS_BEARER_TOKEN_BEDROCK" }),
    defaultBaseUrl: "https://bedrock-runtime.{region}.amazonaws.com",
    defaultOrder: 130,
    settings: [
      { key: "region", variable: "AWS_REGION", form: "text", required: true },
      {
        key: "accessKeyId",
        variable: "AWS_ACCESS_KEY_ID",
        form: "text",
        required: true,
        standsForKey: true,
      },
      {
        key: "secretAccessKey",
        variable: "AWS_SECRET_ACCESS_KEY",
        form: "text",
        required: true,
        standsForKey: true,
      },
      {
        key: "sessionToken",
        variable: "AWS_SESSION_TOKEN",
        form: "text",
        required: false,
        standsForKey: true,
      },
    ],
    priceListId: "aws",
    otherNames: otherBedrockNames,
    create: createBedrockProvider,
  },
];

/** How the price list calls each kind that it has prices for. */
export const priceListIds: ReadonlyMap<string, string> = new Map(
  kinds.flatMap(({ kind, priceListId }) => (priceListId === undefined ? [] : [[kind, priceListId]])),
);

export const providerTable: Readonly<Record<string, ProviderKind>> = Object.fromEntries(
  kinds.map((kind) => [kind.kind, kind]),
);
