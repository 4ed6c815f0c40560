// The process: environment in, exit code out.

import { ConfigurationError, type Settings } from "./config/configuration.ts";
import { loadConfiguration } from "./config/load-configuration.ts";
import { readSources } from "./config/read-sources.ts";
import { settingTable } from "./config/setting-table.ts";
import { ownPrincipal } from "./core/access/own-principal.ts";
import { DatabaseError } from "./db/database-url.ts";
import { createGateway, type RunningGateway } from "./gateway.ts";
import { portFault, samePortFault } from "./port-fault.ts";
import type { ProcessEnd } from "./process-end.ts";
import { providerTable } from "./providers/provider-table.ts";
import { type ServedPorts, serve } from "./serve.ts";
import { createStartWatch } from "./start-watch.ts";
import { stopGracefully } from "./stop-gracefully.ts";
import { systemClock } from "./system-clock.ts";
import { createLog } from "./telemetry/log.ts";
import { withDemoUpstream } from "./with-demo-upstream.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Resolves when it serves; a start that cannot be ends the process. Never rejects. */
export async function startProcess(processEnd: ProcessEnd): Promise<void> {
  try {
    await start(processEnd);
  } catch (error) {
    giveUp(explained(error));
  }
}

async function start(processEnd: ProcessEnd): Promise<void> {
  // What is made, above all the database with what callers wrote, is not for everybody on this machine.
  process.umask(process.umask(0o077) | 0o007);
  const declared = loadConfiguration(
    await readSources({
      argv: process.argv.slice(2),
      environment: process.env,
      kinds: Object.values(providerTable),
    }),
  );
  const fault = samePortFault(declared.settings);
  if (fault !== undefined) throw new ConfigurationError(fault);
  const log = createLog(declared.settings.logLevel);
  const demo = declared.providers.length === 0 ? await withDemoUpstream(declared) : undefined;
  const configuration = demo?.configuration ?? declared;
  const watch = createStartWatch({ clock: systemClock, say: (message) => log.warn(message), giveUp });
  const gateway = await createGateway(configuration, {
    log,
    release: async () => demo?.upstream.close(),
    waitsFor: (what) => watch.waitsFor(what),
  });
  watch.done();
  const { reportFault } = gateway;
  const { settings } = configuration;
  const running = {
    save: () => gateway.close(),
    say: (message: string, fields: Fields) => log.info(message, fields),
    complain: (message: string, fields: Fields) => log.error(message, fields),
  };
  // The first port has callers before the second one is open.
  processEnd.runs({ ...running, stop: () => gateway.close() });
  const ports = await serve(gateway, settings, { reportFault }).catch(async (error: unknown) => {
    await gateway.close();
    throw listenError(error, settings);
  });
  processEnd.runs({
    ...running,
    stop: (signal) =>
      stopGracefully({
        gateway,
        ports,
        clock: systemClock,
        // Whoever interrupts it at a terminal waits for it, and no load balancer does.
        delayMs: signal === "SIGINT" ? 0 : settings.shutdownDelaySeconds * 1000,
        timeoutMs: settings.shutdownTimeoutSeconds * 1000,
        warn: (message) => log.warn(message),
      }),
  });
  for (const problem of gateway.readiness().problems) log.warn(problem);
  sayReady({ settings, gateway, ports, demo: demo !== undefined });
}

function sayReady(started: {
  readonly settings: Settings;
  readonly gateway: RunningGateway;
  readonly ports: ServedPorts;
  readonly demo: boolean;
}): void {
  const { settings, gateway, ports, demo } = started;
  const { host, keylessNetworks } = settings;
  const networks = keylessNetworks.join(", ");
  const whom =
    networks === settingTable.keylessNetworks.fallback.join(", ") ? "on this machine" : `from ${networks}`;
  const origin = `${ports.secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}`;
  const http = `${origin}:${ports.httpPort}`;
  const routes = gateway.settings.routes(ownPrincipal).map(({ name, targets }) => {
    const order = targets.map(({ provider, model }) => `${provider}/${model}`).join(", then ");
    return `  route ${name}: ${order === "" ? "no target yet" : order}`;
  });
  const lines = [
    "Sluice is ready.",
    `  OpenAI   ${http}/v1`,
    `  GraphQL  ${http}/graphql`,
    `  Connect  ${http}/sluice.v1.ChatService/StreamChat`,
    `  gRPC     ${host}:${ports.grpcPort}`,
    ...(ports.adminPort === undefined ? [] : [`  administration  ${origin}:${ports.adminPort}/graphql`]),
    ...routes,
    gateway.access.keyless ? `  no key is asked of callers ${whom}` : "  callers need a key",
    ...(demo ? ["  no provider is configured: the demo upstream answers"] : []),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** @returns what a person can mend in words for that person, else the error itself */
function listenError(error: unknown, settings: Settings): unknown {
  const text = portFault(error, settings);
  return text === undefined ? error : new ConfigurationError(text, { cause: error });
}

/** In one sentence where a person can mend it; with its stack where it is our fault. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigurationError || error instanceof DatabaseError) return error.message;
  return "code" in error ? `${error.message}.` : (error.stack ?? error.message);
}

function giveUp(message: string): void {
  process.stderr.write(`Sluice did not start. ${message}\n`);
  process.exit(1);
}
