// The providers that exist, by kind: the one place that names them all.

import { createAnthropicProvider } from "./anthropic/index.ts";
import { groqMember, openAiMember, openRouterMember } from "./openai/family.ts";
import type { FamilyMember } from "./openai/family.ts";
import { createOpenAiProvider } from "./openai/index.ts";
import type { ProviderKind, ProviderOptions } from "./provider-kind.ts";

// Places are left for kinds that stand between these.
const openAiFamily = (member: FamilyMember) => (options: ProviderOptions) =>
  createOpenAiProvider({ member, ...options });

const envOf = (prefix: string): ProviderKind["env"] => ({
  apiKey: `${prefix}_API_KEY`,
  baseUrl: `${prefix}_BASE_URL`,
  model: `${prefix}_MODEL`,
  priority: `${prefix}_PRIORITY`,
});

/** A vendor in the cloud, which asks for a key and has one API. */
const hosted = { loadedBy: "apiKey", keyOptional: false, apis: [], settings: [] } as const;

export const providerTable: Readonly<Record<string, ProviderKind>> = {
  groq: {
    kind: "groq",
    ...hosted,
    env: envOf("GROQ"),
    defaultBaseUrl: "https://api.groq.com",
    defaultModel: "llama-3.3-70b-versatile",
    defaultOrder: 10,
    create: openAiFamily(groqMember),
  },
  openai: {
    kind: "openai",
    ...hosted,
    env: envOf("OPENAI"),
    defaultBaseUrl: "https://api.openai.com/v1",
    defaultModel: "gpt-5-mini",
    defaultOrder: 20,
    create: openAiFamily(openAiMember),
  },
  anthropic: {
    kind: "anthropic",
    ...hosted,
    env: envOf("ANTHROPIC"),
    defaultBaseUrl: "https://api.anthropic.com",
    defaultModel: "claude-haiku-4-5",
    defaultOrder: 40,
    create: createAnthropicProvider,
  },
  openrouter: {
    kind: "openrouter",
    ...hosted,
    env: envOf("OPENROUTER"),
    defaultBaseUrl: "https://openrouter.ai/api/v1",
    defaultModel: "meta-llama/llama-3.3-70b-instruct",
    defaultOrder: 90,
    create: openAiFamily(openRouterMember),
  },
};
