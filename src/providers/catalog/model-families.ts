// What vendors document of their models, by families of names. The first pattern that fits a name holds; what a page
// does not say stays undefined. Names are as their makers write them, in lower case.

import { chat, embed, type ModelFamily, none, traits } from "./model-family.ts";
import { openModelFamilies } from "./open-model-families.ts";

const openAiModels = "https://platform.openai.com/docs/models";
const openAiSchemas = "https://platform.openai.com/docs/guides/structured-outputs";
const openAi: readonly ModelFamily[] = [
  {
    pattern: /^text-embedding-/,
    operations: embed,
    source: "https://platform.openai.com/docs/guides/embeddings",
  },
  {
    pattern:
      /^(?:whisper|tts|dall-e|sora|gpt-image|chatgpt-image|omni-moderation|text-moderation)|^gpt-.*-?(?:realtime|transcribe|tts|image)\b/,
    operations: none,
    source: openAiModels,
  },
  {
    pattern: /^gpt-oss[-:]/,
    operations: chat,
    capabilities: traits(["tools", "reasoning"], ["vision"]),
    source: "https://platform.openai.com/docs/models/gpt-oss-120b",
  },
  {
    pattern: /^(?:gpt-5(?:\.\d)?-chat|chatgpt-4o)/,
    operations: chat,
    capabilities: traits(["vision"], ["reasoning", "prefill"]),
    source: "https://platform.openai.com/docs/models/gpt-5-chat-latest",
  },
  {
    pattern: /^gpt-4o.*-(?:audio|search)-|^gpt-audio|^o\d.*-deep-research/,
    operations: chat,
    source: openAiModels,
  },
  {
    pattern: /^gpt-4o-2024-05-13/,
    operations: chat,
    capabilities: traits(["tools", "vision"], ["reasoning", "jsonSchema", "prefill"]),
    source: openAiSchemas,
  },
  {
    pattern: /^gpt-4o/,
    operations: chat,
    capabilities: traits(["tools", "vision", "jsonSchema"], ["reasoning", "prefill"]),
    maxOutputTokens: 16_384,
    source: openAiSchemas,
  },
  {
    pattern: /^gpt-4\.1/,
    operations: chat,
    capabilities: traits(["tools", "vision", "jsonSchema"], ["reasoning", "prefill"]),
    maxOutputTokens: 32_768,
    source: "https://platform.openai.com/docs/models/gpt-4.1",
  },
  {
    pattern: /^(?:gpt-5|gpt-6)(?:[.-]|$)/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema"], ["prefill"]),
    maxOutputTokens: 128_000,
    source: "https://platform.openai.com/docs/models/gpt-5-mini",
  },
  {
    pattern: /^(?:o1|o3|o4-mini)(?:-pro)?(?:-\d{4}-\d\d-\d\d)?$/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema"], ["prefill"]),
    maxOutputTokens: 100_000,
    source: "https://platform.openai.com/docs/models/o3",
  },
  {
    pattern: /^o3-mini/,
    operations: chat,
    capabilities: traits(["tools", "reasoning", "jsonSchema"], ["vision", "prefill"]),
    maxOutputTokens: 100_000,
    source: "https://platform.openai.com/docs/models/o3-mini",
  },
  {
    pattern: /^gpt-4-turbo/,
    operations: chat,
    capabilities: traits(["tools", "vision"], ["reasoning", "jsonSchema", "prefill"]),
    maxOutputTokens: 4_096,
    source: "https://platform.openai.com/docs/models/gpt-4-turbo",
  },
  {
    pattern: /^gpt-(?:4|3\.5-turbo)(?:-\d{4})?$/,
    operations: chat,
    capabilities: traits(["tools"], ["vision", "reasoning", "jsonSchema", "prefill"]),
    source: openAiModels,
  },
];

