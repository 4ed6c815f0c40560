// Settings are changed by GraphQL on a real port.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { type ServedPorts, serve } from "../../../src/serve.ts";
import { createManagedFixture, type ManagedFixture } from "./managed-fixture.ts";

let fixture: ManagedFixture;
let upstream: DemoUpstream;
let ports: ServedPorts;
beforeEach(async () => {
  fixture = await createManagedFixture("SQLite");
  upstream = await createDemoUpstream();
  await begin();
});
afterEach(async () => {
  await ports.close();
  await fixture.close();
  await upstream.close();
});

async function begin(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const gateway = await fixture.start({ environment });
  ports = await serve(gateway, { host: "127.0.0.1", httpPort: 0, grpcPort: 0, maxBodyBytes: 100_000 });
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string; readonly field?: string };
  }[];
}

async function post(query: string, variables: object = {}, key?: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${ports.httpPort}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const answer: Answer = JSON.parse(await response.text());
  return answer;
}

const apiKey = "sk-live-0123456789abcdef";
const mine = () => ({
  name: "mine",
  kind: "openai",
  apiKey,
  baseUrl: `${upstream.url}/v1`,
  model: "demo-chat",
  priority: 5,
});
const add = "mutation ($input: AddProviderInput!) { addProvider(input: $input) { name } }";

it("a provider is added, changed, drained and removed", async () => {
  const added = await post(`mutation { addProvider(input: {name: "mine", kind: "openai", apiKey: "${apiKey}",
      baseUrl: "${upstream.url}/v1", model: "demo-chat", priority: 5})
      { name kind source priority baseUrl models draining version validation { asked } } }`);
  expect(added.data?.["addProvider"]).toEqual({
    name: "mine",
    kind: "openai",
    source: "MANAGED",
    priority: 5,
    baseUrl: `${upstream.url}/v1`,
    models: ["demo-chat"],
    draining: false,
    version: 1,
    validation: null,
  });
  const chat = await post(
    'mutation { chat(input: {messages: [{role: USER, parts: [{text: "Hello"}]}]}) { provider } }',
  );
  expect(chat.data).toEqual({ chat: { provider: "mine" } });

  const update = `mutation ($version: Int) { updateProvider(name: "mine", version: $version, validate: true,
    input: {priority: null, models: ["demo-mini"], breaker: {failureThreshold: 2, errorRate: {percent: 50}},
      timeouts: {connectMs: 700, firstTokenMs: 9000}, maxConcurrent: 4, probe: {intervalSeconds: 5}})
    { priority models connectMs maxConcurrent version validation { asked message }
      breaker { failureThreshold errorRate { percent minAttempts } } timeouts { firstTokenMs } probe { intervalSeconds timeoutMs } } }`;
  expect((await post(update, { version: 9 })).errors?.[0]?.extensions).toMatchObject({
    code: "conflict",
    field: "version",
  });
  expect((await post(update, { version: 1 })).data?.["updateProvider"]).toEqual({
    priority: 0,
    models: ["demo-chat", "demo-mini"],
    connectMs: 700,
    maxConcurrent: 4,
    version: 2,
    validation: { asked: true, message: "It answered with a list of 3 models." },
    breaker: { failureThreshold: 2, errorRate: { percent: 50, minAttempts: 20 } },
    timeouts: { firstTokenMs: 9_000 },
    probe: { intervalSeconds: 5, timeoutMs: 5_000 },
  });
  const drained = await post('mutation { drainProvider(name: "mine") { draining version } }');
  expect(drained.data).toEqual({ drainProvider: { draining: true, version: 3 } });
  const back = await post('mutation { drainProvider(name: "mine", draining: false) { draining } }');
  expect(back.data).toEqual({ drainProvider: { draining: false } });
  expect((await post('mutation { removeProvider(name: "mine") { name } }')).data).toEqual({
    removeProvider: { name: "mine" },
  });
  expect((await post("{ providers { name } }")).data).toEqual({ providers: [] });
});

it("a route is added, changed, drained and removed", async () => {
  await post(add, { input: mine() });
  const fields = `{ name source strategy automatic draining version onStreamBreak maxRetryDelayMs
    targets { provider model weight retries } hedge { afterMs maxSharePercent } smartWeights { latency cost }
    cache { mode ttlSeconds staleIfErrorSeconds
      semantic { embedding { provider model } threshold mode ttlSeconds } } fallbackMessage }`;
  const targets =
    '[{provider: "mine", model: "demo-chat", weight: 2}, {provider: "mine", model: "demo-mini", retries: 0}]';
  const added = await post(`mutation { addRoute(input: {name: "r", strategy: WEIGHTED, targets: ${targets},
    hedge: {maxSharePercent: 1.5}, onStreamBreak: CONTINUE, maxRetryDelayMs: 10,
    cache: {mode: DETERMINISTIC, ttlSeconds: 60, staleIfErrorSeconds: 600,
      semantic: {embedding: {provider: "mine", model: "demo-embed"}, threshold: 0.9}}, fallbackMessage: "Later."}) ${fields} }`);
  expect(added.data?.["addRoute"]).toMatchObject({
    name: "r",
    source: "MANAGED",
    strategy: "WEIGHTED",
    automatic: false,
    draining: false,
    version: 2,
    onStreamBreak: "CONTINUE",
    maxRetryDelayMs: 10,
    targets: [
      { model: "demo-chat", weight: 2, retries: null },
      { model: "demo-mini", weight: 1, retries: 0 },
    ],
    hedge: { afterMs: null, maxSharePercent: 1.5 },
    cache: {
      mode: "DETERMINISTIC",
      ttlSeconds: 60,
      staleIfErrorSeconds: 600,
      semantic: {
        embedding: { provider: "mine", model: "demo-embed" },
        threshold: 0.9,
        mode: "SHADOW",
        ttlSeconds: null,
      },
    },
    fallbackMessage: "Later.",
  });
  const changed = await post(`mutation { updateRoute(name: "r", version: 2,
    input: {strategy: SMART, smartWeights: {latency: 1, cost: 3}, hedge: {afterMs: 50}, cache: {mode: OFF},
    fallbackMessage: null}) ${fields} }`);
  expect(changed.data?.["updateRoute"]).toMatchObject({
    strategy: "SMART",
    onStreamBreak: "CONTINUE",
    smartWeights: { latency: 1, cost: 3 },
    hedge: { afterMs: 50 },
    cache: { mode: "OFF", ttlSeconds: null, staleIfErrorSeconds: null, semantic: null },
    fallbackMessage: null,
  });
  const automatic = await post(
    `mutation { updateRoute(name: "default", input: {strategy: LEAST_LATENCY}) ${fields} }`,
  );
  expect(automatic.data?.["updateRoute"]).toMatchObject({ strategy: "LEAST_LATENCY", automatic: true });
  expect((await post('mutation { drainRoute(name: "r") { draining } }')).data).toEqual({
    drainRoute: { draining: true },
  });
  expect((await post('mutation { removeRoute(name: "r") { draining } }')).data).toEqual({
    removeRoute: { draining: true },
  });
  const left = await post("{ routes { name } }");
  expect(left.data).toEqual({ routes: [{ name: "default" }] });
});

