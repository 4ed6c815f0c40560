import { expect, test } from "vitest";
import { configurationOf } from "../../src/gateway.ts";
import { createPriceList } from "../../src/providers/catalog/price-list.ts";
import { priceListIds, providerTable } from "../../src/providers/provider-table.ts";

const kinds = Object.values(providerTable).toSorted((a, b) => a.defaultOrder - b.defaultOrder);

test("the default route's order", () => {
  expect(kinds.map(({ kind }) => kind)).toEqual([
    "groq",
    "openai",
    "gemini",
    "anthropic",
    "azure",
    "xai",
    "mistral",
    "deepseek",
    "openrouter",
    "cerebras",
    "vllm",
    "ollama",
    "openai-compatible",
    "bedrock",
  ]);
});

test.each(kinds.map((kind) => [kind.kind, kind]))(
  "%s can be made, with each of its APIs",
  async (_, kind) => {
    const baseUrl = kind.defaultBaseUrl?.replace("{region}", "eu-west-1") ?? "https://mine.test";
    for (const api of [undefined, ...kind.apis]) {
      const provider = kind.create({ baseUrl, apiKey: "key", api, settings: { region: "eu-west-1" } });
      expect(provider).toHaveProperty("chat");
      expect(provider.listModels !== undefined, `a list of models over ${api}`).toBe(kind.listsModels);
      await provider.close?.();
    }
  },
);

test.each(
  kinds.flatMap(({ kind, defaultModel }) => (defaultModel === undefined ? [] : [[kind, defaultModel]])),
)("%s: its default model %s has a price", (kind, model) => {
  expect(
    createPriceList(priceListIds).find({ provider: "mine", kind, model, atMs: Date.UTC(2026, 8, 25) }),
  ).toBeDefined();
});

test("no variable is read by two kinds", () => {
  const names = kinds.flatMap(({ env, settings }) =>
    Object.entries(env ?? {})
      .map(([member, name]) => (member === "loadedBy" ? undefined : name))
      .concat(settings.map(({ variable }) => variable))
      .filter((name) => name !== undefined),
  );
  expect(names.length).toBeGreaterThan(50);
  expect(new Set(names).size).toBe(names.length);
});

const loadedBy = (environment: Record<string, string>) =>
  configurationOf(environment).providers.map(({ name, apiKeys, baseUrl, models }) => [
    name,
    apiKeys.join(),
    baseUrl,
    models,
  ]);

test("Azure is loaded by its key or token, and asked for at its endpoint", () => {
  const endpoint = { AZURE_OPENAI_ENDPOINT: "https://mine.openai.azure.com" };
  const deployments = { AZURE_OPENAI_DEPLOYMENTS: "gpt-5-mini=mini-1,gpt-5=five" };
  expect(loadedBy({ ...endpoint, ...deployments, AZURE_OPENAI_API_KEY: "k" })).toEqual([
    ["azure", "k", "https://mine.openai.azure.com", ["gpt-5-mini", "gpt-5"]],
  ]);
  expect(loadedBy({ ...endpoint, AZURE_OPENAI_AD_TOKEN: "t", AZURE_OPENAI_MODEL: "m" })).toEqual([
    ["azure", "", "https://mine.openai.azure.com", ["m"]],
  ]);
  expect(() => loadedBy({ AZURE_OPENAI_API_KEY: "k" })).toThrow(
    "AZURE_OPENAI_ENDPOINT (or AZURE_OPENAI_BASE_URL): is missing. AZURE_OPENAI_API_KEY is set without it.",
  );
});

test("Bedrock is loaded by its own token, never by credentials that lie about", () => {
  const ambient = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "eu-west-1" };
  expect(loadedBy(ambient)).toEqual([]);
  expect(loadedBy({ ...ambient, AWS_BEARER_TOKEN_BEDROCK: "k" })).toEqual([
    ["bedrock", "k", "https://bedrock-runtime.eu-west-1.amazonaws.com", []],
  ]);
  expect(() => loadedBy({ AWS_BEARER_TOKEN_BEDROCK: "k" })).toThrow(
    "AWS_REGION: is missing. bedrock needs it.",
  );
});

test("servers of one's own are loaded by their address", () => {
  expect(loadedBy({ VLLM_BASE_URL: "http://gpu:8000/v1", OLLAMA_BASE_URL: "http://gpu:11434" })).toEqual([
    ["vllm", "", "http://gpu:8000/v1", []],
    ["ollama", "", "http://gpu:11434", []],
  ]);
});
