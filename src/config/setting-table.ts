// Every setting with its variable, its default and what is allowed. The flag and the key in the YAML file
// follow from the variable: HTTP_PORT is --http-port and httpPort.

import type { StrategyName } from "../core/snapshot.ts";
import { failureThresholdRange, resetTimeoutSecondsRange } from "./breaker-ranges.ts";
import { parseNetworks } from "./networks.ts";
import {
  boolean,
  httpOrigin,
  integer,
  integerOrOff,
  keysUrl,
  listOf,
  notEmpty,
  oneOf,
  optional,
  redisUrl,
  secretText,
  secretTexts,
  text,
  type Limit,
  type SettingKind,
} from "./setting-values.ts";
import { strategyNames } from "./strategy-names.ts";

export interface Setting<T> {
  readonly variable: string;
  readonly kind: SettingKind<T>;
  readonly fallback: T;
  /** One line for people: what it is for. */
  readonly purpose: string;
}

/** Signatures with a public key (RFC 7518, RFC 8037): what needs a shared secret, or none, is no issuer's. */
const jwtAlgorithms: ReadonlySet<string> = new Set(
  "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split(" "),
);

const define = <T>(setting: Setting<T>): Setting<T> => setting;

export const settingTable = {
  host: define({
    variable: "HOST",
    kind: text,
    fallback: "127.0.0.1",
    purpose: "address to listen on",
  }),
  httpPort: define({
    variable: "HTTP_PORT",
    kind: integer(0, 65_535),
    fallback: 8080,
    purpose: "Connect, gRPC-Web, GraphQL and the OpenAI face; 0 takes a free port",
  }),
  grpcPort: define({
    variable: "GRPC_PORT",
    kind: integer(0, 65_535),
    fallback: 50_051,
    purpose: "gRPC; 0 takes a free port",
  }),
  databaseUrl: define({
    variable: "DATABASE_URL",
    kind: text,
    fallback: "sqlite:./sluice.db",
    purpose: "where calls are recorded: sqlite:<file>, sqlite::memory: or postgresql://…",
  }),
  databasePoolMax: define({
    variable: "DATABASE_POOL_MAX",
    kind: integer(2, 1_000),
    fallback: 10,
    purpose: "connections that the process may hold to PostgreSQL",
  }),
  apiKeys: define({
    variable: "SLUICE_API_KEYS",
    kind: listOf("keys of 16 characters or more, with commas between them", (key) => key.length >= 16),
    fallback: [],
    purpose: "keys of the tenant `default`; with none the gateway is keyless",
  }),
  secret: define({
    variable: "SLUICE_SECRET",
    kind: optional(secretText),
    fallback: undefined,
    purpose: "the one secret of the server; on a loopback HOST it is made and kept in .sluice/secret",
  }),
  secretPrevious: define({
    variable: "SLUICE_SECRET_PREVIOUS",
    kind: secretTexts,
    fallback: [],
    purpose:
      "secrets before it was changed, with commas between them: open and verify what was made with them",
  }),
  authRequired: define({
    variable: "AUTH_REQUIRED",
    kind: optional(boolean),
    fallback: undefined,
    purpose: "true asks for a key even before the first exists, false never does",
  }),
  keylessNetworks: define({
    variable: "KEYLESS_NETWORKS",
    kind: listOf(
      "addresses or networks such as 10.0.0.0/8, with commas between them",
      (network) => parseNetworks([network]) !== undefined,
    ),
    fallback: ["127.0.0.0/8", "::1"],
    purpose: "who is served without a key",
  }),
  allowedHosts: define({
    variable: "ALLOWED_HOSTS",
    kind: listOf("host names with commas between them", (host) => /^[A-Za-z0-9.[\]:_-]+$/.test(host)),
    fallback: [],
    purpose: "`Host` names besides loopback's that keyless callers may use",
  }),
  corsOrigins: define({
    variable: "CORS_ORIGINS",
    kind: listOf(
      "origins such as https://app.example.com, with commas between them",
      (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
    ),
    fallback: [],
    purpose: "origins whose web pages may call the HTTP port",
  }),
  trustProxy: define({
    variable: "TRUST_PROXY",
    kind: listOf(
      "addresses or networks such as 10.0.0.0/8, with commas between them",
      (network) => parseNetworks([network]) !== undefined,
    ),
    fallback: [],
    purpose: "proxies whose X-Forwarded-For, -Proto and -Host are believed",
  }),
  tlsCert: define({
    variable: "TLS_CERT",
    kind: optional(text),
    fallback: undefined,
    purpose: "PEM file of the certificate (and its chain) for both ports; needs TLS_KEY",
  }),
  tlsKey: define({
    variable: "TLS_KEY",
    kind: optional(text),
    fallback: undefined,
    purpose: "PEM file of the certificate's private key",
  }),
  tlsClientCa: define({
    variable: "TLS_CLIENT_CA",
    kind: optional(text),
    fallback: undefined,
    purpose: "PEM file of the authority whose client certificates are asked for and required",
  }),
  loggingPolicy: define({
    variable: "LOGGING_POLICY",
    kind: optional(oneOf("full", "metadata", "none")),
    fallback: undefined,
    purpose:
      "what records keep: bodies (full, while keyless), labels and lengths (metadata, with keys), or neither",
  }),
  bodyKeepMaxBytes: define({
    variable: "BODY_KEEP_MAX_BYTES",
    kind: integer(0, 16_777_216),
    fallback: 262_144,
    purpose: "the most that is kept of a request's or a reply's body",
  }),
  recordQueueMax: define({
    variable: "RECORD_QUEUE_MAX",
    kind: integer(100, 1_000_000),
    fallback: 10_000,
    purpose: "calls whose records may wait for the database; more are counted and refused",
  }),
  maxBodyBytes: define({
    variable: "MAX_BODY_BYTES",
    kind: integer(1_024, 1_073_741_824),
    fallback: 33_554_432,
    purpose: "the longest request body",
  }),
  routeStrategy: define<StrategyName>({
    variable: "ROUTE_STRATEGY",
    kind: oneOf(...strategyNames),
    fallback: "priority",
    purpose: "how the route `default` orders its targets where the file has no such route",
  }),
  breakerFailureThreshold: define({
    variable: "BREAKER_FAILURE_THRESHOLD",
    kind: integer(...failureThresholdRange),
    fallback: 5,
    purpose: "failures in a row that open a target's breaker",
  }),
  breakerResetTimeoutSeconds: define({
    variable: "BREAKER_RESET_TIMEOUT_SECONDS",
    kind: integer(...resetTimeoutSecondsRange),
    fallback: 60,
    purpose: "how long an open breaker keeps calls away before one probes",
  }),
  callTimeoutSeconds: define({
    variable: "CALL_TIMEOUT_SECONDS",
    kind: integer(1, 86_400),
    fallback: 600,
    purpose: "how long a call may take whose caller does not say",
  }),
  maxConcurrentCalls: define({
    variable: "MAX_CONCURRENT_CALLS",
    kind: integer(1, 100_000),
    fallback: 2_000,
    purpose: "calls that are served at a time; more wait",
  }),
  callQueueMax: define({
    variable: "CALL_QUEUE_MAX",
    kind: integer(0, 100_000),
    fallback: 500,
    purpose: "calls that may wait; more are answered `overloaded`",
  }),
  callQueueMs: define({
    variable: "CALL_QUEUE_MS",
    kind: integer(1, 60_000),
    fallback: 1_000,
    purpose: "how long a call may wait",
  }),
  requestsPerMinute: define<Limit>({
    variable: "REQUESTS_PER_MINUTE",
    kind: integerOrOff(1, 1_000_000_000),
    fallback: 600,
    purpose: "calls a minute of a tenant of which nothing else is said",
  }),
  tokensPerMinute: define<Limit>({
    variable: "TOKENS_PER_MINUTE",
    kind: integerOrOff(1, 1_000_000_000_000),
    fallback: 50_000,
    purpose: "tokens a minute of a tenant of which nothing else is said",
  }),
  defaultOutputReserve: define({
    variable: "DEFAULT_OUTPUT_RESERVE",
    kind: integer(1, 10_000_000),
    fallback: 1_024,
    purpose: "tokens that are reserved for an answer whose call names no maximum",
  }),
  redisUrl: define({
    variable: "REDIS_URL",
    kind: optional(redisUrl),
    fallback: undefined,
    purpose: "the Redis that several gateways share for limits and budgets: redis://… or rediss://…",
  }),
  nodes: define({
    variable: "SLUICE_NODES",
    kind: integer(1, 10_000),
    fallback: 1,
    purpose: "how many gateways share a Redis: each has its part of every limit while Redis is away",
  }),
  redisFailure: define<"open" | "closed">({
    variable: "REDIS_FAILURE",
    kind: oneOf("open", "closed"),
    fallback: "open",
    purpose:
      "while Redis is away: open serves within a local share of the limits, closed answers unavailable",
  }),
  adminPort: define({
    variable: "ADMIN_PORT",
    kind: optional(integer(0, 65_535)),
    fallback: undefined,
    purpose: "a port of its own for administration, which the HTTP port then does not serve",
  }),
  publicUrl: define({
    variable: "PUBLIC_URL",
    kind: optional(httpOrigin),
    fallback: undefined,
    purpose: "the origin that browsers reach /auth by, for sign-on",
  }),
  jwtIssuer: define({
    variable: "JWT_ISSUER",
    kind: optional(text),
    fallback: undefined,
    purpose: "an issuer whose tokens are accepted; needs JWT_AUDIENCE and JWT_JWKS_URL",
  }),
  jwtAudience: define({
    variable: "JWT_AUDIENCE",
    kind: optional(text),
    fallback: undefined,
    purpose: "the audience that its tokens must name",
  }),
  jwtJwksUrl: define({
    variable: "JWT_JWKS_URL",
    kind: optional(keysUrl),
    fallback: undefined,
    purpose: "where its public keys are",
  }),
  jwtAlgorithms: define<readonly string[]>({
    variable: "JWT_ALGORITHMS",
    kind: notEmpty(
      listOf(
        "names such as RS256, with commas between them: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        (name) => jwtAlgorithms.has(name),
      ),
    ),
    fallback: ["RS256", "ES256", "EdDSA"],
    purpose: "the algorithms that its tokens may be signed with",
  }),
  jwtClockSkewSeconds: define({
    variable: "JWT_CLOCK_SKEW_SECONDS",
    kind: integer(0, 300),
    fallback: 30,
    purpose: "how far its clock may be from ours",
  }),
  jwtTenantClaim: define({
    variable: "JWT_TENANT_CLAIM",
    kind: text,
    fallback: "tenant",
    purpose: "the claim that names the tenant",
  }),
  jwtRoleClaim: define({
    variable: "JWT_ROLE_CLAIM",
    kind: text,
    fallback: "role",
    purpose: "the claim that names the role",
  }),
  egressNetworks: define<readonly string[]>({
    variable: "EGRESS_NETWORKS",
    kind: listOf(
      "addresses or networks such as 10.0.0.0/8, with commas between them",
      (network) => parseNetworks([network]) !== undefined,
    ),
    fallback: [],
    purpose: "private networks that providers added at run time, and issuers of sign-on, may be in",
  }),
  shutdownDelaySeconds: define({
    variable: "SHUTDOWN_DELAY_SECONDS",
    kind: integer(0, 600),
    fallback: 1,
    purpose: "how long a stop goes on serving while it says not to be ready, for load balancers to notice",
  }),
  shutdownTimeoutSeconds: define({
    variable: "SHUTDOWN_TIMEOUT_SECONDS",
    kind: integer(1, 3_600),
    fallback: 30,
    purpose: "how long a stop lets open calls go on after that; then they end with unavailable",
  }),
  logLevel: define({
    variable: "LOG_LEVEL",
    kind: oneOf("debug", "info", "warn", "error", "silent"),
    fallback: "info",
    purpose: "the least severe log line that is written",
  }),
} as const;

export type SettingKey = keyof typeof settingTable;

/** Their values are part of no message. */
export const secretSettings: ReadonlySet<PropertyKey> = new Set<SettingKey>([
  "apiKeys",
  "secret",
  "secretPrevious",
  "redisUrl",
]);

/** HTTP_PORT → http-port */
export const flagOf = (variable: string): string => variable.toLowerCase().replaceAll("_", "-");
