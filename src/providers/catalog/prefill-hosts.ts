// Hosts that let a model go on with an answer that the last, assistant's message begins, and which models.
// Not known: of Bedrock, models of other makers than Claude's (Mistral's are refused there); of OpenRouter, what each
// party behind it does; of Ollama, what each model's template does. DeepSeek offers it as a beta at another address,
// where its models think first; Gemini does not document it.
// Sources: platform.claude.com/docs/en/build-with-claude/prompt-engineering/prefill-claudes-response;
// openrouter.ai/docs/api-reference/overview, Assistant Prefill; docs.mistral.ai/guides/prefix;
// console.groq.com/docs/prefilling; docs.vllm.ai/en/latest/serving/openai_compatible_server,
// github.com/vllm-project/vllm/pull/38749 (reasoning); api-docs.deepseek.com/guides/chat_prefix_completion

import type { ModelCapabilities } from "../../core/models.ts";

/** `name` as its maker writes it. */
type GoesOn = (name: string, model: ModelCapabilities) => boolean;

const claude: GoesOn = (name, { prefill }) => prefill === true && name.startsWith("claude-");
/** A server that looks for reasoning takes for it what follows an answer that was begun. */
const unreasoning: GoesOn = (_, { reasoning }) => reasoning === false;

const byKind: ReadonlyMap<string, GoesOn> = new Map([
  ["anthropic", claude],
  ["bedrock", claude],
  ["openrouter", claude],
  ["mistral", (_, { prefill }) => prefill === true],
  ["groq", unreasoning],
  ["vllm", unreasoning],
]);

/** What a model cannot do, it can do nowhere; what it can, its host may not let through. */
export function prefillAt(kind: string, name: string, model: ModelCapabilities): boolean | undefined {
  if (model.prefill === false) return false;
  return byKind.get(kind)?.(name, model) === true ? true : undefined;
}
