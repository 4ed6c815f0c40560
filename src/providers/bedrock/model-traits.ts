// What differs between the models behind the one API, read from the model's name.
// Source: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html

import { type ClaudeTraits, claudeTraitsOf } from "../claude/traits.ts";

export interface ModelTraits extends ClaudeTraits {
  /** Whose proofs the model gives and takes: its maker's, where others serve it too. */
  readonly prover: "anthropic" | "bedrock";
  readonly isClaude: boolean;
  /** Whether the ids of tool calls have nine letters and digits, as Mistral's own API has them. */
  readonly shortIds: boolean;
  /** The model's own field for an effort of reasoning, for models of other makers than Claude's. */
  readonly effortField: "reasoning_effort" | "reasoningConfig" | undefined;
  /** How long the vendor keeps a prompt at most: not at all, for minutes, or for an hour. */
  readonly caching: "none" | "short" | "long";
  /** Whether a cache point may stand among the tools. */
  readonly cachesTools: boolean;
}

/** An address that names a model only to its account tells nothing: it is taken for a model of no special kind. */
export function traitsOf(model: string): ModelTraits {
  const isClaude = /claude/i.test(model);
  if (!isClaude) {
    const isNova = /nova/i.test(model);
    const isHidden = /^arn:/i.test(model) && !/foundation-model\//i.test(model);
    return {
      prover: "bedrock",
      isClaude,
      effortField: /\bgpt-oss\b/i.test(model)
        ? "reasoning_effort"
        : /\bnova-2\b/i.test(model)
          ? "reasoningConfig"
          : undefined,
      shortIds: /\bmistral\./i.test(model),
      version: undefined,
      thinking: "none",
      turnedOffBy: "silence",
      xhighEffort: false,
      demandedTools: true,
      sampling: true,
      temperatureWithTopP: true,
      caching: isNova || isHidden ? "short" : "none",
      cachesTools: isHidden,
    };
  }
  const claude = claudeTraitsOf(model);
  const { version = 0, thinking } = claude;
  return {
    ...claude,
    prover: "anthropic",
    isClaude,
    effortField: undefined,
    shortIds: false,
    caching: thinking === "effort" || version >= 405 ? "long" : version >= 305 ? "short" : "none",
    cachesTools: true,
  };
}
