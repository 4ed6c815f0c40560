import { expect, test } from "vitest";
import { modelFamilies } from "../../../src/providers/catalog/model-families.ts";
import { createModelTable } from "../../../src/providers/catalog/model-table.ts";
import { createPriceList } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds, providerTable } from "../../../src/providers/provider-table.ts";

const table = createModelTable(createPriceList(priceListIds));
const atMs = Date.UTC(2026, 8, 25);
const find = (kind: string, model: string) => table.find({ provider: "mine", kind, model, atMs });

test("a model has its price, its context and what its maker documents", () => {
  expect(find("openai", "gpt-5-mini")).toEqual({
    operations: ["chat"],
    contextTokens: 400_000,
    maxOutputTokens: 128_000,
    capabilities: { tools: true, vision: true, reasoning: true, jsonSchema: true, prefill: false },
    price: createPriceList(priceListIds).find({
      provider: "mine",
      kind: "openai",
      model: "gpt-5-mini",
      atMs,
    }),
  });
});

test.each(
  Object.values(providerTable).flatMap(({ kind, defaultModel }) =>
    defaultModel === undefined ? [] : [[kind, defaultModel]],
  ),
)("what %s is asked by default, %s, is known to take tools", (kind, model) => {
  expect(find(kind, model)?.capabilities?.tools).toBe(true);
});

test.each([
  ["openrouter", "anthropic/claude-sonnet-4.5", { jsonSchema: true, prefill: true }],
  ["openrouter", "anthropic/claude-opus-4.6", { prefill: false }],
  ["openrouter", "mistralai/mistral-small-2506", { prefill: undefined }],
  ["openrouter", "meta-llama/llama-3.3-70b-instruct", { prefill: undefined }],
  ["bedrock", "mistral.pixtral-large-2502-v1:0", { prefill: undefined }],
  ["bedrock", "eu.anthropic.claude-opus-4-6-v1", { prefill: false }],
  ["groq", "llama-3.3-70b-versatile", { prefill: true }],
  ["groq", "qwen/qwen3-32b", { reasoning: true, prefill: undefined }],
  ["vllm", "Qwen/Qwen2.5-7B-Instruct", { prefill: true }],
  ["vllm", "Qwen/Qwen3-8B", { prefill: undefined }],
  ["ollama", "llama3.2:3b", { prefill: undefined }],
  ["deepseek", "deepseek-chat", { prefill: undefined }],
  ["mistral", "magistral-medium-latest", { prefill: undefined }],
  ["openai", "gpt-4o", { prefill: false }],
  ["vllm", "gpt-4o", { prefill: false }],
  ["anthropic", "claude-sonnet-4-5-20250929", { jsonSchema: true, prefill: true }],
  ["bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", { jsonSchema: true, prefill: true }],
  ["anthropic", "claude-opus-4-6", { prefill: false }],
  ["anthropic", "claude-sonnet-4-20250514", { reasoning: true, jsonSchema: false, prefill: true }],
  ["anthropic", "claude-3-5-haiku-latest", { reasoning: false }],
  ["azure", "gpt-4o", { vision: true, reasoning: false, jsonSchema: true }],
  ["openai", "gpt-4o-2024-05-13", { jsonSchema: false }],
  ["openai", "o3-mini", { vision: false, reasoning: true }],
  ["openai", "ft:gpt-4o-mini:org::id", undefined],
  ["groq", "openai/gpt-oss-120b", { tools: true, reasoning: true, vision: false, jsonSchema: undefined }],
  ["ollama", "gpt-oss:20b", { reasoning: true, jsonSchema: true }],
  ["ollama", "llama3.2:3b", { tools: true, vision: false, jsonSchema: true }],
  ["vllm", "meta-llama/Llama-4-Scout-17B-16E-Instruct", { vision: true, jsonSchema: true }],
  ["bedrock", "us.meta.llama3-3-70b-instruct-v1:0", { tools: true, vision: false }],
  ["gemini", "gemini-2.0-flash", { reasoning: false }],
  ["xai", "grok-4.20-non-reasoning", { reasoning: false }],
  ["mistral", "mistral-small-2501", undefined],
  ["mistral", "mistral-small-2506", { vision: true, prefill: true }],
])("%s: %s can %j", (kind, model, capabilities) => {
  const found = find(kind, model)?.capabilities;
  if (capabilities === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(capabilities);
});

test.each([
  ["openai", "text-embedding-3-small", ["embed"]],
  ["gemini", "gemini-embedding-001", ["embed"]],
  ["ollama", "nomic-embed-text:latest", ["embed"]],
  ["openai", "whisper-1", []],
  ["openai", "gpt-4o-mini-tts", []],
  ["openai", "gpt-image-1", []],
  ["openai", "gpt-realtime", []],
  ["openai", "gpt-4o-audio-preview", ["chat"]],
  ["gemini", "gemini-3.1-flash-image", ["chat"]],
])("%s: %s is asked for %j", (kind, model, operations) => {
  expect(find(kind, model)).toMatchObject({ operations });
});

test("what nobody documents is not known", () => {
  expect(find("vllm", "my-model")).toBeUndefined();
  expect(find("openai", "no-such-model")).toBeUndefined();
});

test("every family has its source, and its pattern is for names in lower case", () => {
  for (const { pattern, source } of modelFamilies) {
    expect(source).toMatch(/^https:\/\//);
    expect(pattern.flags).toBe("");
    // Letters of classes such as \d aside.
    expect(pattern.source.replaceAll(/\\[a-z]/gi, "")).not.toMatch(/[A-Z]/);
  }
});
