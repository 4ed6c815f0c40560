// `npm run doctor`: looks at a deployment with the gateway's own configuration, and says what to mend. Exit code
// 1 when something fails.

import { createEgressRule } from "./config/egress.ts";
import { type Configuration, ConfigurationError, type Settings } from "./config/configuration.ts";
import { secretFile } from "./config/secret/server-secret.ts";
import { loadConfiguration } from "./config/load-configuration.ts";
import { readSources } from "./config/read-sources.ts";
import { createAdapter } from "./create-adapter.ts";
import { askHealth, askProblems } from "./cli/ask-health.ts";
import { grpcAddressOf, httpUrlOf } from "./cli/gateway-address.ts";
import { inspectDatabase } from "./db/inspect-database.ts";
import { isServingGrpc } from "./doctor/ask-grpc-health.ts";
import { checkClock, timeOfServer } from "./doctor/check-clock.ts";
import { checkDatabase } from "./doctor/check-database.ts";
import { checkGateway } from "./doctor/check-gateway.ts";
import { checkPort } from "./doctor/check-port.ts";
import { checkProviders } from "./doctor/check-providers.ts";
import { checkTls } from "./doctor/check-tls.ts";
import { checkRedis } from "./doctor/check-redis.ts";
import type { Check, Finding } from "./doctor/finding.ts";
import { checkSecret } from "./doctor/check-secret.ts";
import { runChecks } from "./doctor/run-checks.ts";
import { secretsOf } from "./doctor/secrets-of.ts";
import { showFindings } from "./doctor/show-findings.ts";
import { samePortFault } from "./port-fault.ts";
import { providerTable } from "./providers/provider-table.ts";
import { systemClock } from "./system-clock.ts";

const timeoutMs = 10_000;
/** A gateway on this machine answers sooner; what does not is another program. */
const askTimeoutMs = 3_000;
const kinds = Object.values(providerTable);

async function readConfiguration(): Promise<Configuration | Finding> {
  try {
    const argv = process.argv.slice(2);
    return loadConfiguration(await readSources({ argv, environment: process.env, kinds }));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { verdict: "fail", subject: "configuration", text: error.message };
  }
}

function checksOf({ settings, providers, routes }: Configuration): readonly Check[] {
  const { databaseUrl } = settings;
  const inspected = inspectDatabase(databaseUrl, systemClock);
  // Its check tells why it fails.
  const databaseTime = {
    name: "the database",
    epochMs: () => inspected.then(({ epochMs }) => epochMs).catch(() => undefined),
  };
  const allowsAddress = createEgressRule(settings.egressNetworks);
  const servers = new Map(providers.map(({ baseUrl }) => [new URL(baseUrl).origin, timeOfServer(baseUrl)]));
  const names = [...providers.map(({ name }) => name), ...routes.map(({ name }) => `route ${name}`)];
  const text = `Read; it names ${names.length === 0 ? "no provider" : names.join(", ")}.`;
  return [
    { subject: "configuration", look: async () => [{ verdict: "ok", subject: "configuration", text }] },
    checkSecret(settings, secretFile),
    checkDatabase(() => inspected),
    checkRedis(settings, async (url) =>
      (await import("./stores/redis/ask-redis.ts")).askRedis(url, systemClock),
    ),
    ...checkProviders(providers, (provider) => createAdapter(provider, allowsAddress)),
    ...portChecks(settings),
    checkGateway((signal) => askProblems(httpUrlOf(settings), soonOr(signal))),
    checkTls(settings, systemClock),
    checkClock([...servers.values(), databaseTime], systemClock),
  ];
}

function portChecks(settings: Settings): readonly Check[] {
  const fault = samePortFault(settings);
  if (fault !== undefined) {
    const finding: Finding = { verdict: "fail", subject: "ports", text: fault };
    return [{ subject: "ports", look: async () => [finding] }];
  }
  const { host, httpPort, grpcPort, adminPort, tlsCert, tlsClientCa } = settings;
  const overHttpAt =
    (port: number) =>
    (signal: AbortSignal): Promise<boolean> =>
      askHealth(httpUrlOf({ ...settings, httpPort: port }), soonOr(signal)).then(
        () => true,
        () => false,
      );
  const overHttp = overHttpAt(httpPort);
  const overGrpc = (signal: AbortSignal): Promise<boolean> =>
    isServingGrpc(grpcAddressOf(settings), { secure: tlsCert !== undefined, signal: soonOr(signal) });
  return [
    checkPort({ subject: "HTTP port", variable: "HTTP_PORT", host, port: httpPort, isGateway: overHttp }),
    checkPort({
      subject: "gRPC port",
      variable: "GRPC_PORT",
      host,
      port: grpcPort,
      // Without a client's certificate its health service cannot be asked.
      isGateway: tlsClientCa === undefined ? overGrpc : overHttp,
    }),
    ...(adminPort === undefined
      ? []
      : [
          checkPort({
            subject: "admin port",
            variable: "ADMIN_PORT",
            host,
            port: adminPort,
            isGateway: overHttpAt(adminPort),
          }),
        ]),
  ];
}

const soonOr = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(askTimeoutMs)]);

const configuration = await readConfiguration();
const isRead = "settings" in configuration;
const findings = isRead ? await runChecks(checksOf(configuration), timeoutMs) : [configuration];
process.stdout.write(showFindings(findings, isRead ? secretsOf(configuration, kinds) : []));
const failed = findings.filter(({ verdict }) => verdict === "fail").length;
if (failed > 0) process.stdout.write(`\n${failed} to mend before the gateway can serve.\n`);
// A check that gave no answer in time may still hold a connection.
process.exit(failed > 0 ? 1 : 0);
