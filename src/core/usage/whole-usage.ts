// What an answer has used whose provider told it not at all, or whose end never came: by lengths. Else an answer
// that its reader leaves before the count comes would cost nothing, and no budget would hold.

import type { Usage } from "../chat/usage.ts";

export interface UsageByLength {
  /** Whether the answer's end has come: what is told before it is what was used so far, or less. */
  readonly complete: boolean;
  /** Asked for only where it is needed. */
  inputTokens(): number;
  /** Of what came; undefined: such answers have none. */
  readonly outputTokens: number | undefined;
}

/**
 * What was told, where it is whole; else `estimated`, and never less than what was told. By length there is no telling
 * kinds of tokens apart: those that were not told count as text, as a cost needs to know.
 */
export function wholeUsage(told: Usage | undefined, byLength: UsageByLength): Usage {
  const total = outputTotal(told?.output.total, byLength);
  if (told?.input.total !== undefined) {
    if (total === told.output.total) return told;
    if (byLength.outputTokens === undefined) return { ...told, output: { ...told.output, total } };
  }
  const { audio: sound = 0, ...input } =
    told?.input.total === undefined ? { total: byLength.inputTokens() } : told.input;
  const { audio = 0, reasoning = 0, ...output } = told?.output ?? {};
  return {
    input: { ...input, audio: sound },
    output: { ...output, total, audio, reasoning },
    source: "estimated",
  };
}

function outputTotal(told: number | undefined, { complete, outputTokens }: UsageByLength): number {
  if (outputTokens === undefined) return told ?? 0;
  return complete && told !== undefined ? told : Math.max(told ?? 0, Math.ceil(outputTokens));
}
