// What differs between the vendor's models in what they accept, read from the model's name.
// Sources: ai.google.dev/gemini-api/docs/thinking, …/thought-signatures, …/function-calling, …/whats-new-gemini-3.5,
// …/whats-new-gemini-3.6; docs.cloud.google.com/gemini-enterprise-agent-platform/models, 3-5-flash-lite and 3-8-flash

export type ThinkingLevel = "minimal" | "low" | "medium" | "high";

export interface ModelTraits {
  /** How reasoning is asked for; `none`: the model refuses to be asked. `either`: a level is the better way. */
  readonly thinking: "none" | "budget" | "either" | "level";
  /** The least and the most tokens of reasoning that can be asked for, 0 for none left out. */
  readonly budget: { readonly least: number; readonly most: number };
  /** Whether reasoning can be turned off. */
  readonly canStopThinking: boolean;
  readonly levels: readonly ThinkingLevel[];
  /**
   * Whether a function call that is given back needs a signature, whether results may hold media, and whether an
   * image may have a resolution of its own.
   */
  readonly isGemini3: boolean;
  /** Whether the answer's format can be set beside tools. */
  readonly formatWithTools: boolean;
  /** Whether penalties are taken at all. */
  readonly penalties: boolean;
  /** Whether calls can be held to their schemas without being demanded. */
  readonly validatedCalls: boolean;
  /** Whether there is a place for system text beside the conversation. */
  readonly systemText: boolean;
}

/** Names without a version point to the newest models. */
const newest = 399;

/** A name that tells no version is taken for a model that thinks, and takes a budget: every such model does. */
export function traitsOf(model: string): ModelTraits {
  const name = model.toLowerCase();
  const version = versionOf(name);
  const isPro = /\bpro\b/.test(name);
  const isLite = name.includes("lite");
  const isGemini3 = version !== undefined && version >= 300;
  return {
    thinking: thinkingOf(name, version),
    budget: {
      least: isPro ? 128 : isLite ? 512 : 1,
      most: isPro || version === undefined ? 32_768 : 24_576,
    },
    canStopThinking: !isPro && !isGemini3,
    levels: levelsOf(version, { isPro, isLite }),
    isGemini3,
    formatWithTools: isGemini3 || version === undefined,
    penalties: version === undefined || version < (isLite ? 305 : 306),
    validatedCalls: version !== undefined && version >= 205,
    systemText: !/\bgemma-?[123]/.test(name),
  };
}

/** 205 for 2.5. */
function versionOf(name: string): number | undefined {
  if (/\bgemini-(?:pro|flash|flash-lite)-latest$/.test(name)) return newest;
  const [, major, minor = "0"] = /\bgemini-(\d{1,2})(?:\.(\d{1,2}))?(?!\d)/.exec(name) ?? [];
  return major === undefined ? undefined : Number(major) * 100 + Number(minor);
}

function thinkingOf(name: string, version: number | undefined): ModelTraits["thinking"] {
  if (refusesThinking(name, version)) return "none";
  if (version === undefined || version < 300) return "budget";
  return version < 305 ? "either" : "level";
}

function refusesThinking(name: string, version: number | undefined): boolean {
  if (/\bgemma\b/.test(name)) return true;
  if (version === undefined) return false;
  return version < 205 ? !name.includes("thinking") : /-(?:image|tts|live)\b/.test(name);
}

function levelsOf(
  version: number | undefined,
  { isPro, isLite }: { readonly isPro: boolean; readonly isLite: boolean },
): readonly ThinkingLevel[] {
  if (isPro && version === 300) return ["low", "high"];
  const hasMinimal = !isPro && (isLite || version === undefined || version < 307);
  return hasMinimal ? ["minimal", "low", "medium", "high"] : ["low", "medium", "high"];
}
