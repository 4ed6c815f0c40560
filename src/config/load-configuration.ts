// From flags, environment, `.env` and the YAML file to one configuration. Per key: flag before environment
// before `.env` before file before default.

import { checkApiKeyCache } from "./check-api-key-cache.ts";
import { checkIssuer } from "./check-issuer.ts";
import { type Configuration, ConfigurationError, type Settings } from "./configuration.ts";
import { loadProviders } from "./load-providers.ts";
import { filePrices } from "./load-prices.ts";
import { fileRoutes, fileUseCases } from "./load-routes.ts";
import type { Setting } from "./setting.ts";
import { flagOf, type SettingKey, secretSettings, settingTable } from "./setting-table.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";

/** @throws ConfigurationError */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  checkFlagNames(sources.flags);
  const settings: Settings = {
    host: read("host", sources),
    httpPort: read("httpPort", sources),
    grpcPort: read("grpcPort", sources),
    databaseUrl: read("databaseUrl", sources),
    databasePoolMax: read("databasePoolMax", sources),
    apiKeys: read("apiKeys", sources),
    secret: read("secret", sources),
    secretPrevious: read("secretPrevious", sources),
    authRequired: read("authRequired", sources),
    keylessNetworks: read("keylessNetworks", sources),
    allowedHosts: read("allowedHosts", sources),
    corsOrigins: read("corsOrigins", sources),
    trustProxy: read("trustProxy", sources),
    tlsCert: read("tlsCert", sources),
    tlsKey: read("tlsKey", sources),
    tlsClientCa: read("tlsClientCa", sources),
    loggingPolicy: read("loggingPolicy", sources),
    bodyKeepMaxBytes: read("bodyKeepMaxBytes", sources),
    recordQueueMax: read("recordQueueMax", sources),
    maxBodyBytes: read("maxBodyBytes", sources),
    routeStrategy: read("routeStrategy", sources),
    breakerFailureThreshold: read("breakerFailureThreshold", sources),
    breakerResetTimeoutSeconds: read("breakerResetTimeoutSeconds", sources),
    callTimeoutSeconds: read("callTimeoutSeconds", sources),
    maxConcurrentCalls: read("maxConcurrentCalls", sources),
    callQueueMax: read("callQueueMax", sources),
    callQueueMs: read("callQueueMs", sources),
    requestsPerMinute: read("requestsPerMinute", sources),
    tokensPerMinute: read("tokensPerMinute", sources),
    defaultOutputReserve: read("defaultOutputReserve", sources),
    cacheEnabled: read("cacheEnabled", sources),
    cacheMode: read("cacheMode", sources),
    cacheTtlSeconds: read("cacheTtlSeconds", sources),
    cacheMaxEntries: read("cacheMaxEntries", sources),
    cacheMaxBytes: read("cacheMaxBytes", sources),
    idempotencyMaxBytes: read("idempotencyMaxBytes", sources),
    runLogMaxBytes: read("runLogMaxBytes", sources),
    runLogsMaxBytes: read("runLogsMaxBytes", sources),
    resumeAwaySeconds: read("resumeAwaySeconds", sources),
    resumeKeepSeconds: read("resumeKeepSeconds", sources),
    redisUrl: read("redisUrl", sources),
    nodes: read("nodes", sources),
    redisFailure: read("redisFailure", sources),
    adminPort: read("adminPort", sources),
    publicUrl: read("publicUrl", sources),
    apiKeyCache: read("apiKeyCache", sources),
    metricsToken: read("metricsToken", sources),
    jwtIssuer: read("jwtIssuer", sources),
    jwtAudience: read("jwtAudience", sources),
    jwtJwksUrl: read("jwtJwksUrl", sources),
    jwtAlgorithms: read("jwtAlgorithms", sources),
    jwtClockSkewSeconds: read("jwtClockSkewSeconds", sources),
    jwtTenantClaim: read("jwtTenantClaim", sources),
    jwtRoleClaim: read("jwtRoleClaim", sources),
    egressNetworks: read("egressNetworks", sources),
    shutdownDelaySeconds: read("shutdownDelaySeconds", sources),
    shutdownTimeoutSeconds: read("shutdownTimeoutSeconds", sources),
    logLevel: read("logLevel", sources),
  };
  checkIssuer(settings);
  checkApiKeyCache(settings);
  const providers = loadProviders(sources);
  const routes = fileRoutes(sources, providers);
  const useCases = fileUseCases(sources.file, routes);
  const prices = filePrices(sources.file, providers);
  return { settings, providers, routes, useCases, prices };
}

type ValueOf<K extends SettingKey> = (typeof settingTable)[K] extends Setting<infer T> ? T : never;

function read<K extends SettingKey>(key: K, sources: ConfigurationSources): ValueOf<K>;
function read(key: SettingKey, { flags, environment, file }: ConfigurationSources): unknown {
  const { variable, kind, fallback } = settingTable[key];
  const inFile = file?.content[key];
  const found =
    value(`--${flagOf(variable)}`, flags[flagOf(variable)]) ??
    value(`environment: ${variable}`, environment[variable]) ??
    value(`${file?.path ?? ""}: ${key}`, Array.isArray(inFile) ? inFile.join(",") : inFile);
  if (found === undefined) return fallback;
  const parsed = kind.parse(found.text);
  if (parsed !== undefined) return parsed;
  const shown = secretSettings.has(key) ? "something else" : `"${found.text.slice(0, 80)}"`;
  throw new ConfigurationError(`${found.place}: must be ${kind.allowed}; found ${shown}.`);
}

const value = (place: string, found: unknown): { place: string; text: string } | undefined =>
  typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? String(found) === ""
      ? undefined
      : { place, text: String(found) }
    : undefined;

function checkFlagNames(flags: Readonly<Record<string, string>>): void {
  const known = Object.values(settingTable).map(({ variable }) => flagOf(variable));
  for (const flag of Object.keys(flags)) {
    if (known.includes(flag)) continue;
    throw new ConfigurationError(`--${flag}: is no flag. There are: --${known.join(", --")}.`);
  }
}
