// A first start without any key: the demo upstream stands in for three vendors.

import type { Configuration, ProviderConfiguration } from "./config/configuration.ts";
import type { ConfiguredPrice } from "./core/pricing/configured-prices.ts";
import type { Price } from "./core/pricing/price.ts";
import { createDemoUpstream, type DemoUpstream } from "./demo/demo-upstream.ts";

/** What the demo upstream takes for a key: it is no secret. */
const demoKey = "demo-key";

/** Invented, so that a first call shows a cost: 1 dollar per million tokens read, 2 written, 0.1 to embed. */
const chatPrice: Price = { version: "demo/chat", inputPicos: 1_000_000n, outputPicos: 2_000_000n };
const embedPrice: Price = { version: "demo/embed", inputPicos: 100_000n };

export interface DemoStart {
  readonly configuration: Configuration;
  readonly upstream: DemoUpstream;
}

/** The configuration with a provider for each wire format that it speaks: `demo`, `demo-backup` and `demo-third`. */
export async function withDemoUpstream(configuration: Configuration): Promise<DemoStart> {
  const upstream = await createDemoUpstream({ tokenDelayMs: 20 });
  const common = {
    source: "default",
    apiKeys: [demoKey],
    models: ["demo-chat"],
    settings: {},
    test: true,
  } as const;
  // Below what is usual: a provider that is added while the gateway runs is tried before them.
  const providers: readonly ProviderConfiguration[] = [
    {
      ...common,
      name: "demo",
      kind: "openai",
      baseUrl: `${upstream.url}/v1`,
      models: ["demo-chat", "demo-embed"],
      priority: -1,
    },
    { ...common, name: "demo-backup", kind: "anthropic", baseUrl: upstream.url, priority: -2 },
    { ...common, name: "demo-third", kind: "gemini", baseUrl: upstream.url, priority: -3 },
  ];
  const prices = [
    ...providers.map(({ name }) => priced(name, "demo-chat", chatPrice)),
    priced("demo", "demo-embed", embedPrice),
  ];
  // Its Messages format goes on with an answer that was begun, as the vendor's does.
  const models = [{ provider: "demo-backup", model: "demo-chat", capabilities: { prefill: true } }];
  return { configuration: { ...configuration, providers, prices, models }, upstream };
}

const priced = (provider: string, model: string, price: Price): ConfiguredPrice => ({
  provider,
  model,
  versions: [{ fromMs: undefined, price, tiers: [] }],
});
