// What calls cost, from `prices` in the file to the record that is read back.

import { afterEach, expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load-configuration.ts";
import { parseYamlFile } from "../../src/config/yaml-file.ts";
import { createDemoUpstream } from "../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway, type RunningGateway } from "../../src/gateway.ts";
import { providerTable } from "../../src/providers/provider-table.ts";
import { withDemoUpstream } from "../../src/with-demo-upstream.ts";
import { keylessPrincipal } from "../support/principals.ts";

const principal = keylessPrincipal;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const variables = { DATABASE_URL: "sqlite::memory:", LOG_LEVEL: "silent" };

/** A gateway whose provider `mine` is the demo upstream, with these prices in its file. */
async function begin(prices: string) {
  const upstream = await createDemoUpstream({ tokenDelayMs: 0 });
  closers.push(() => upstream.close());
  const path = "sluice.yaml";
  const text = `providers: { mine: { kind: openai, apiKey: demo-key, baseUrl: "${upstream.url}/v1", models: [demo-chat, demo-embed] } }\n${prices}`;
  const content = parseYamlFile(text, { path, environment: {} });
  const kinds = Object.values(providerTable);
  const configuration = loadConfiguration({
    flags: {},
    environment: variables,
    kinds,
    file: { path, content },
  });
  const warned: string[] = [];
  const log = { info() {}, error() {}, warn: (message: string) => void warned.push(message) };
  const gateway = await createGateway(configuration, { log });
  closers.push(() => gateway.close());
  return { gateway, warned };
}

const ask = (gateway: RunningGateway, model: string) =>
  gateway.chat({ model, messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] });

const attemptOf = async (gateway: RunningGateway, id: string) =>
  (await gateway.records.request(principal, id))?.attemptRecords[0];

const warningOf = (model: string): string =>
  `No price is known for mine/${model}: its calls are recorded with cost null. ` +
  "Give it one under `prices` in sluice.yaml.";

it("a model's price in the file is what its calls cost, and the record tells the price", async () => {
  const { gateway, warned } = await begin("prices: { mine/demo-chat: { input: 0.5, output: 1.25 } }");
  const reply = await ask(gateway, "mine/demo-chat");
  const read = reply.usage?.input.total ?? 0;
  const written = reply.usage?.output.total ?? 0;
  expect(Math.min(read, written)).toBeGreaterThan(0);
  // 0.5 and 1.25 dollars per million tokens are 500 and 1250 nano-dollars a token.
  expect(reply.meta.costNanos).toBe(BigInt(read) * 500n + BigInt(written) * 1_250n);
  const attempt = await attemptOf(gateway, reply.id);
  expect(attempt).toMatchObject({
    costNanos: reply.meta.costNanos,
    price: { inputPicos: 500_000n, outputPicos: 1_250_000n },
  });
  expect(attempt?.priceVersion).toMatch(/^configured\/mine\/demo-chat#[0-9a-f]{8}$/);
  expect(attempt?.price?.version).toBe(attempt?.priceVersion);
  expect(warned).toEqual([]);
});

it("of versions the one that has begun holds, and is what the list of models tells", async () => {
  const { gateway } = await begin(`
prices:
  mine/*:
    - { from: 2020-01-01, input: 3 }
    - { from: 2021-01-01, input: 4, output: 5 }
    - { from: 2999-01-01, input: 6, output: 7 }
`);
  const reply = await ask(gateway, "mine/demo-chat");
  const price = { inputPicos: 4_000_000n, outputPicos: 5_000_000n };
  expect(await attemptOf(gateway, reply.id)).toMatchObject({ price });
  const models = await gateway.settings.models(principal);
  expect(models.find(({ id }) => id === "mine/demo-chat")).toMatchObject({ price });
});

it("a model without a price costs null, never 0, and its operator is told once", async () => {
  const { gateway, warned } = await begin("prices: { mine/other: { input: 1 } }");
  const replies = [await ask(gateway, "mine/demo-chat"), await ask(gateway, "mine/demo-chat")];
  expect(replies.map(({ meta }) => meta.costNanos)).toEqual([null, null]);
  const attempt = await attemptOf(gateway, replies[0]?.id ?? "");
  expect(attempt).toMatchObject({ costNanos: null, priceVersion: undefined, price: undefined });
  await gateway.embed({ model: "mine/demo-embed", inputs: ["one"] });
  expect(warned).toEqual([warningOf("demo-chat"), warningOf("demo-embed")]);
});

it("a first start with the demo upstream shows costs, of chats by each provider and of embeddings", async () => {
  const { configuration, upstream } = await withDemoUpstream(configurationOf(variables));
  closers.push(() => upstream.close());
  const gateway = await createGateway(configuration);
  closers.push(() => gateway.close());
  for (const provider of ["demo", "demo-backup", "demo-third"]) {
    const { usage, meta } = await ask(gateway, `${provider}/demo-chat`);
    const [read, written] = [usage?.input.total ?? 0, usage?.output.total ?? 0];
    expect(meta.costNanos).toBe(BigInt(read) * 1_000n + BigInt(written) * 2_000n);
    expect(meta.costNanos).toBeGreaterThan(0n);
  }
  const { usage, meta } = await gateway.embed({ model: "demo/demo-embed", inputs: ["one", "two"] });
  expect(meta.costNanos).toBe(BigInt(usage?.input.total ?? 0) * 100n);
});
