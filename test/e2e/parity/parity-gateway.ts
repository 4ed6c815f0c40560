// The gateway under test: real adapters in front of two demo upstreams, all front ends on both ports, and a
// client for each.

import type {
  Configuration,
  ProviderConfiguration,
  RouteConfiguration,
} from "../../../src/config/configuration.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Provider } from "../../../src/core/provider.ts";
import type { Ledger } from "../../../src/core/usage/ledger.ts";
import type { Records } from "../../../src/core/usage/records.ts";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway } from "../../../src/gateway.ts";
import { providerTable } from "../../../src/providers/provider-table.ts";
import type { UpstreamTimeouts } from "../../../src/providers/upstream/upstream.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createReadableLedger } from "../../support/test-gateway.ts";
import { assembleOver } from "./assemble-over.ts";
import { type AdapterName, models, reasoningModels } from "./chats.ts";
import { serveAll, type ServedGateway } from "./serve-all.ts";

export interface ParityGateway extends ServedGateway {
  /** The primary of the route `default`, and what takes over from it. */
  readonly upstreams: { readonly openai: DemoUpstream; readonly anthropic: DemoUpstream };
}

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
    // Clients tell what is left in headers that are compared elsewhere; all of them together make many calls.
    REQUESTS_PER_MINUTE: "off",
    TOKENS_PER_MINUTE: "off",
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
      providers: configuration.providers.map(forgiving),
      routes: [route("summaries", ["anthropic"]), route("default", ["openai", "anthropic"])],
      useCases: { summaries: { route: "summaries" } },
    },
  };
}

// Each client has to meet what the one before it met: no failure opens a breaker.
const forgiving = (provider: ProviderConfiguration): ProviderConfiguration => ({
  ...provider,
  policy: { breaker: { failureThreshold: 1_000 } },
});

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
  return serveOver(await createGateway(configuration), upstreams);
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
  const gateway = assembleOver(configuration, {
    clock,
    ledger,
    records: parts.records,
    createAdapter({ kind, baseUrl, apiKey, api, settings }) {
      if (kind === "openai" && parts.openai !== undefined) return parts.openai;
      const entry = providerTable[kind];
      if (entry === undefined) throw new Error(`There is no kind ${kind}.`);
      return entry.create({ baseUrl, apiKey, api, settings, timeouts: parts.timeouts });
    },
  });
  return serveOver(parts.wrap?.(gateway) ?? gateway, upstreams);
}

async function serveOver(gateway: Gateway, upstreams: ParityGateway["upstreams"]): Promise<ParityGateway> {
  const served = await serveAll(gateway);
  return {
    ...served,
    upstreams,
    async close() {
      await served.close();
      await Promise.all([upstreams.openai.close(), upstreams.anthropic.close()]);
    },
  };
}
