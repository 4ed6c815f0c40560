// Tokens whose signature was checked are remembered until they expire: the check takes sixty times as long.

import { hash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { createLazyCache } from "../lazy-cache.ts";

interface Claims {
  readonly expiresAtMs: number;
}

export interface VerifiedTokens<C extends Claims> {
  /** Undefined: not remembered, or expired by now. */
  find(token: string): C | undefined;
  add(token: string, claims: C): void;
  forgetAll(): void;
}

const defaultMax = 10_000;

export function createVerifiedTokens<C extends Claims>(clock: Clock, max = defaultMax): VerifiedTokens<C> {
  // By their hash: what is in memory signs nobody on.
  const byHash = createLazyCache<string, C>(max);
  return {
    find(token) {
      const claims = byHash.use().get(hashOf(token));
      return claims !== undefined && clock.epochMs() < claims.expiresAtMs ? claims : undefined;
    },
    add: (token, claims) => void byHash.use().set(hashOf(token), claims),
    forgetAll: () => byHash.ifUsed()?.clear(),
  };
}

const hashOf = (token: string): string => hash("sha256", token, "hex");
