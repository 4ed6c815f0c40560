// How often a question of the same meaning would have been answered from the cache, and how often rightly.

import type { Disagreement } from "./guards.ts";

export interface SimilarityBand {
  /** From here on. */
  readonly from: number;
  /** Up to here; the last band holds 1 too. */
  readonly to: number;
  /** Calls whose nearest question was so near, and had an answer that the guards let pass. */
  readonly wouldHit: number;
  /** Of those that were compared with the answer that was given: both say the same. */
  readonly agreed: number;
  readonly disagreed: number;
  /** Calls whose nearest question was so near, and was refused. */
  readonly guardRefused: Readonly<Partial<Record<Disagreement, number>>>;
}

export interface RouteSemanticReport {
  readonly route: string;
  /** Calls that took part: their exact key had missed. */
  readonly lookUps: number;
  /** Calls that were given another's answer. */
  readonly served: number;
  /** Calls that would have been, over the threshold of their route, in shadow mode. */
  readonly wouldServe: number;
  /** `served` and `wouldServe` ÷ `lookUps`, with two decimals; 0 without any. */
  readonly hitRatePercent: number;
  /** Calls whose question had no vector: the embedder failed, was late, is left alone for a while, or cannot be paid. */
  readonly withoutVector: number;
  readonly bands: readonly SimilarityBand[];
  /** The ids of the latest calls whose own answer was another. */
  readonly disagreeing: readonly string[];
  /**
   * The least threshold from which on no more than 1 % of at least 100 compared answers were another; null: the
   * evidence does not give one.
   */
  readonly suggestedThreshold: number | null;
}

/** Of this node, since its start. */
export interface SemanticCacheReport {
  readonly routes: readonly RouteSemanticReport[];
}

/** The last one ends at 1. */
export const bandStarts = [0.5, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99] as const;

/** In shadow mode what is nearer than this is evidence, whatever the threshold. */
export const evidenceFrom = 0.8;

const minCompared = 100;
const maxDisagreedShare = 0.01;

export function suggestedThreshold(bands: readonly SimilarityBand[]): number | null {
  let compared = 0;
  let disagreed = 0;
  let suggested: number | null = null;
  for (const band of bands.toReversed()) {
    compared += band.agreed + band.disagreed;
    disagreed += band.disagreed;
    const isEvidence = band.agreed + band.disagreed > 0;
    if (isEvidence && compared >= minCompared && disagreed <= compared * maxDisagreedShare)
      suggested = band.from;
  }
  return suggested;
}
