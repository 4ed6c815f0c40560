// What differs between the versions of Claude in what they accept, read from the model's name: that of the maker's
// own, or of a party that serves it.
// Source: platform.claude.com/docs/en/about-claude/models/migration-guide

export interface ClaudeTraits {
  /** 405 for 4.5; undefined for a name that tells none. Such a model counts as old: those take the most. */
  readonly version: number | undefined;
  /**
   * How reasoning is asked for: not at all, by a budget of tokens, by budget or effort, or by effort alone; a
   * model of the last sort refuses a budget.
   */
  readonly thinking: "none" | "budget" | "either" | "effort";
  /** Whether temperature, top_p and top_k are accepted. */
  readonly sampling: boolean;
  /** Whether temperature and top_p are accepted together. */
  readonly temperatureWithTopP: boolean;
}

// `claude-opus-4-7`, `claude-3-5-haiku-20241022`, `anthropic.claude-v2`; a date is no version.
const versionPattern = /claude-(?:[a-z]+-)?v?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/i;

export function claudeTraitsOf(model: string): ClaudeTraits {
  const [, major, minor = "0"] = versionPattern.exec(model) ?? [];
  const version = major === undefined ? undefined : Number(major) * 100 + Number(minor);
  const thinking = thinkingOf(model, version);
  return {
    version,
    thinking,
    sampling: thinking !== "effort",
    temperatureWithTopP: version === undefined || version < 401,
  };
}

function thinkingOf(model: string, version: number | undefined): ClaudeTraits["thinking"] {
  if (/claude-mythos/i.test(model)) return "effort";
  if (version === undefined) return "budget";
  if (version >= 407) return "effort";
  if (version >= 406) return "either";
  return version >= 307 ? "budget" : "none";
}
