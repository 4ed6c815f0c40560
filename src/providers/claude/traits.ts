// What differs between the versions of Claude in what they accept, read from the model's name: that of the maker's
// own, or of a party that serves it.
// Sources: platform.claude.com/docs/en/about-claude/models/migration-guide, …/build-with-claude/effort,
// …/build-with-claude/thinking-troubleshooting, …/models/opus-5-5/whats-new-opus-5-5 and its siblings

export interface ClaudeTraits {
  /** 405 for 4.5; undefined for a name that tells none. Such a model counts as old: those take the most. */
  readonly version: number | undefined;
  /**
   * How reasoning is asked for: not at all, by a budget of tokens, by budget or effort, or by effort alone; a
   * model of the last sort refuses a budget.
   */
  readonly thinking: "none" | "budget" | "either" | "effort";
  /**
   * How reasoning is turned off: by saying nothing of it, or by a `thinking` of this type, for models that reason
   * unasked; `never`: it cannot be.
   */
  readonly turnedOffBy: "silence" | "disabled" | "between_tools" | "never";
  /** Whether there is an effort above high. */
  readonly xhighEffort: boolean;
  /** Whether a tool call can be demanded. */
  readonly demandedTools: boolean;
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
    turnedOffBy: turnedOffBy(model, version),
    xhighEffort: version !== undefined && version >= 407,
    demandedTools: !/claude-(?:fable|mythos)/i.test(model) && (isHaiku(model) || (version ?? 0) < 505),
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

const isHaiku = (model: string): boolean => /haiku/i.test(model);

/** Of models that are newer than those known here, nothing is sent that they might refuse. */
function turnedOffBy(model: string, version: number | undefined): ClaudeTraits["turnedOffBy"] {
  if (/claude-(?:fable|mythos)/i.test(model)) return "never";
  if (version === undefined || version < 500) return "silence";
  if (version < 505 || (version === 505 && isHaiku(model))) return "disabled";
  return version === 505 && /sonnet/i.test(model) ? "between_tools" : "never";
}
