// The list of models by every front end: the same names and the same facts, of the provider's own list.

import { createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Model, ModelService, Operation } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { ListedModel, ModelView } from "../../../src/core/models.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { maybe } from "./clients/wire-schemas.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";

const listed: readonly ListedModel[] = [
  {
    id: "all-known",
    displayName: "All Known",
    operations: ["chat"],
    contextTokens: 1_048_576,
    maxOutputTokens: 65_536,
    capabilities: { tools: true, vision: false, reasoning: true, jsonSchema: true, prefill: false },
    price: {
      version: "list/all-known",
      inputPicos: 1_250_000n,
      outputPicos: 10_000_000n,
      cacheReadPicos: 125_000n,
      cacheWritePicos: 0n,
      cacheWriteLongPicos: 1n,
      inputAudioPicos: 2n,
      cacheReadAudioPicos: 3n,
      reasoningPicos: 4n,
      outputAudioPicos: 5n,
    },
  },
  { id: "embeds", operations: ["embed"], price: { version: "list/embeds", inputPicos: 20_000n } },
  { id: "little-known", capabilities: { vision: true } },
];

let parity: ParityGateway;
let library: readonly ModelView[];
beforeAll(async () => {
  const provider = Object.assign(createScriptedProvider(), { listModels: () => Promise.resolve(listed) });
  parity = await startGateway({ openai: provider });
  const principal = await parity.gateway.access.authenticate({
    credential: undefined,
    remoteAddress: "127.0.0.1",
    host: undefined,
    origin: undefined,
  });
  library = await parity.gateway.settings.models(principal);
});
afterAll(() => parity.close());

test("the library tells routes first, then what is configured and what the provider lists", () => {
  const ids = library.map(({ id }) => id);
  expect(ids.slice(0, 3)).toEqual(["summaries", "default", "auto"]);
  expect(ids).toContain("openai/gpt-4.1-mini");
  for (const { id, ...facts } of listed) {
    expect(library.find((view) => view.id === `openai/${id}`)).toMatchObject({ ...facts, model: id });
  }
});

const given = (text: string): string | undefined => (text === "" ? undefined : text);
const count = (value: bigint | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

const fromProtobuf = (model: Model): ModelView => ({
  id: model.id,
  provider: given(model.provider),
  model: given(model.model),
  displayName: given(model.displayName),
  operations:
    model.operations.length === 0
      ? undefined
      : model.operations.map((each) => (each === Operation.EMBED ? "embed" : "chat")),
  contextTokens: count(model.contextTokens),
  maxOutputTokens: count(model.maxOutputTokens),
  capabilities: model.capabilities && { ...model.capabilities },
  price: model.price && { ...model.price },
});

/** Without protobuf's own members; picos as texts, which JSON has no numbers for. */
const comparable = (views: readonly ModelView[]): unknown =>
  JSON.parse(
    JSON.stringify(views, (key, value: unknown) =>
      key.startsWith("$") ? undefined : typeof value === "bigint" ? value.toString() : value,
    ),
  );

const transports: readonly (readonly [string, () => Transport])[] = [
  ["gRPC", () => createGrpcTransport({ baseUrl: `http://127.0.0.1:${parity.ports.grpcPort}` })],
  ["Connect", () => createConnectTransport({ baseUrl: parity.baseUrl, httpVersion: "1.1" })],
  [
    "Connect JSON",
    () => createConnectTransport({ baseUrl: parity.baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  ["gRPC-Web", () => createGrpcWebTransport({ baseUrl: parity.baseUrl, httpVersion: "1.1" })],
];

test.each(transports)("%s tells the same", async (_, transport) => {
  const { models } = await createClient(ModelService, transport()).listModels({});
  expect(comparable(models.map(fromProtobuf))).toEqual(comparable(library));
});

const flag = maybe(z.boolean());
const picos = maybe(z.string().transform(BigInt));
const capabilities = { tools: flag, vision: flag, reasoning: flag, prefill: flag };

const graphqlSchema = z.object({
  data: z.object({
    models: z.array(
      z.strictObject({
        id: z.string(),
        provider: maybe(z.string()),
        model: maybe(z.string()),
        displayName: maybe(z.string()),
        operations: maybe(z.array(z.enum(["CHAT", "EMBED"]))).transform((all) =>
          all?.map((each) => (each === "EMBED" ? ("embed" as const) : ("chat" as const))),
        ),
        contextTokens: maybe(z.number()),
        maxOutputTokens: maybe(z.number()),
        capabilities: maybe(z.strictObject({ ...capabilities, jsonSchema: flag })),
        price: maybe(
          z.strictObject({
            version: z.string(),
            inputPicos: z.string().transform(BigInt),
            outputPicos: picos,
            cacheReadPicos: picos,
            cacheWritePicos: picos,
            cacheWriteLongPicos: picos,
            inputAudioPicos: picos,
            cacheReadAudioPicos: picos,
            reasoningPicos: picos,
            outputAudioPicos: picos,
          }),
        ),
      }),
    ),
  }),
});

test("GraphQL tells the same", async () => {
  const query = `{ models { id provider model displayName operations contextTokens maxOutputTokens
    capabilities { tools vision reasoning jsonSchema prefill }
    price { version inputPicos outputPicos cacheReadPicos cacheWritePicos cacheWriteLongPicos inputAudioPicos
      cacheReadAudioPicos reasoningPicos outputAudioPicos } } }`;
  const response = await fetch(`${parity.baseUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { models } = graphqlSchema.parse(await response.json()).data;
  expect(comparable(models)).toEqual(comparable(library));
});

const openAiSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.string().optional(),
      context_length: z.number().optional(),
      max_output_tokens: z.number().optional(),
      capabilities: z.object({ ...capabilities, json_schema: flag }).optional(),
    }),
  ),
});

// Its prices are dollars, held by its own tests; operations and a price's version have no place in OpenAI's format.
test("the OpenAI face tells the same of names, sizes and capabilities", async () => {
  const response = await fetch(`${parity.baseUrl}/v1/models`);
  const { data } = openAiSchema.parse(await response.json());
  const told = data.map(({ id, name, context_length, max_output_tokens, capabilities: known }) => {
    const { json_schema: jsonSchema, ...same } = known ?? {};
    return {
      id,
      displayName: name,
      contextTokens: context_length,
      maxOutputTokens: max_output_tokens,
      capabilities: known && { ...same, jsonSchema },
    };
  });
  const expected = library.map(
    ({ id, displayName, contextTokens, maxOutputTokens, capabilities: known }) => ({
      id,
      displayName,
      contextTokens,
      maxOutputTokens,
      capabilities: known,
    }),
  );
  expect(told).toEqual(expected);
});
