// The gateway as the process composes it, on both ports, on a database file that outlives no test, before a demo
// upstream.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-configuration.ts";
import { parseYamlFile } from "../../src/config/yaml-file.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { createGateway, type RunningGateway } from "../../src/gateway.ts";
import { providerTable } from "../../src/providers/provider-table.ts";
import { type ServedPorts, serve } from "../../src/serve.ts";
import type { Log } from "../../src/telemetry/log.ts";
import { principalOfRole } from "../support/principals.ts";

/** Who sets tests up: it acts for every tenant. */
export const platform: Principal = principalOfRole("platform_admin");

export interface ServedGateway {
  readonly gateway: RunningGateway;
  readonly ports: ServedPorts;
  readonly baseUrl: string;
  readonly grpcUrl: string;
  readonly upstream: DemoUpstream;
  /** Of the database. */
  readonly folder: string;
  readonly databaseUrl: string;
  /** Closes the gateway and its ports, and leaves the upstream and the database. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface ServedOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The configuration file. */
  readonly yaml?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Between two tokens of the upstream; absent: none. */
  readonly tokenDelayMs?: number;
}

const silentLog: Log = { info() {}, warn() {}, error() {} };

export async function serveGateway(options: ServedOptions = {}): Promise<ServedGateway> {
  const { environment = {}, yaml, clock, log = silentLog, tokenDelayMs = 0 } = options;
  const folder = await mkdtemp(join(tmpdir(), "sluice-served-"));
  const upstream = await createDemoUpstream({ models: ["demo-chat"], tokenDelayMs });
  const databaseUrl = environment["DATABASE_URL"] ?? `sqlite:${join(folder, "sluice.db")}`;
  const variables = {
    DATABASE_URL: databaseUrl,
    AUTH_REQUIRED: "true",
    EGRESS_NETWORKS: "127.0.0.0/8",
    REQUESTS_PER_MINUTE: "off",
    TOKENS_PER_MINUTE: "off",
    OPENAI_API_KEY: "upstream-key-1",
    OPENAI_BASE_URL: `${upstream.url}/v1`,
    OPENAI_MODEL: "demo-chat",
    ...environment,
  };
  const path = "sluice.yaml";
  const configuration = loadConfiguration({
    flags: {},
    environment: variables,
    kinds: Object.values(providerTable),
    file:
      yaml === undefined
        ? undefined
        : { path, content: parseYamlFile(yaml, { path, environment: variables }) },
  });
  const gateway = await createGateway(configuration, {
    log,
    secretFile: join(folder, ".sluice", "secret"),
    ...(clock === undefined ? {} : { clock }),
  });
  const settings = { ...configuration.settings, httpPort: 0, grpcPort: 0 };
  const ports = await serve(gateway, settings, { reportFault: gateway.reportFault });
  let stopped: Promise<void> | undefined;
  async function stopOnce(): Promise<void> {
    await ports.close();
    await gateway.close();
  }
  const stop = () => (stopped ??= stopOnce());
  return {
    gateway,
    ports,
    baseUrl: `http://127.0.0.1:${ports.httpPort}`,
    grpcUrl: `http://127.0.0.1:${ports.grpcPort}`,
    upstream,
    folder,
    databaseUrl,
    stop,
    async close() {
      await stop();
      await upstream.close();
      await rm(folder, { recursive: true });
    },
  };
}
