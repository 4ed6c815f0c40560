// What single models take of the wishes for reasoning and sampling, read from their names: the vendors refuse the
// whole request for one setting too many. A name that tells nothing is sent all that its vendor takes.

import type { ReasoningEffort } from "../../core/chat/request.ts";

export type RefusedSetting =
  | "temperature"
  | "topP"
  | "frequencyPenalty"
  | "presencePenalty"
  | "stop"
  | "parallelToolCalls";

export interface ModelTraits {
  /** The efforts that it takes; empty: it takes no word on them. Absent: those of its vendor. */
  readonly efforts?: readonly ReasoningEffort[] | undefined;
  /** Whether it reasons where nothing is said. */
  readonly reasonsUnasked: boolean;
  /** What it refuses in any case. */
  readonly refuses: readonly RefusedSetting[];
  /** What it refuses besides when it reasons. */
  readonly refusesWithReasoning: readonly RefusedSetting[];
  /** Whether it takes tools in Chat Completions only where it does not reason. */
  readonly chatToolsWithoutReasoning?: boolean | undefined;
  /** What it takes as the limit of its output in Chat Completions; absent: what its vendor does. */
  readonly maxTokensField?: "max_completion_tokens" | "max_tokens" | undefined;
}

/** Undefined: nothing is known of the model. */
export type TraitsOf = (model: string) => ModelTraits | undefined;

interface Row {
  /** Of names in lower case. */
  readonly pattern: RegExp;
  readonly traits: ModelTraits;
}

const maxKnown = 1_000;

/** The first row that fits holds. What was found for a name is kept: every call asks for it. */
function traitsFrom(rows: readonly Row[]): TraitsOf {
  const known = new Map<string, ModelTraits | undefined>();
  return (model) => {
    if (known.has(model)) return known.get(model);
    const name = model.toLowerCase();
    const traits = rows.find(({ pattern }) => pattern.test(name))?.traits;
    if (known.size >= maxKnown) known.clear();
    known.set(model, traits);
    return traits;
  };
}

const plain: ModelTraits = { efforts: [], reasonsUnasked: false, refuses: [], refusesWithReasoning: [] };

const penalties = ["frequencyPenalty", "presencePenalty"] as const;

const reasoning = (
  efforts: readonly ReasoningEffort[],
  over: Partial<ModelTraits> = {},
): { readonly traits: ModelTraits } => ({
  traits: {
    efforts,
    reasonsUnasked: true,
    refuses: [...penalties, "stop"],
    refusesWithReasoning: ["temperature", "topP"],
    maxTokensField: "max_completion_tokens",
    ...over,
  },
});

const lowToHigh = ["low", "medium", "high"] as const;

// Sources: platform.openai.com/docs/guides/reasoning, /docs/guides/latest-model, /docs/api-reference/chat/create
// (`stop`, `reasoning_effort`, `parallel_tool_calls`); github.com/openai/openai-openapi/issues/541 (tools)
const openAiRows: readonly Row[] = [
  {
    pattern: /^gpt-4o(?:-mini)?-search/,
    traits: { ...plain, refuses: ["temperature", "topP", ...penalties] },
  },
  { pattern: /^(?:gpt-(?:4|3\.5|35)|chatgpt-|gpt-5-chat)/, traits: plain },
  { pattern: /^gpt-5\.\d+-chat/, ...reasoning(["medium"]) },
  { pattern: /^gpt-5-pro/, ...reasoning(["high"]) },
  { pattern: /^gpt-5\.\d+-pro/, ...reasoning(["medium", "high", "xhigh"]) },
  { pattern: /^gpt-5\.1-codex-max/, ...reasoning([...lowToHigh, "xhigh"]) },
  { pattern: /^gpt-5(?:\.1)?-codex/, ...reasoning(lowToHigh) },
  { pattern: /^gpt-5(?:-|$)/, ...reasoning(["minimal", ...lowToHigh]) },
  { pattern: /^gpt-5\.1(?:-|$)/, ...reasoning(["none", ...lowToHigh], { reasonsUnasked: false }) },
  {
    pattern: /^gpt-5\.[23](?:-|$)/,
    ...reasoning(["none", ...lowToHigh, "xhigh"], { reasonsUnasked: false }),
  },
  {
    pattern: /^gpt-5\.4(?:-|$)/,
    ...reasoning(["none", ...lowToHigh, "xhigh"], { reasonsUnasked: false, chatToolsWithoutReasoning: true }),
  },
  {
    pattern: /^gpt-5\.[56](?:-|$)/,
    ...reasoning(["none", ...lowToHigh, "xhigh"], { chatToolsWithoutReasoning: true }),
  },
  {
    pattern: /^(?:o1|o3-mini)(?:-|$)/,
    ...reasoning(lowToHigh, { refuses: [...penalties, "parallelToolCalls"] }),
  },
  {
    pattern: /^o[34](?:-|$)/,
    ...reasoning(lowToHigh, { refuses: [...penalties, "stop", "parallelToolCalls"] }),
  },
];

const openAiTraits = traitsFrom(openAiRows);

/** Of a fine-tuned model: those of the one that it was made of. */
export const openAiTraitsOf: TraitsOf = (model) => openAiTraits(model.replace(/^ft:/, ""));

// Sources: docs.x.ai/docs/guides/reasoning, docs.x.ai/docs/models
const grok: ModelTraits = {
  reasonsUnasked: true,
  refuses: [...penalties, "stop"],
  refusesWithReasoning: [],
};

const grokRows: readonly Row[] = [
  { pattern: /^grok-4\.20-(?:\d{4}-)?reasoning/, traits: { ...grok, efforts: [] } },
  {
    pattern: /^grok-4\.20-(?:\d{4}-)?non-reasoning/,
    traits: { ...grok, efforts: [], reasonsUnasked: false },
  },
  { pattern: /^grok-(?:4\.5|build-latest)/, traits: { ...grok, efforts: lowToHigh } },
  { pattern: /^grok-3-mini/, traits: { ...grok, efforts: ["low", "high"] } },
  { pattern: /^grok-/, traits: grok },
];

export const grokTraitsOf: TraitsOf = traitsFrom(grokRows);

// Source: console.groq.com/docs/reasoning. Qwen's other word, `default`, is what it does unasked.
const groqRows: readonly Row[] = [
  {
    pattern: /^openai\/gpt-oss/,
    traits: { ...plain, efforts: lowToHigh, reasonsUnasked: true },
  },
  { pattern: /^qwen\/qwen3/, traits: { ...plain, efforts: ["none"], reasonsUnasked: true } },
  { pattern: /^(?:llama|meta-llama\/|moonshotai\/|groq\/compound)/, traits: plain },
];

export const groqTraitsOf: TraitsOf = traitsFrom(groqRows);

// Source: learn.microsoft.com/rest/api/aifoundry/modelinference: the other makers' models know `max_tokens` alone.
const otherMaker: ModelTraits = {
  reasonsUnasked: false,
  refuses: [],
  refusesWithReasoning: [],
  maxTokensField: "max_tokens",
};

const otherMakers =
  /^(?:mistral|ministral|codestral|magistral|llama|meta-|phi|cohere|command|deepseek|ai21|jamba)/i;

export const azureTraitsOf: TraitsOf = (model) =>
  openAiTraitsOf(model) ?? grokTraitsOf(model) ?? (otherMakers.test(model) ? otherMaker : undefined);
