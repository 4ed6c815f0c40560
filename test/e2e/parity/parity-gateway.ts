// The gateway under test: real adapters in front of two demo upstreams, all front ends on both ports, and a
// client for each.

import { createHash, getRandomValues } from "node:crypto";
import { buildSnapshot } from "../../../src/config/build-snapshot.ts";
import type {
  Configuration,
  PolicyConfiguration,
  RouteConfiguration,
} from "../../../src/config/configuration.ts";
import { createAccess } from "../../../src/core/access/create-access.ts";
import { assembleGateway } from "../../../src/core/assemble-gateway.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { createSnapshotHolder } from "../../../src/core/snapshot-holder.ts";
import type { Ledger } from "../../../src/core/usage/ledger.ts";
import type { Records } from "../../../src/core/usage/records.ts";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway } from "../../../src/gateway.ts";
import { createModelTable } from "../../../src/providers/catalog/model-table.ts";
import { createPriceList } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds, providerTable } from "../../../src/providers/provider-table.ts";
import type { UpstreamTimeouts } from "../../../src/providers/upstream/upstream.ts";
import { type ServedPorts, serve } from "../../../src/serve.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { noRecords } from "../../support/no-records.ts";
import { createReadableLedger } from "../../support/test-gateway.ts";
import { type AdapterName, models, reasoningModels } from "./chats.ts";
import type { FrontEndClient } from "./client.ts";
import { createConnectClients } from "./clients/connect.ts";
import { createGraphqlHttpClient } from "./clients/graphql-http.ts";
import { createGraphqlWebsocketClient } from "./clients/graphql-websocket.ts";
import { createGrpcClient } from "./clients/grpc.ts";
import { createLibraryClient } from "./clients/library.ts";
import { createOpenAiClient } from "./clients/openai.ts";
import { createOfficialOpenAiClient } from "./clients/openai-official.ts";

export interface ParityGateway {
  readonly gateway: Gateway;
  readonly ports: ServedPorts;
  readonly baseUrl: string;
  /** The primary of the route `default`, and what takes over from it. */
  readonly upstreams: { readonly openai: DemoUpstream; readonly anthropic: DemoUpstream };
  /** The library, then all others. */
  readonly clients: readonly [FrontEndClient, ...FrontEndClient[]];
  /** Closes the gateway and leaves its ports open. */
  closeGateway(): Promise<void>;
  close(): Promise<void>;
}

export const maxBodyBytes = 64 * 1024;

interface UpstreamsOfTest {
  /** Keys of the gateway, as `SLUICE_API_KEYS` has them. */
  readonly apiKeys?: string;
  /** What the upstreams put behind a model's name in each event. */
  readonly version?: string;
}

interface Upstreams {
  readonly upstreams: ParityGateway["upstreams"];
  readonly configuration: Configuration;
}

async function startUpstreams({ apiKeys, version }: UpstreamsOfTest = {}): Promise<Upstreams> {
  const [openai, anthropic] = await Promise.all([
    createDemoUpstream({ models: [models.openai, reasoningModels.openai], version }),
    createDemoUpstream({ models: [models.anthropic], version }),
  ]);
  const configuration = configurationOf({
    DATABASE_URL: "sqlite::memory:",
    SLUICE_API_KEYS: apiKeys,
    LOG_LEVEL: "silent",
    OPENAI_API_KEY: "upstream-key-1",
    OPENAI_BASE_URL: `${openai.url}/v1`,
    OPENAI_MODEL: models.openai,
    ANTHROPIC_API_KEY: "upstream-key-2",
    ANTHROPIC_BASE_URL: anthropic.url,
    ANTHROPIC_MODEL: models.anthropic,
  });
  return {
    upstreams: { openai, anthropic },
    configuration: {
      ...configuration,
      providers: configuration.providers.map((provider) => ({ ...provider, policy: forgiving })),
      routes: [route("summaries", ["anthropic"]), route("default", ["openai", "anthropic"])],
      useCases: { summaries: "summaries" },
    },
  };
}

