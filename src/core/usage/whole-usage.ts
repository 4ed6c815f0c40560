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

/** What was told, where it is whole; else `estimated`, and never less than what was told. */
export function wholeUsage(told: Usage | undefined, byLength: UsageByLength): Usage {
  const output = outputTotal(told?.output.total, byLength);
  if (told?.input.total === undefined) {
    const input = { total: byLength.inputTokens() };
    return { input, output: { ...told?.output, total: output }, source: "estimated" };
  }
  if (output === told.output.total) return told;
  return { input: told.input, output: { ...told.output, total: output }, source: "estimated" };
}

function outputTotal(
  told: number | undefined,
  { complete, outputTokens }: UsageByLength,
): number | undefined {
  if (outputTokens === undefined || (complete && told !== undefined)) return told;
  return Math.max(told ?? 0, Math.ceil(outputTokens));
}
