// The gateway as `src/main.ts` composes it, in a process that can say what it costs, and that drops its records
// where a figure asks for it; nothing else differs then.

import type { Configuration } from "../../src/config/configuration.ts";
import { settingTable } from "../../src/config/setting-table.ts";
import type { Ledger } from "../../src/core/usage/ledger.ts";
import { createGateway } from "../../src/gateway.ts";
import { serve } from "../../src/serve.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { question } from "./messages.ts";
import { createMeter, serveParent } from "./parent-process.ts";

const configuration: Configuration = {
  settings: {
    host: settingTable.host.fallback,
    httpPort: 0,
    grpcPort: 0,
    databaseUrl: process.env["DATABASE_URL"] ?? "",
    databasePoolMax: settingTable.databasePoolMax.fallback,
    apiKeys: settingTable.apiKeys.fallback,
    secret: settingTable.secret.fallback,
    secretPrevious: settingTable.secretPrevious.fallback,
    authRequired: settingTable.authRequired.fallback,
    keylessNetworks: settingTable.keylessNetworks.fallback,
    allowedHosts: settingTable.allowedHosts.fallback,
    corsOrigins: settingTable.corsOrigins.fallback,
    trustProxy: settingTable.trustProxy.fallback,
    tlsCert: settingTable.tlsCert.fallback,
    tlsKey: settingTable.tlsKey.fallback,
    tlsClientCa: settingTable.tlsClientCa.fallback,
    loggingPolicy: process.env["LOGGING_POLICY"] === "metadata" ? "metadata" : "full",
    bodyKeepMaxBytes: settingTable.bodyKeepMaxBytes.fallback,
    recordQueueMax: settingTable.recordQueueMax.fallback,
    maxBodyBytes: settingTable.maxBodyBytes.fallback,
    routeStrategy: settingTable.routeStrategy.fallback,
    breakerFailureThreshold: settingTable.breakerFailureThreshold.fallback,
    breakerResetTimeoutSeconds: settingTable.breakerResetTimeoutSeconds.fallback,
    callTimeoutSeconds: settingTable.callTimeoutSeconds.fallback,
    maxConcurrentCalls: settingTable.maxConcurrentCalls.fallback,
    callQueueMax: settingTable.callQueueMax.fallback,
    callQueueMs: settingTable.callQueueMs.fallback,
    requestsPerMinute: "off",
    tokensPerMinute: "off",
    defaultOutputReserve: settingTable.defaultOutputReserve.fallback,
    cacheEnabled: settingTable.cacheEnabled.fallback,
    cacheMode: settingTable.cacheMode.fallback,
    cacheTtlSeconds: settingTable.cacheTtlSeconds.fallback,
    cacheMaxEntries: settingTable.cacheMaxEntries.fallback,
    cacheMaxBytes: settingTable.cacheMaxBytes.fallback,
    idempotencyMaxBytes: settingTable.idempotencyMaxBytes.fallback,
    runLogMaxBytes: settingTable.runLogMaxBytes.fallback,
    runLogsMaxBytes: settingTable.runLogsMaxBytes.fallback,
    resumeAwaySeconds: settingTable.resumeAwaySeconds.fallback,
    resumeKeepSeconds: settingTable.resumeKeepSeconds.fallback,
    redisUrl: settingTable.redisUrl.fallback,
    nodes: settingTable.nodes.fallback,
    redisFailure: settingTable.redisFailure.fallback,
    adminPort: settingTable.adminPort.fallback,
    publicUrl: settingTable.publicUrl.fallback,
    apiKeyCache: settingTable.apiKeyCache.fallback,
    metricsToken: settingTable.metricsToken.fallback,
    jwtIssuer: settingTable.jwtIssuer.fallback,
    jwtAudience: settingTable.jwtAudience.fallback,
    jwtJwksUrl: settingTable.jwtJwksUrl.fallback,
    jwtAlgorithms: settingTable.jwtAlgorithms.fallback,
    jwtClockSkewSeconds: settingTable.jwtClockSkewSeconds.fallback,
    jwtTenantClaim: settingTable.jwtTenantClaim.fallback,
    jwtRoleClaim: settingTable.jwtRoleClaim.fallback,
    egressNetworks: settingTable.egressNetworks.fallback,
    shutdownDelaySeconds: 0,
    shutdownTimeoutSeconds: settingTable.shutdownTimeoutSeconds.fallback,
    logLevel: "silent",
  },
  providers: [
    {
      name: "openai",
      kind: "openai",
      source: "environment",
      apiKeys: ["not-a-secret"],
      baseUrl: `${process.env["UPSTREAM"] ?? ""}/v1`,
      settings: {},
      models: ["demo-chat"],
      priority: 0,
    },
  ],
  routes: [],
  useCases: {},
};

let recording = true;
const recordingOrNot = (ledger: Ledger): Ledger => ({
  open(call) {
    if (recording) ledger.open(call);
  },
  attempt(attempt) {
    if (recording) ledger.attempt(attempt);
  },
  settle(settlement) {
    if (recording) ledger.settle(settlement);
  },
});
const gateway = await createGateway(configuration, {
  log: createLog(configuration.settings.logLevel),
  ledgerBefore: recordingOrNot,
});
const ports = await serve(gateway, configuration.settings);

serveParent({
  ports: { http: ports.httpPort, grpc: ports.grpcPort },
  question,
  answer: createMeter({
    database: gateway.database,
    record(on) {
      recording = on;
    },
  }),
  async close() {
    await ports.close();
    await gateway.close();
  },
});
