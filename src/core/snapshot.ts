// The configuration in force: immutable, with a version. A call keeps the one that it began with.

import type { CacheMode, CachePolicy, RouteCachePolicy } from "./cache/cache-policy.ts";
import type { SeamPolicy } from "./chat/events.ts";
import type { ModelTable } from "./models.ts";
import type { PriceList } from "./pricing/price.ts";
import type { Provider } from "./provider.ts";

/** What of a call's content is kept: bodies, or labels, counts and lengths, or the accounting row alone. */
export type LoggingPolicy = "full" | "metadata" | "none";

/** `managed`: made at run time and kept in the database; `default`: made by the gateway itself. */
export type ConfigurationSource = "environment" | "file" | "default" | "library" | "managed";

/** In which order a route's targets are tried. */
export type StrategyName =
  | "priority"
  | "weighted"
  | "round_robin"
  | "least_latency"
  | "lowest_cost"
  | "smart";

/** What becomes of a stream that breaks after its commit. */
export type MidStreamPolicy = "fail" | SeamPolicy;

/** When a target that fails is left alone. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failureThreshold: number;
  /** How long it stays open before one attempt may probe. */
  readonly resetTimeoutMs: number;
  /** Opens it too, where it is set: failed ÷ ended attempts of a sliding window. */
  readonly errorRate?:
    | { readonly share: number; readonly windowMs: number; readonly minAttempts: number }
    | undefined;
}

/** What is asked of a target at most, and how long it is waited for. */
export interface TargetPolicy {
  readonly breaker: BreakerPolicy;
  /** From an attempt's beginning to the first content of its stream. */
  readonly firstTokenMs: number;
  /** Between two events of a stream, while a reader waits. */
  readonly betweenTokensMs: number;
  /** From an attempt's beginning to the end of an answer that is not streamed. */
  readonly wholeAnswerMs: number;
  /** Attempts at a time; absent: as many as there are calls. */
  readonly maxConcurrent?: number | undefined;
}

/** Whether a provider is asked for its list of models now and then, to know that it can be reached. */
export interface ProbePolicy {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** A second target beside a slow one. */
export interface HedgePolicy {
  /** When the second is started; `p95`: when 95 of 100 earlier attempts at the first had committed. */
  readonly after: { readonly ms: number } | "p95";
  /** Hedged ÷ all calls of the route, at most. */
  readonly maxShare: number;
  /** What the second attempt may be expected to cost; absent: no limit. */
  readonly maxCostNanos?: bigint | undefined;
}

export interface RoutePolicy {
  readonly midStream: MidStreamPolicy;
  /** While another target is ready, one that would be waited for longer is not tried again. */
  readonly maxRetryDelayMs: number;
  /** Of the strategy `smart`. */
  readonly smartWeights: { readonly latency: number; readonly cost: number };
  readonly hedge?: HedgePolicy | undefined;
  readonly cache?: RouteCachePolicy | undefined;
  /** Given as the answer where every provider failed and no kept one may serve. Absent: the error. */
  readonly fallbackMessage?: string | undefined;
}

/** One of a provider's keys, with the adapter that uses it. */
export interface ProviderCredential {
  /** A name for records, never the secret. */
  readonly id: string;
  readonly adapter: Provider;
}

export interface ConfiguredProvider {
  readonly name: string;
  readonly kind: string;
  readonly source: ConfigurationSource;
  readonly priority: number;
  readonly baseUrl: string;
  /** Models that the configuration names for it, its default first. */
  readonly models: readonly string[];
  /** Of the first credential. */
  readonly adapter: Provider;
  /** Where there are several keys: each attempt uses the least busy one that is not refused. */
  readonly credentials?: readonly ProviderCredential[] | undefined;
  /** Absent: `defaultTargetPolicy`. */
  readonly policy?: TargetPolicy | undefined;
  /** How long its adapter waits for a connection; absent: as long as adapters do. */
  readonly connectMs?: number | undefined;
  /** Absent: it is not probed. */
  readonly probe?: ProbePolicy | undefined;
  /** Takes no new attempts. */
  readonly draining?: boolean | undefined;
  /** Whether keys for tests may use its targets; each may say otherwise. */
  readonly test?: boolean | undefined;
  /** Of a managed one: of the store when it was changed last. */
  readonly version?: number | undefined;
}

export interface Target {
  readonly provider: ConfiguredProvider;
  readonly model: string;
  readonly priority: number;
  /** Its share under `weighted`; absent: 1. */
  readonly weight?: number | undefined;
  /** How often it is tried again; absent: twice where it is the first of its call, else once. */
  readonly retries?: number | undefined;
  /** Absent: the provider's. */
  readonly policy?: TargetPolicy | undefined;
  /** Which of its vendor's APIs is asked, where there are several; absent: the provider's own choice. */
  readonly api?: string | undefined;
  /** Targets that declare the same name give vectors that can be compared. */
  readonly vectorSpace?: string | undefined;
  /** Whether keys for tests may use it; absent: as the provider says. */
  readonly test?: boolean | undefined;
}

export interface Route {
  readonly name: string;
  readonly source: ConfigurationSource;
  readonly strategy: StrategyName;
  /** By priority, the highest first, ties as they were written. */
  readonly targets: readonly Target[];
  /** Absent: `defaultRoutePolicy`. */
  readonly policy?: RoutePolicy | undefined;
  /** Takes no new calls. */
  readonly draining?: boolean | undefined;
  /** Its targets follow from the providers that there are. */
  readonly automatic?: boolean | undefined;
  /** Of a managed one: of the store when it was changed last. */
  readonly version?: number | undefined;
}

export interface UseCase {
  readonly route: string;
  readonly cache?: CachePolicy | undefined;
}

export interface Snapshot {
  readonly version: number;
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly useCases: ReadonlyMap<string, UseCase>;
  /** Absent: bodies of keyless callers, and of others what is about them. */
  readonly loggingPolicy?: LoggingPolicy | undefined;
  /** Of each body; absent: all of it. */
  readonly bodyKeepMaxBytes?: number | undefined;
  /** What holds of cached answers where nobody says otherwise; absent: none are kept. */
  readonly cache?: { readonly mode: CacheMode; readonly ttlSeconds: number } | undefined;
  readonly prices: PriceList;
  readonly modelTable: ModelTable;
}
