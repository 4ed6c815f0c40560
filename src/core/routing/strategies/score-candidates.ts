// One number for each target, from what it is expected to take and to cost: 0 to 1, lower is better.

import type { RoutePolicy } from "../../snapshot.ts";

export type SmartWeights = RoutePolicy["smartWeights"];

/** Of one target, for this call. */
export interface Expectation {
  /** To the last token of an answer of its size, as measured; undefined: not known. */
  readonly expectedMs: number | undefined;
  /** Undefined: it has no price. */
  readonly expectedNanos: number | undefined;
}

export interface Scored<C extends Expectation> {
  readonly candidate: C;
  readonly score: number;
  readonly latency: number;
  readonly cost: number;
}

/** Of what is not known: neither the best nor the worst. */
const middle = 0.5;

/** In the order of the candidates; the latency's share is 0 to 1, the rest is the cost's. */
export function scoreCandidates<C extends Expectation>(
  candidates: readonly C[],
  latencyShare: number,
): readonly Scored<C>[] {
  let longestMs = 0;
  let dearestNanos = 0;
  for (const { expectedMs = 0, expectedNanos = 0 } of candidates) {
    longestMs = Math.max(longestMs, expectedMs);
    dearestNanos = Math.max(dearestNanos, expectedNanos);
  }
  return candidates.map((candidate) => {
    const latency = scaled(candidate.expectedMs, longestMs);
    const cost = scaled(candidate.expectedNanos, dearestNanos);
    return { candidate, score: latencyShare * latency + (1 - latencyShare) * cost, latency, cost };
  });
}

const scaled = (value: number | undefined, largest: number): number =>
  value === undefined ? middle : largest === 0 ? 0 : value / largest;
