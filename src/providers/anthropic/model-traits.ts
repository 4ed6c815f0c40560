// What differs between the vendor's models in what they accept, read from the model's name.
// Source: platform.claude.com/docs/en/about-claude/models/migration-guide

export interface ModelTraits {
  /**
   * How reasoning is asked for: by a budget of tokens, by budget or effort, or by effort alone; a model of
   * the last sort refuses a budget.
   */
  readonly thinking: "budget" | "either" | "effort";
  /** Whether temperature, top_p and top_k are accepted. */
  readonly sampling: boolean;
  /** Whether temperature and top_p are accepted together. */
  readonly temperatureWithTopP: boolean;
}

/** A name that tells no version counts as an older model: those take the most parameters. */
export function traitsOf(model: string): ModelTraits {
  const [, major = "0", minor = "0"] = /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/i.exec(model) ?? [];
  const version = Number(major) * 100 + Number(minor);
  const effortOnly = version >= 407 || /claude-mythos/i.test(model);
  return {
    thinking: effortOnly ? "effort" : version >= 406 ? "either" : "budget",
    sampling: !effortOnly,
    temperatureWithTopP: version < 401,
  };
}
