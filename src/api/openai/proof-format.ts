// How proofs of reasoning and of tool calls look in Chat Completions, which has none of its own. Reasoning has
// OpenRouter's form (openrouter.ai/docs/use-cases/reasoning-tokens), tool calls have Google's
// (ai.google.dev/gemini-api/docs/thought-signatures).

/** The names that OpenRouter gives to vendors' forms of reasoning; another vendor's name stands for itself. */
const formats: readonly (readonly [vendor: string, format: string])[] = [
  ["anthropic", "anthropic-claude-v1"],
  ["openai", "openai-responses-v1"],
  ["xai", "xai-responses-v1"],
  ["gemini", "google-gemini-v1"],
];

const formatOf = (vendor: string): string => formats.find(([known]) => known === vendor)?.[1] ?? vendor;

export const vendorOf = (format: string): string =>
  formats.find(([, known]) => known === format)?.[0] ?? format;

/** A reasoning part of an answer. */
export interface ToldReasoning {
  readonly text: string;
  readonly signature?: string | undefined;
  readonly redactedData?: string | undefined;
  readonly vendor?: string | undefined;
}

const isProven = ({ signature, redactedData }: ToldReasoning): boolean =>
  Boolean(signature) || Boolean(redactedData);

/**
 * `reasoning_details`: all of an answer's reasoning, to be given back as it is. Undefined where nothing of it has
 * a proof: its text stands in `reasoning_content` already.
 */
export function reasoningDetails(parts: readonly ToldReasoning[]): readonly object[] | undefined {
  return parts.some(isProven) ? parts.flatMap(detailsOf) : undefined;
}

/** Details of one index are one part. What proves an encrypted form beside it is its item's id. */
function detailsOf(part: ToldReasoning, index: number): readonly object[] {
  const { text, signature, redactedData, vendor } = part;
  const common = { format: vendor === undefined ? undefined : formatOf(vendor), index };
  if (redactedData) {
    const encrypted = {
      type: "reasoning.encrypted",
      data: redactedData,
      id: signature || undefined,
      ...common,
    };
    // Text beside an encrypted form sums it up.
    return text === "" ? [encrypted] : [{ type: "reasoning.summary", summary: text, ...common }, encrypted];
  }
  if (text === "" && !signature) return [];
  return [{ type: "reasoning.text", text, signature: signature || undefined, ...common }];
}

/** `extra_content` of a tool call; undefined without a proof. */
export function extraContent(signature: string | undefined, vendor: string | undefined): object | undefined {
  if (!signature) return undefined;
  return vendor === "gemini"
    ? { google: { thought_signature: signature } }
    : { sluice: { signature, vendor } };
}
