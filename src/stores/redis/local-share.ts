// This gateway's part of limits that it shares with others, for the time in which they cannot be asked.

import type { HeldPlaces } from "../../core/limits/held-places.ts";
import type { Bucket, LimitDecision, StreamPlace, Take } from "../../core/limits/limit-store.ts";
import type { MemoryLimits } from "../memory/memory-limits.ts";

export interface LocalShare {
  /** Within the share; of a cost beyond it, the share is taken. */
  take(takes: readonly Take[]): LimitDecision;
  /** Corrects what was taken here; gives those that were taken elsewhere. */
  correct(takes: readonly Take[]): readonly Take[];
  /** The first of which this gateway has its share already. */
  refusedPlace(places: readonly StreamPlace[], id: string): number | undefined;
}

export interface LocalShareParts {
  readonly limits: MemoryLimits;
  readonly held: HeldPlaces;
  readonly nodes: number;
}

export function createLocalShare({ limits, held, nodes }: LocalShareParts): LocalShare {
  /** What was asked for, and what was taken instead, by the very bucket. */
  const takenHere = new WeakMap<Bucket, { readonly asked: number; readonly share: Take }>();
  const shareOf = (limit: number): number => Math.max(1, Math.floor(limit / nodes));

  function shareOfTake({ bucket, cost }: Take): Take {
    const limit = shareOf(bucket.limit);
    return { bucket: { key: bucket.key, limit }, cost: Math.min(cost, limit) };
  }

  return {
    take(takes) {
      const shares = takes.map(shareOfTake);
      const decision = limits.take(shares);
      if (!decision.allowed) return decision;
      for (const [index, { bucket, cost }] of takes.entries()) {
        const share = shares[index];
        if (share !== undefined) takenHere.set(bucket, { asked: cost, share });
      }
      return decision;
    },
    correct(takes) {
      const here: Take[] = [];
      const elsewhere: Take[] = [];
      for (const take of takes) {
        const taken = takenHere.get(take.bucket);
        if (taken === undefined) {
          elsewhere.push(take);
          continue;
        }
        const { asked, share } = taken;
        here.push({ bucket: share.bucket, cost: asked + take.cost - share.cost });
      }
      limits.correct(here);
      return elsewhere;
    },
    refusedPlace: (places, id) =>
      held.refused(
        places.map(({ key, limit }) => ({ key, limit: shareOf(limit) })),
        id,
      ),
  };
}
