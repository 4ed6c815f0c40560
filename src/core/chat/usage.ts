/** Where counts come from: told by the vendor, counted by a tokenizer, or estimated from lengths. */
export type UsageSource = "reported" | "counted" | "estimated";

/**
 * Tokens of a call or an attempt. Absent is unknown, which is not zero.
 * `input.total` = uncached + cacheRead + cacheWrite; `output.total` = text + reasoning. `audio` tells how many of
 * the side's total are sound, whichever of the other counts they stand in. `cacheWriteLong`, of `cacheWrite` what is
 * kept for an hour, and `cacheReadAudio`, of `cacheRead` the sound, are there for the price and are not recorded.
 */
export interface Usage {
  readonly input: {
    readonly total?: number | undefined;
    readonly uncached?: number | undefined;
    readonly cacheRead?: number | undefined;
    readonly cacheWrite?: number | undefined;
    readonly audio?: number | undefined;
    readonly cacheWriteLong?: number | undefined;
    readonly cacheReadAudio?: number | undefined;
  };
  readonly output: {
    readonly total?: number | undefined;
    readonly text?: number | undefined;
    readonly reasoning?: number | undefined;
    readonly audio?: number | undefined;
  };
  readonly source: UsageSource;
}

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : a + b;

/** The sum of two usages; its source is the less certain one. */
export function addUsage(a: Usage | undefined, b: Usage | undefined): Usage | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const certainty: readonly UsageSource[] = ["estimated", "counted", "reported"];
  return {
    input: {
      total: add(a.input.total, b.input.total),
      uncached: add(a.input.uncached, b.input.uncached),
      cacheRead: add(a.input.cacheRead, b.input.cacheRead),
      cacheWrite: add(a.input.cacheWrite, b.input.cacheWrite),
      audio: add(a.input.audio, b.input.audio),
    },
    output: {
      total: add(a.output.total, b.output.total),
      text: add(a.output.text, b.output.text),
      reasoning: add(a.output.reasoning, b.output.reasoning),
      audio: add(a.output.audio, b.output.audio),
    },
    source: certainty.indexOf(a.source) < certainty.indexOf(b.source) ? a.source : b.source,
  };
}