// Each client has to meet what the one before it met: no failure opens a breaker.
const forgiving: PolicyConfiguration = { breaker: { failureThreshold: 1_000 } };

/** One attempt at each target, so that a failure is told once. */
const route = (name: string, providers: readonly AdapterName[]): RouteConfiguration => ({
  name,
  source: "file",
  strategy: "priority",
  targets: providers.map((provider) => ({ provider, model: models[provider], retries: 0 })),
});

/** As the process would build it, with its database in memory. */
export async function startWholeGateway(): Promise<ParityGateway> {
  const { upstreams, configuration } = await startUpstreams();
  return serveAll(await createGateway(configuration), upstreams);
}

export interface PartsOfTest extends UpstreamsOfTest {
  readonly clock?: Clock;
  readonly ledger?: Ledger;
  readonly records?: Records;
  /** In place of the adapter of openai. */
  readonly openai?: Provider;
  /** What is served in place of the gateway over them. */
  readonly wrap?: (gateway: Gateway) => Gateway;
  /** How long the adapters wait for their upstreams. */
  readonly timeouts?: UpstreamTimeouts;
}

/** The same without a database, and with parts that a test holds in its hand. */
export async function startGateway(parts: PartsOfTest = {}): Promise<ParityGateway> {
  const { upstreams, configuration } = await startUpstreams(parts);
  const { clock = systemClock, ledger = createReadableLedger() } = parts;
  const prices = createPriceList(priceListIds);
  const snapshot = buildSnapshot(configuration, {
    createAdapter({ kind, baseUrl, apiKey, api, settings }) {
      if (kind === "openai" && parts.openai !== undefined) return parts.openai;
      const entry = providerTable[kind];
      if (entry === undefined) throw new Error(`There is no kind ${kind}.`);
      return entry.create({ baseUrl, apiKey, api, settings, timeouts: parts.timeouts });
    },
    prices,
    modelTable: createModelTable(prices),
    loggingPolicy: "metadata",
  });
  const gateway = assembleGateway({
    snapshots: createSnapshotHolder(snapshot),
    ledger,
    records: parts.records ?? noRecords,
    access: createAccess({
      apiKeys: configuration.settings.apiKeys,
      servesKeyless: () => true,
      allowedHosts: [],
      digest: (text) => createHash("sha256").update(text).digest("hex"),
    }),
    clock,
    newId: createIdSource({ clock, fillRandom: (bytes) => getRandomValues(bytes) }),
    reportFault() {},
    problems: () => [],
    random: () => 0,
    release: () => Promise.resolve(),
  });
  return serveAll(parts.wrap?.(gateway) ?? gateway, upstreams);
}

async function serveAll(gateway: Gateway, upstreams: ParityGateway["upstreams"]): Promise<ParityGateway> {
  const ports = await serve(gateway, { host: "127.0.0.1", httpPort: 0, grpcPort: 0, maxBodyBytes });
  const baseUrl = `http://127.0.0.1:${ports.httpPort}`;
  const clients = [
    createLibraryClient(gateway),
    createGrpcClient(ports.grpcPort),
    ...createConnectClients(baseUrl),
    createGraphqlHttpClient(baseUrl),
    createGraphqlWebsocketClient(baseUrl),
    createOpenAiClient(baseUrl),
    createOfficialOpenAiClient(baseUrl),
  ] as const;
  let closed: Promise<void> | undefined;
  const closeGateway = () => (closed ??= gateway.close());
  return {
    gateway,
    ports,
    baseUrl,
    closeGateway,
    upstreams,
    clients,
    async close() {
      for (const client of clients) client.close();
      await ports.close();
      await closeGateway();
      await Promise.all([upstreams.openai.close(), upstreams.anthropic.close()]);
    },
  };
}
