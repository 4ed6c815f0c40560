// For how long a provider's connections are held open without a sign: no target of it may wait longer.

import { defaultTargetPolicy } from "../core/routing/default-policies.ts";
import type { ProviderConfiguration } from "./configuration.ts";

export interface LongestWaits {
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  readonly wholeAnswerMs: number;
}

/** What a target may say without a word of its provider's. */
const leastWaits: LongestWaits = { firstTokenMs: 600_000, betweenTokensMs: 300_000, wholeAnswerMs: 600_000 };

export const longestWaits = ({ policy }: Pick<ProviderConfiguration, "policy">): LongestWaits => ({
  firstTokenMs: longest("firstTokenMs", policy),
  betweenTokensMs: longest("betweenTokensMs", policy),
  wholeAnswerMs: longest("wholeAnswerMs", policy),
});

const longest = (member: keyof LongestWaits, policy: ProviderConfiguration["policy"]): number =>
  Math.max(leastWaits[member], defaultTargetPolicy[member], policy?.[member] ?? 0);
