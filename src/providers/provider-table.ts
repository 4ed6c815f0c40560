// The providers that exist, by kind: the one place that names them all.

import type { Provider } from "../core/provider.ts";
import { createAnthropicProvider } from "./anthropic/index.ts";
import { groqMember, openAiMember, openRouterMember } from "./openai/family.ts";
import type { FamilyMember } from "./openai/family.ts";
import { createOpenAiProvider } from "./openai/index.ts";
import type { UpstreamTimeouts } from "./upstream/upstream.ts";

export interface ProviderOptions {
  /** In the convention of the vendor's own SDK. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeouts?: UpstreamTimeouts | undefined;
}

export interface ProviderKind {
  readonly kind: string;
  /** Names of the environment variables that it is configured by. */
  readonly env: {
    readonly apiKey: string;
    readonly baseUrl: string;
    readonly model: string;
    /** An integer, higher first. */
    readonly priority: string;
  };
  readonly defaultBaseUrl: string;
  /** What the route `default` asks of it where nothing else is said. */
  readonly defaultModel: string;
  /** Its place in the route `default` among those of equal priority, lower first. */
  readonly defaultOrder: number;
  create(options: ProviderOptions): Provider;
}

// Places are left for kinds that stand between these.
const openAiFamily = (member: FamilyMember) => (options: ProviderOptions) =>
  createOpenAiProvider({ member, ...options });

const envOf = (prefix: string): ProviderKind["env"] => ({
  apiKey: `${prefix}_API_KEY`,
  baseUrl: `${prefix}_BASE_URL`,
  model: `${prefix}_MODEL`,
  priority: `${prefix}_PRIORITY`,
});

export const providerTable: Readonly<Record<string, ProviderKind>> = {
  groq: {
    kind: "groq",
    env: envOf("GROQ"),
    defaultBaseUrl: "https://api.groq.com",
    defaultModel: "llama-3.3-70b-versatile",
    defaultOrder: 10,
    create: openAiFamily(groqMember),
  },
  openai: {
    kind: "openai",
    env: envOf("OPENAI"),
    defaultBaseUrl: "https://api.openai.com/v1",
    defaultModel: "gpt-5-mini",
    defaultOrder: 20,
    create: openAiFamily(openAiMember),
  },
  anthropic: {
    kind: "anthropic",
    env: envOf("ANTHROPIC"),
    defaultBaseUrl: "https://api.anthropic.com",
    defaultModel: "claude-haiku-4-5",
    defaultOrder: 40,
    create: createAnthropicProvider,
  },
  openrouter: {
    kind: "openrouter",
    env: envOf("OPENROUTER"),
    defaultBaseUrl: "https://openrouter.ai/api/v1",
    defaultModel: "meta-llama/llama-3.3-70b-instruct",
    defaultOrder: 90,
    create: openAiFamily(openRouterMember),
  },
};
