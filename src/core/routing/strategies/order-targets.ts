// In which order a call tries the targets of its route.

import type { Target, StrategyName } from "../../snapshot.ts";
import type { RoutingChoice } from "../../usage/ledger.ts";
import { type Expectation, type Scored, scoreCandidates, type SmartWeights } from "./score-candidates.ts";
import { weightedOrder } from "./weighted-order.ts";

/** What a strategy knows of a target. */
export interface Candidate extends Expectation {
  readonly target: Target;
  readonly inFlight: number;
  /** Too little is known of it to compare it with others. */
  readonly cold: boolean;
}

type ScoredCandidate = Scored<Candidate>;

export interface OrderQuestion {
  readonly strategy: StrategyName;
  /** Of `smart`. */
  readonly weights: SmartWeights;
  /** Those that are ready, by priority, ties as they were written. */
  readonly candidates: readonly Candidate[];
  /** How many calls of the route came before. */
  readonly turn: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Ordering {
  readonly targets: readonly Target[];
  /** Of a strategy that measures. */
  readonly choice: RoutingChoice | undefined;
}

/** Of the calls for which a cold target waits, those that go there. */
const exploredShare = 0.1;

/**
 * So many calls at a time are enough to know a cold target by. Its middle score may be the best there is, and without
 * this bound all calls would go to one that perhaps never answers.
 */
const mostAtCold = 5;

export function orderTargets(question: OrderQuestion): Ordering {
  const { strategy, candidates, random } = question;
  switch (strategy) {
    case "priority":
      return unmeasured(candidates);
    case "weighted":
      return unmeasured(weightedOrder(candidates, random));
    case "round_robin":
      return unmeasured(rotated(candidates, question.turn));
    case "least_latency":
    case "lowest_cost":
    case "smart":
      return measured(question);
  }
}

const unmeasured = (candidates: readonly Candidate[]): Ordering => ({
  targets: candidates.map(({ target }) => target),
  choice: undefined,
});

function rotated(candidates: readonly Candidate[], turn: number): readonly Candidate[] {
  const first = candidates.length === 0 ? 0 : turn % candidates.length;
  return first === 0 ? candidates : [...candidates.slice(first), ...candidates.slice(0, first)];
}

function measured(question: OrderQuestion): Ordering {
  const { strategy, weights } = question;
  const scored = scoreCandidates(question.candidates, latencyShareOf(strategy, weights));
  const best = crowdedLast(scored.toSorted(byScore), strategy);
  const explored = strategy === "lowest_cost" ? undefined : unknownOne(scored, best, question.random);
  const order = explored === undefined ? best : [explored, ...best.filter((each) => each !== explored)];
  return {
    targets: order.map(({ candidate }) => candidate.target),
    choice: { strategy, explored: explored !== undefined, candidates: order.map(told) },
  };
}

/** `lowest_cost` does not ask how fast a target is. */
function crowdedLast(scored: readonly ScoredCandidate[], strategy: StrategyName): readonly ScoredCandidate[] {
  if (strategy === "lowest_cost" || !scored.some(isCrowded)) return scored;
  return [...scored.filter((each) => !isCrowded(each)), ...scored.filter(isCrowded)];
}

const latencyShareOf = (strategy: StrategyName, { latency, cost }: SmartWeights): number =>
  strategy === "least_latency" ? 1 : strategy === "lowest_cost" ? 0 : latency / (latency + cost);

const isCrowded = ({ candidate }: ScoredCandidate): boolean =>
  candidate.cold && candidate.inFlight >= mostAtCold;

/** The lowest first; of equal ones that of the higher priority, then the less busy one, then as written. */
const byScore = (a: ScoredCandidate, b: ScoredCandidate): number =>
  a.score - b.score ||
  b.candidate.target.priority - a.candidate.target.priority ||
  a.candidate.inFlight - b.candidate.inFlight;

/** The cold target that this call is to learn of: of one that is asked already, enough is known soon. */
function unknownOne(
  scored: readonly ScoredCandidate[],
  [best]: readonly ScoredCandidate[],
  random: () => number,
): ScoredCandidate | undefined {
  const found = scored.find(({ candidate }) => candidate.cold && candidate.inFlight === 0);
  return found !== undefined && found !== best && random() < exploredShare ? found : undefined;
}

const told = ({ candidate, score, latency, cost }: ScoredCandidate): RoutingChoice["candidates"][number] => ({
  provider: candidate.target.provider.name,
  model: candidate.target.model,
  score,
  latency,
  cost,
  expectedMs: candidate.expectedMs,
  expectedNanos: candidate.expectedNanos,
});
