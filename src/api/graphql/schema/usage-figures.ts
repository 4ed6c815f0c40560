// What was used, counted: the figures of a usage report.

import type {
  DurationFigures as DurationFiguresShape,
  UsageFigures as Figures,
  UsageTokens as UsageTokensShape,
} from "../../../core/usage/usage-report.ts";
import { builder } from "../builder.ts";

export interface CountedFigures {
  readonly figures: Figures;
  /** Of attempts, and not of calls. */
  readonly ofAttempts: boolean;
}

const tokenFields = {
  input: "Tokens read.",
  inputUncached: "Of them those not touched by the provider's prompt cache.",
  inputCacheRead: "Those read from it.",
  inputCacheWrite: "Those written to it.",
  inputAudio: "Those of sound, among the input.",
  output: "Tokens written.",
  outputText: "Of them those of the answer.",
  outputReasoning: "Those of reasoning.",
  outputAudio: "Those of sound, among the output.",
} satisfies Record<keyof UsageTokensShape, string>;

const UsageTokens = builder.objectRef<UsageTokensShape>("UsageTokens").implement({
  description: "Sums of the tokens that are known. Null: none is known, which is not zero.",
  fields(t) {
    const sum = (name: keyof UsageTokensShape) =>
      t.expose(name, { type: "Long", nullable: true, description: tokenFields[name] });
    return {
      input: sum("input"),
      inputUncached: sum("inputUncached"),
      inputCacheRead: sum("inputCacheRead"),
      inputCacheWrite: sum("inputCacheWrite"),
      inputAudio: sum("inputAudio"),
      output: sum("output"),
      outputText: sum("outputText"),
      outputReasoning: sum("outputReasoning"),
      outputAudio: sum("outputAudio"),
    };
  },
});

const DurationFigures = builder.objectRef<DurationFiguresShape>("DurationFigures").implement({
  description: "Durations in milliseconds. Percentiles are by nearest rank, within 1 % of the value there.",
  fields: (t) => ({
    averageMs: t.exposeFloat("averageMs"),
    p50Ms: t.exposeFloat("p50Ms"),
    p95Ms: t.exposeFloat("p95Ms"),
    p99Ms: t.exposeFloat("p99Ms"),
  }),
});

const share = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : Number(part) / Number(whole));

export const UsageFigures = builder.objectRef<CountedFigures>("UsageFigures").implement({
  description:
    "What calls, or attempts at providers and models, have used. Groups by PROVIDER or MODEL, and all figures " +
    "under a filter of them, are of attempts: tokens, cost, durations and errors are those of the attempts " +
    "there, and a call may stand in several groups.",
  fields: (t) => ({
    calls: t.field({
      type: "Long",
      description: "Calls; of attempts, the calls with one there.",
      resolve: ({ figures }) => figures.calls,
    }),
    attempts: t.field({ type: "Long", resolve: ({ figures }) => figures.attempts }),
    errors: t.field({
      type: "Long",
      description: "Calls that failed or were interrupted; of attempts, those that failed.",
      resolve: ({ figures }) => figures.errors,
    }),
    fallbacks: t.field({
      type: "Long",
      description:
        "Calls for which another target than the first was asked; of attempts, the calls that came so.",
      resolve: ({ figures }) => figures.fallbacks,
    }),
    cacheHits: t.field({
      type: "Long",
      description: "Calls answered from the cache.",
      resolve: ({ figures }) => figures.cacheHits,
    }),
    unpriced: t.field({
      type: "Long",
      description: "Calls, of attempts attempts, that ended with a cost that is not known.",
      resolve: ({ figures }) => figures.unpriced,
    }),
    tokens: t.field({ type: UsageTokens, resolve: ({ figures }) => figures.tokens }),
    costNanos: t.field({
      type: "Nanos",
      nullable: true,
      description: "The sum of the costs that are known. Null: none is.",
      resolve: ({ figures }) => figures.costNanos,
    }),
    savedNanos: t.field({
      type: "Nanos",
      nullable: true,
      description:
        "What calls that were given the answer of another one would have cost, as far as that is known. Null: of " +
        "none it is, or the figures are of attempts.",
      resolve: ({ figures }) => figures.savedNanos,
    }),
    latency: t.field({
      type: DurationFigures,
      nullable: true,
      description: "To the end. Null: none has ended.",
      resolve: ({ figures }) => figures.latency,
    }),
    timeToFirstToken: t.field({
      type: DurationFigures,
      nullable: true,
      description: "To the first content. Null: there was none.",
      resolve: ({ figures }) => figures.timeToFirstToken,
    }),
    errorRate: t.float({
      description: "`errors` as a share of the calls, of attempts of the attempts; 0 without any.",
      resolve: ({ figures, ofAttempts }) =>
        share(figures.errors, ofAttempts ? figures.attempts : figures.calls),
    }),
    fallbackRate: t.float({
      description: "`fallbacks` as a share of the calls.",
      resolve: ({ figures }) => share(figures.fallbacks, figures.calls),
    }),
    cacheHitRate: t.float({
      description: "`cacheHits` as a share of the calls.",
      resolve: ({ figures }) => share(figures.cacheHits, figures.calls),
    }),
  }),
});