it.each([
  [add, { input: { name: "x", kind: "openai", apiKey, settings: "no object" } }, "settings"],
  [add, { input: { name: "x", kind: "none", apiKey } }, "kind"],
  [
    'mutation { addRoute(input: {name: "x", targets: [{provider: "mine", model: "m", weight: -1}]}) { name } }',
    {},
    "targets[0].weight",
  ],
  [
    'mutation { addRoute(input: {name: "x", targets: [{provider: "x", model: "m"}]}) { name } }',
    {},
    "targets[0].provider",
  ],
  [
    'mutation { updateProvider(name: "mine", input: {timeouts: {firstTokenMs: 0}}) { name } }',
    {},
    "timeouts.firstTokenMs",
  ],
])("what is wrong is refused with its field: %s %j", async (query, variables, field) => {
  await post(add, { input: mine() });
  const { data, errors } = await post(query, variables);
  expect(data ?? undefined).toBeUndefined();
  expect(errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", field });
});

const inDocument = (key: string) =>
  `mutation { addProvider(input: {name: "x", kind: "k", apiKey: ${key}}) { name } }`;

describe("a key is not shown by the errors of GraphQL itself", () => {
  const all = { name: "x", kind: "openai", apiKey, model: "m" };
  it.each([
    ["a variable without a field that must be there", add, { input: { kind: "openai", apiKey } }],
    ["a variable with a field that is none", add, { input: { ...all, modle: "m" } }],
    ["a field of another type", add, { input: { ...all, priority: "high" } }],
    ["a key of another type", add, { input: { ...all, apiKey: { value: apiKey } } }],
    ["a list of keys with something else", add, { input: { ...all, apiKeys: [apiKey, { key: apiKey }] } }],
    ["a variable that is no object", add, { input: apiKey }],
    ["a list in an object's place", add, { input: [all] }],
    [
      "a document that lacks a field",
      `mutation { addProvider(input: {kind: "k", apiKey: "${apiKey}"}) { name } }`,
      {},
    ],
    [
      "a document with a field that is none",
      `mutation { addProvider(input: {name: "x", kind: "k", apiKay: "${apiKey}"}) { name } }`,
      {},
    ],
    [
      "a document with a key of another type",
      `mutation { addProvider(input: {name: "x", kind: "k", apiKey: ["${apiKey}"]}) { name } }`,
      {},
    ],
    [
      "a document with a text in the wrong place",
      `mutation { addProvider(input: {name: "x", apiKey "${apiKey}"}) { name } }`,
      {},
    ],
    ["a key that is written with escapes", add, { input: { kind: "openai", apiKey: `"quoted"\\${apiKey}` } }],
    ["a document with a key that lacks its quotes", inDocument("sk_live_0123456789abcdef"), {}],
    ["a document with a key that is a number", inDocument("98765432109876543210"), {}],
    ["a variable with a key that is a number", add, { input: { ...all, apiKey: 9_876_543_210_987 } }],
    ["a document with escapes", inDocument('["sk\\u002dlive-0123456789abcdef"]'), {}],
    ["a document with lines", inDocument(`[["""\n  first-line-${apiKey}\n    ${apiKey}\n"""]]`), {}],
    ["a document with escapes in the wrong place", inDocument('"" "sk\\u002dlive-0123456789abcdef"'), {}],
    [
      "a document that ends too soon",
      `mutation { addProvider(input: {name: "x", kind: "k", apiKey: "${apiKey}"`,
      {},
    ],
  ])("%s", async (_, query, variables) => {
    const answer = await post(query, variables);
    expect(answer.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer)).not.toMatch(/0123456789abcdef|987654321/);
  });
});

it("whoever comes with a key changes nothing", async () => {
  await ports.close();
  const key = "a-key-of-sixteen-or-more";
  await fixture.close();
  fixture = await createManagedFixture("SQLite");
  await begin({ SLUICE_API_KEYS: key });
  const { errors } = await post(add, { input: mine() }, key);
  expect(errors?.[0]?.extensions.code).toBe("permission_denied");
  expect((await post(add, { input: mine() })).errors?.[0]?.extensions.code).toBe("unauthenticated");
  expect((await post("{ providers { name } }", {}, key)).data).toEqual({ providers: [] });
});
