// Counts, per route and similarity, of what the semantic cache served, would have served, and refused.

import { answersAgree } from "./answers-agree.ts";
import type { Disagreement } from "./guards.ts";
import {
  bandStarts,
  type RouteSemanticReport,
  type SemanticCacheReport,
  type SimilarityBand,
  suggestedThreshold,
} from "./semantic-report.ts";

export interface ComparedAnswers {
  readonly similarity: number;
  /** Of the call that was answered by its provider. */
  readonly requestId: string;
  readonly given: string;
  readonly wouldHaveServed: string;
}

interface BandCounts {
  wouldHit: number;
  agreed: number;
  disagreed: number;
  readonly guardRefused: Partial<Record<Disagreement, number>>;
}

interface RouteCounts {
  lookUps: number;
  served: number;
  wouldServe: number;
  withoutVector: number;
  readonly bands: readonly BandCounts[];
  readonly disagreeing: string[];
}

const maxRoutes = 500;
const maxDisagreeing = 50;

export class SemanticCounts {
  readonly #routes = new Map<string, RouteCounts>();

  lookedUp(route: string): void {
    this.#at(route).lookUps += 1;
  }

  served(route: string): void {
    this.#at(route).served += 1;
  }

  withoutVector(route: string): void {
    this.#at(route).withoutVector += 1;
  }

  wouldHit(route: string, similarity: number, isOverThreshold: boolean): void {
    if (isOverThreshold) this.#at(route).wouldServe += 1;
    const band = this.#band(route, similarity);
    if (band !== undefined) band.wouldHit += 1;
  }

  guardRefused(route: string, similarity: number, why: Disagreement): void {
    const refused = this.#band(route, similarity)?.guardRefused;
    if (refused !== undefined) refused[why] = (refused[why] ?? 0) + 1;
  }

  compared(route: string, { similarity, requestId, given, wouldHaveServed }: ComparedAnswers): void {
    const band = this.#band(route, similarity);
    if (band === undefined) return;
    if (answersAgree(given, wouldHaveServed)) {
      band.agreed += 1;
      return;
    }
    band.disagreed += 1;
    const { disagreeing } = this.#at(route);
    disagreeing.push(requestId);
    if (disagreeing.length > maxDisagreeing) disagreeing.shift();
  }

  report(): SemanticCacheReport {
    return { routes: [...this.#routes].map(([route, counts]) => reportOf(route, counts)) };
  }

  #band(route: string, similarity: number): BandCounts | undefined {
    return this.#at(route).bands[bandStarts.findLastIndex((from) => similarity >= from)];
  }

  #at(route: string): RouteCounts {
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    const [oldest] = this.#routes.keys();
    if (this.#routes.size >= maxRoutes && oldest !== undefined) this.#routes.delete(oldest);
    const counts: RouteCounts = {
      lookUps: 0,
      served: 0,
      wouldServe: 0,
      withoutVector: 0,
      bands: bandStarts.map(() => ({ wouldHit: 0, agreed: 0, disagreed: 0, guardRefused: {} })),
      disagreeing: [],
    };
    this.#routes.set(route, counts);
    return counts;
  }
}

function reportOf(route: string, counts: RouteCounts): RouteSemanticReport {
  const { lookUps, served, wouldServe, withoutVector, disagreeing } = counts;
  const bands = counts.bands.map((band, at): SimilarityBand => ({
    from: bandStarts[at] ?? 0,
    to: bandStarts[at + 1] ?? 1,
    wouldHit: band.wouldHit,
    agreed: band.agreed,
    disagreed: band.disagreed,
    guardRefused: { ...band.guardRefused },
  }));
  return {
    route,
    lookUps,
    served,
    wouldServe,
    hitRatePercent: lookUps === 0 ? 0 : Math.round(((served + wouldServe) / lookUps) * 10_000) / 100,
    withoutVector,
    bands,
    disagreeing: [...disagreeing],
    suggestedThreshold: suggestedThreshold(bands),
  };
}
