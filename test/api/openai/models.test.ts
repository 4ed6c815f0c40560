// `GET /v1/models` and `GET /v1/models/{id}`.

import OpenAI from "openai";
import { afterEach, expect, test } from "vitest";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { ModelView } from "../../../src/core/models.ts";
import { allOf, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

let face: OpenAiFace | undefined;
afterEach(() => face?.close());

const listing =
  (models: readonly ModelView[]) =>
  (gateway: Gateway): Gateway => ({
    ...gateway,
    settings: { ...gateway.settings, models: () => Promise.resolve(models) },
  });

const known: ModelView = {
  id: "acme/deep/thought@1",
  provider: "acme",
  model: "deep/thought@1",
  displayName: "Deep Thought",
  contextTokens: 200_000,
  maxOutputTokens: 64_000,
  price: {
    version: "v",
    inputPicos: 1_250_000n,
    outputPicos: 12_000_000_000_007n,
    cacheReadPicos: 0n,
    cacheWritePicos: 1n,
    reasoningPicos: 2n,
    inputAudioPicos: 3n,
    outputAudioPicos: 4n,
    cacheReadAudioPicos: 5n,
  },
  capabilities: { tools: true, vision: false, reasoning: true, jsonSchema: true, prefill: false },
};

test("routes and models are listed with their owners", async () => {
  face = await serveOpenAi({ scripts: [] });
  const models = await allOf(face.client.models.list());
  expect(models).toEqual([
    { id: "default", object: "model", created: 1_750_000_000, owned_by: "sluice" },
    { id: "spare", object: "model", created: 1_750_000_000, owned_by: "sluice" },
    { id: "auto", object: "model", created: 1_750_000_000, owned_by: "sluice" },
    { id: "acme/m", object: "model", created: 1_750_000_000, owned_by: "acme" },
  ]);
});

test("what is known of a model is told, prices exactly and in dollars a token", async () => {
  face = await serveOpenAi({ scripts: [], wrap: listing([known]) });
  const told = {
    id: "acme/deep/thought@1",
    object: "model",
    created: 1_750_000_000,
    owned_by: "acme",
    name: "Deep Thought",
    context_length: 200_000,
    max_output_tokens: 64_000,
    pricing: {
      prompt: "0.00000125",
      completion: "12.000000000007",
      input_cache_read: "0",
      input_cache_write: "0.000000000001",
      internal_reasoning: "0.000000000002",
      audio: "0.000000000003",
      audio_output: "0.000000000004",
      input_audio_cache: "0.000000000005",
    },
    capabilities: { tools: true, vision: false, reasoning: true, json_schema: true, prefill: false },
  };
  expect(await allOf(face.client.models.list())).toEqual([told]);
  expect(await face.client.models.retrieve(known.id)).toEqual(told);
});

test("what is not known is left out", async () => {
  const price = { version: "v", inputPicos: 20_000n };
  const view = { id: "acme/e", provider: "acme", model: "e", price, capabilities: { tools: false } };
  face = await serveOpenAi({ scripts: [], wrap: listing([view]) });
  expect(await face.client.models.retrieve("acme/e")).toEqual({
    id: "acme/e",
    object: "model",
    created: 1_750_000_000,
    owned_by: "acme",
    pricing: { prompt: "0.00000002" },
    capabilities: { tools: false },
  });
});

test("a model is found with the slashes of its name escaped or plain", async () => {
  face = await serveOpenAi({ scripts: [], wrap: listing([known]) });
  for (const path of ["acme/deep/thought@1", "acme%2Fdeep%2Fthought%401"]) {
    const response = await fetch(`${face.baseUrl}/models/${path}`, { headers: { "x-request-id": "mine" } });
    expect(await response.json()).toMatchObject({ id: known.id });
    expect(response.headers.get("x-request-id")).toBe("mine");
  }
});

test("an unknown one is told so in the client's class of error", async () => {
  face = await serveOpenAi({ scripts: [] });
  const error = await face.client.models.retrieve("nothing").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect(error).toMatchObject({ status: 404, code: "not_found", param: "model", type: "not_found_error" });
  expect((await fetch(`${face.baseUrl}/models/%E0%A4%A`)).status).toBe(404);
});