const claude = "https://platform.claude.com/docs/en/about-claude/models/overview";
const claudeSchemas = "https://platform.claude.com/docs/en/build-with-claude/structured-outputs";
const anthropic: readonly ModelFamily[] = [
  {
    // From 4.6 on, an answer that is begun is refused.
    pattern:
      /^claude-(?:opus|sonnet|haiku)-4-[6-9]|^claude-(?:opus|sonnet|haiku|fable|mythos)-(?:[5-9]|preview)/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema"], ["prefill"]),
    source: "https://platform.claude.com/docs/en/about-claude/models/migration-guide",
  },
  {
    pattern: /^claude-(?:opus|sonnet|haiku)-4-5/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema", "prefill"], []),
    maxOutputTokens: 64_000,
    source: claudeSchemas,
  },
  {
    pattern: /^claude-opus-4-1/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema", "prefill"], []),
    maxOutputTokens: 32_000,
    source: claudeSchemas,
  },
  {
    pattern: /^claude-(?:(?:opus|sonnet)-4|3-7-sonnet)/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "prefill"], ["jsonSchema"]),
    source: claude,
  },
  {
    pattern: /^claude-3/,
    operations: chat,
    capabilities: traits(["tools", "vision", "prefill"], ["reasoning", "jsonSchema"]),
    source: claude,
  },
];

const geminiModels = "https://ai.google.dev/gemini-api/docs/models";
const google: readonly ModelFamily[] = [
  { pattern: /^(?:gemini-embedding|text-embedding-0|embedding-0)/, operations: embed, source: geminiModels },
  {
    pattern: /^(?:imagen|veo|lyria)-|^gemini-.*-(?:tts|live|native-audio)/,
    operations: none,
    source: geminiModels,
  },
  {
    pattern: /^gemini-.*-image/,
    operations: chat,
    capabilities: traits(["vision"], []),
    source: geminiModels,
  },
  {
    pattern: /^gemini-(?:2\.5|[3-9])/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema"], []),
    maxOutputTokens: 65_536,
    source: `${geminiModels}/gemini-3.5-flash`,
  },
  {
    pattern: /^gemini-2\.0-flash/,
    operations: chat,
    capabilities: traits(["tools", "vision", "jsonSchema"], ["reasoning"]),
    maxOutputTokens: 8_192,
    source: `${geminiModels}/gemini-2.0-flash`,
  },
];

const grokModels = "https://docs.x.ai/docs/models";
const xai: readonly ModelFamily[] = [
  { pattern: /^grok-(?:imagine|voice|2-image)/, operations: none, source: grokModels },
  {
    pattern: /^grok-4.*non-reasoning/,
    operations: chat,
    capabilities: traits(["tools", "vision", "jsonSchema"], ["reasoning"]),
    source: grokModels,
  },
  {
    pattern: /^grok-4/,
    operations: chat,
    capabilities: traits(["tools", "vision", "reasoning", "jsonSchema"], []),
    source: grokModels,
  },
  {
    pattern: /^grok-(?:3-mini|code-fast)/,
    operations: chat,
    capabilities: traits(["tools", "reasoning", "jsonSchema"], ["vision"]),
    source: grokModels,
  },
  {
    pattern: /^grok-3/,
    operations: chat,
    capabilities: traits(["tools", "jsonSchema"], ["vision", "reasoning"]),
    source: grokModels,
  },
];

const mistralModels = "https://docs.mistral.ai/getting-started/models/models_overview/";
const mistralSchemas = "https://docs.mistral.ai/capabilities/structured-output/custom_structured_output/";
const mistral: readonly ModelFamily[] = [
  { pattern: /^(?:mistral|codestral)-embed/, operations: embed, source: mistralModels },
  {
    pattern: /^mistral-(?:ocr|moderation)|^voxtral-mini-(?:transcribe|realtime)/,
    operations: none,
    source: mistralModels,
  },
  {
    pattern:
      /^(?:mistral-(?:small|medium|large)-(?:latest|25(?:0[3-9]|1\d)|2[6-9]\d\d)|ministral-.*-(?:latest|2512)|pixtral)/,
    operations: chat,
    capabilities: traits(["tools", "vision", "jsonSchema", "prefill"], []),
    source: mistralModels,
  },
  {
    pattern: /^magistral-/,
    operations: chat,
    capabilities: traits(["tools", "reasoning", "jsonSchema"], []),
    source: "https://docs.mistral.ai/capabilities/reasoning/",
  },
  {
    pattern: /^(?:codestral|devstral)/,
    operations: chat,
    capabilities: traits(["tools", "jsonSchema", "prefill"], ["reasoning"]),
    source: mistralSchemas,
  },
];

export const modelFamilies: readonly ModelFamily[] = [
  ...openAi,
  ...anthropic,
  ...google,
  ...xai,
  ...mistral,
  ...openModelFamilies,
];
