// What differs between the models behind the one API, read from the model's name.
// Source: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html and …/claude-messages-extended-thinking.html

export interface ModelTraits {
  /** Whose proofs the model gives and takes: its maker's, where others serve it too. */
  readonly prover: "anthropic" | "bedrock";
  readonly isClaude: boolean;
  /**
   * How Claude is asked for reasoning: by a budget of tokens, by budget or effort, or by effort alone. Undefined:
   * not at all, or in a way of the model's own.
   */
  readonly thinking: "budget" | "either" | "effort" | undefined;
  /** Whether temperature, top_p and top_k are accepted. */
  readonly sampling: boolean;
  /** Whether temperature and top_p are accepted together. */
  readonly temperatureWithTopP: boolean;
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
      thinking: undefined,
      sampling: true,
      temperatureWithTopP: true,
      caching: isNova || isHidden ? "short" : "none",
      cachesTools: isHidden,
    };
  }
  const [, major = "0", minor = "0"] =
    /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/i.exec(model) ?? [];
  const version = Number(major) * 100 + Number(minor);
  const effortOnly = version >= 407 || /claude-mythos/i.test(model);
  return {
    prover: "anthropic",
    isClaude,
    thinking: effortOnly ? "effort" : version >= 406 ? "either" : version >= 307 ? "budget" : undefined,
    sampling: !effortOnly,
    temperatureWithTopP: version < 401,
    caching: effortOnly || version >= 405 ? "long" : version >= 305 ? "short" : "none",
    cachesTools: true,
  };
}
