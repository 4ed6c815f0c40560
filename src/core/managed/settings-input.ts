// What may be said of a provider or a route at run time, in the words of the configuration file. Absent: as it was,
// or its default where it is new; null: its default. The values are checked by whoever takes them.

import type { CacheMode } from "../cache/cache-policy.ts";
import type { SemanticMode } from "../cache/semantic/semantic-policy.ts";
import type { JsonObject } from "../json.ts";
import type { MidStreamPolicy, StrategyName } from "../snapshot.ts";

type Optional<T> = T | null | undefined;

export interface BreakerInput {
  readonly failureThreshold?: Optional<number>;
  readonly resetTimeoutSeconds?: Optional<number>;
  readonly errorRate?: Optional<{
    readonly percent: number;
    readonly windowSeconds?: Optional<number>;
    readonly minAttempts?: Optional<number>;
  }>;
}

export interface TargetTimeoutsInput {
  readonly firstTokenMs?: Optional<number>;
  readonly betweenTokensMs?: Optional<number>;
  readonly wholeAnswerMs?: Optional<number>;
}

export interface ProviderTimeoutsInput extends TargetTimeoutsInput {
  readonly connectMs?: Optional<number>;
}

export interface ProbeInput {
  readonly intervalSeconds?: Optional<number>;
  readonly timeoutMs?: Optional<number>;
}

export interface ProviderInput {
  /** Goes in and never comes out. */
  readonly apiKey?: Optional<string>;
  readonly apiKeys?: Optional<readonly string[]>;
  readonly baseUrl?: Optional<string>;
  readonly model?: Optional<string>;
  readonly models?: Optional<readonly string[]>;
  readonly priority?: Optional<number>;
  readonly api?: Optional<string>;
  readonly breaker?: Optional<BreakerInput>;
  readonly timeouts?: Optional<ProviderTimeoutsInput>;
  readonly maxConcurrent?: Optional<number>;
  readonly probe?: Optional<ProbeInput>;
  readonly test?: Optional<boolean>;
  /** What only its kind has, each key as the rest: absent as it was, null its default. */
  readonly settings?: Optional<JsonObject>;
}

export interface TargetInput {
  readonly provider: string;
  readonly model: string;
  readonly priority?: Optional<number>;
  readonly api?: Optional<string>;
  readonly vectorSpace?: Optional<string>;
  readonly weight?: Optional<number>;
  readonly retries?: Optional<number>;
  readonly breaker?: Optional<BreakerInput>;
  readonly timeouts?: Optional<TargetTimeoutsInput>;
  readonly maxConcurrent?: Optional<number>;
  readonly test?: Optional<boolean>;
}

export interface HedgeInput {
  readonly afterMs: number | string;
  readonly maxSharePercent?: Optional<number>;
  readonly maxCostDollars?: Optional<number>;
}

export interface SemanticCacheInput {
  readonly embedding: { readonly provider: string; readonly model: string };
  readonly threshold?: Optional<number>;
  readonly mode?: Optional<SemanticMode>;
  readonly ttlSeconds?: Optional<number>;
}

export interface RouteCacheInput {
  readonly mode?: Optional<CacheMode>;
  readonly ttlSeconds?: Optional<number>;
  readonly staleIfErrorSeconds?: Optional<number>;
  readonly semantic?: Optional<SemanticCacheInput>;
}

export interface RouteInput {
  readonly strategy?: Optional<StrategyName>;
  /** Of the route `default`, null: they follow from the providers that there are. */
  readonly targets?: Optional<readonly TargetInput[]>;
  readonly smartWeights?: Optional<{ readonly latency: number; readonly cost: number }>;
  readonly onStreamBreak?: Optional<MidStreamPolicy>;
  readonly maxRetryDelayMs?: Optional<number>;
  readonly hedge?: Optional<HedgeInput>;
  readonly cache?: Optional<RouteCacheInput>;
  readonly fallbackMessage?: Optional<string>;
}
