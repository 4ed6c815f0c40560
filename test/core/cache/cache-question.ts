// What is said of the cache by all who may, as the question that the core asks.

import { type CacheUse, cacheUseOf, type CacheQuestion } from "../../../src/core/cache/cache-use.ts";
import type { CachePolicy, RouteCachePolicy } from "../../../src/core/cache/cache-policy.ts";
import type { CacheControl } from "../../../src/core/call.ts";
import { defaultRoutePolicy } from "../../../src/core/routing/default-policies.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";

export interface Said {
  /** Null: the gateway keeps none. */
  readonly gateway?: Snapshot["cache"] | null;
  readonly useCase?: CachePolicy | undefined;
  readonly route?: RouteCachePolicy | undefined;
  readonly tenantTtlSeconds?: number | undefined;
  readonly call?: CacheControl | undefined;
  readonly deterministic?: boolean;
}

const usual = { mode: "deterministic", ttlSeconds: 3_600 } as const;

export const asked = ({
  gateway = usual,
  useCase,
  route,
  tenantTtlSeconds,
  call,
  deterministic,
}: Said): CacheQuestion => ({
  snapshot: {
    cache: gateway ?? undefined,
    useCases: new Map([["u", { route: "r", cache: useCase }]]),
  },
  useCase: "u",
  route: { ...defaultRoutePolicy, cache: route },
  tenantTtlSeconds,
  cacheControl: call,
  deterministic: deterministic ?? true,
});

export const useOf = (said: Said): CacheUse | undefined => cacheUseOf(asked(said));
