// Candidates of a test's own.

import type { Target } from "../../../../src/core/snapshot.ts";
import type { Candidate } from "../../../../src/core/routing/strategies/order-targets.ts";
import { configuredProvider } from "../../../support/listing-provider.ts";
import { createScriptedProvider } from "../../../support/scripted-provider.ts";

const adapter = createScriptedProvider();

export type CandidateOver = Partial<Omit<Candidate, "target">> & Partial<Pick<Target, "priority" | "weight">>;

/** Of a provider of that name with the model `m`; measured nothing and priced nothing unless said. */
export function candidate(name: string, over: CandidateOver = {}): Candidate {
  const { priority = 0, weight, ...known } = over;
  const target: Target = { provider: configuredProvider(adapter, { name }), model: "m", priority, weight };
  return { inFlight: 0, cold: false, expectedMs: undefined, expectedNanos: undefined, ...known, target };
}

export const namesOf = (targets: readonly Target[]): string =>
  targets.map(({ provider }) => provider.name).join(" ");

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
