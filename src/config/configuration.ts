// Everything that can be configured, as plain values, with where each provider and route comes from.

import type { CacheMode } from "../core/cache/cache-policy.ts";
import type { ConfiguredModel } from "../core/configured-models.ts";
import type { SettingValue } from "../core/kind-defaults.ts";
import type { ConfiguredPrice } from "../core/pricing/configured-prices.ts";
import type {
  BreakerPolicy,
  ConfigurationSource,
  LoggingPolicy,
  ProbePolicy,
  RoutePolicy,
  StrategyName,
  UseCase,
} from "../core/snapshot.ts";

import type { Limit } from "./setting-values.ts";

/** What a provider or a target says of its policy; what is absent is said by the next wider place. */
export interface PolicyConfiguration {
  readonly breaker?: Partial<BreakerPolicy> | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly betweenTokensMs?: number | undefined;
  readonly wholeAnswerMs?: number | undefined;
  readonly maxConcurrent?: number | undefined;
}

export interface ProviderConfiguration {
  readonly name: string;
  readonly kind: string;
  readonly source: ConfigurationSource;
  /** Used side by side where there are several. Empty: none is sent. */
  readonly apiKeys: readonly string[];
  readonly baseUrl: string;
  /** Which of its vendor's APIs is asked; absent: the usual one of its kind. */
  readonly api?: string | undefined;
  /** What only its kind has, by key; those without a value are absent. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** The default first. Empty: those of the provider's own list, asked at the start. */
  readonly models: readonly string[];
  readonly priority: number;
  readonly policy?: PolicyConfiguration | undefined;
  /** How long a connection may take; absent: the adapters' own default. */
  readonly connectMs?: number | undefined;
  /** Absent: it is not probed. */
  readonly probe?: ProbePolicy | undefined;
  /** Whether keys for tests may use it. */
  readonly test?: boolean | undefined;
}

export interface TargetConfiguration {
  readonly provider: string;
  readonly model: string;
  /** Absent: the provider's. */
  readonly priority?: number | undefined;
  /** Absent: the provider's. */
  readonly api?: string | undefined;
  /** Targets of the same name give vectors that can be compared. */
  readonly vectorSpace?: string | undefined;
  readonly weight?: number | undefined;
  readonly retries?: number | undefined;
  /** Whether keys for tests may use it. */
  readonly test?: boolean | undefined;
  readonly policy?: PolicyConfiguration | undefined;
}

export interface RouteConfiguration {
  readonly name: string;
  readonly source: ConfigurationSource;
  readonly strategy: StrategyName;
  readonly targets: readonly TargetConfiguration[];
  readonly policy?: RoutePolicy | undefined;
}

export interface Settings {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly databaseUrl: string;
  readonly databasePoolMax: number;
  readonly apiKeys: readonly string[];
  readonly secret: string | undefined;
  readonly secretPrevious: readonly string[];
  readonly authRequired: boolean | undefined;
  readonly keylessNetworks: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly corsOrigins: readonly string[];
  /** Networks of proxies. */
  readonly trustProxy: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsClientCa: string | undefined;
  readonly loggingPolicy: LoggingPolicy | undefined;
  readonly bodyKeepMaxBytes: number;
  readonly recordQueueMax: number;
  readonly maxBodyBytes: number;
  readonly routeStrategy: StrategyName;
  readonly breakerFailureThreshold: number;
  readonly breakerResetTimeoutSeconds: number;
  readonly callTimeoutSeconds: number;
  readonly maxConcurrentCalls: number;
  readonly callQueueMax: number;
  readonly callQueueMs: number;
  readonly requestsPerMinute: Limit;
  readonly tokensPerMinute: Limit;
  readonly defaultOutputReserve: number;
  readonly cacheEnabled: boolean;
  readonly cacheMode: CacheMode;
  readonly cacheTtlSeconds: number;
  readonly cacheMaxEntries: number;
  readonly cacheMaxBytes: number;
  readonly idempotencyMaxBytes: number;
  readonly runLogMaxBytes: number;
  readonly runLogsMaxBytes: number;
  readonly resumeAwaySeconds: number;
  readonly resumeKeepSeconds: number;
  readonly redisUrl: string | undefined;
  readonly nodes: number;
  readonly redisFailure: "open" | "closed";
  readonly adminPort: number | undefined;
  readonly publicUrl: string | undefined;
  readonly apiKeyCache: "memory" | "redis";
  readonly metricsToken: string | undefined;
  readonly jwtIssuer: string | undefined;
  readonly jwtAudience: string | undefined;
  readonly jwtJwksUrl: string | undefined;
  readonly jwtAlgorithms: readonly string[];
  readonly jwtClockSkewSeconds: number;
  readonly jwtTenantClaim: string;
  readonly jwtRoleClaim: string;
  readonly egressNetworks: readonly string[];
  readonly shutdownDelaySeconds: number;
  readonly shutdownTimeoutSeconds: number;
  readonly logLevel: string;
}

export interface Configuration {
  readonly settings: Settings;
  readonly providers: readonly ProviderConfiguration[];
  readonly routes: readonly RouteConfiguration[];
  readonly useCases: Readonly<Record<string, UseCase>>;
  /** Before those of the list. */
  readonly prices?: readonly ConfiguredPrice[] | undefined;
  /** Before what is known of them elsewhere. */
  readonly models?: readonly ConfiguredModel[] | undefined;
}

/** A value that is wrong: names the place, the key, what was found and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
