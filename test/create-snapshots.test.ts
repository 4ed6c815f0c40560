import { describe, expect, it } from "vitest";
import { createOpenCalls } from "../src/core/open-calls.ts";
import { picosAToken } from "../src/core/pricing/pico-price.ts";
import type { ConfiguredPrice } from "../src/core/pricing/configured-prices.ts";
import type { Snapshot } from "../src/core/snapshot.ts";
import { createSnapshots } from "../src/create-snapshots.ts";
import { configurationOf } from "../src/gateway.ts";
import { asked, budgetedGateway } from "./core/budgets/budgeted-gateway.ts";
import { createScriptedProvider, textScript } from "./support/scripted-provider.ts";

const environment = {
  GEMINI_API_KEY: "k",
  OPENROUTER_API_KEY: "k",
  OPENAI_API_KEY: "k",
  AZURE_OPENAI_API_KEY: "k",
  AZURE_OPENAI_ENDPOINT: "https://mine.openai.azure.com",
  AZURE_OPENAI_DEPLOYMENTS: "gpt-5-mini=mini-1,my-own=mine",
  AWS_BEARER_TOKEN_BEDROCK: "k",
  AWS_REGION: "eu-west-1",
  OLLAMA_BASE_URL: "http://gpu:11434",
};
const atMs = Date.UTC(2026, 8, 25);

const costing = (provider: string, model: string | undefined, dollars: number): ConfiguredPrice => {
  const price = { version: `own/${provider}/${model ?? "*"}`, inputPicos: picosAToken(dollars) };
  return { provider, model, versions: [{ fromMs: undefined, price, tiers: [] }] };
};

function snapshotWith(prices: readonly ConfiguredPrice[] = []): Snapshot {
  const { snapshots } = createSnapshots(
    { ...configurationOf(environment), prices },
    { openCalls: createOpenCalls(), allowsAddress: () => true, reportFault: () => {} },
  );
  return snapshots.current();
}

const priceIn = ({ prices }: Snapshot, name: string) => {
  const slash = name.indexOf("/");
  const kind = name.slice(0, slash);
  return prices.find({ provider: kind, kind, model: name.slice(slash + 1), atMs });
};

describe("a model's price, by another name that its vendor takes", () => {
  const listed = snapshotWith();

  it.each([
    ["gemini/models/gemini-2.5-pro", "gemini/gemini-2.5-pro"],
    ["openrouter/openai/gpt-4o:nitro", "openrouter/openai/gpt-4o"],
    ["openrouter/openai/gpt-4o:nitro:online", "openrouter/openai/gpt-4o"],
    ["openrouter/OpenAI/gpt-4o:online", "openrouter/openai/gpt-4o"],
    ["openrouter/openai/gpt-4o@preset/mine", "openrouter/openai/gpt-4o"],
    ["azure/mini-1", "azure/gpt-5-mini"],
    ["azure/Mini-1", "azure/gpt-5-mini"],
    [
      "bedrock/arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
      "bedrock/anthropic.claude-haiku-4-5-20251001-v1:0",
    ],
  ])("%s has the list's price of %s", (name, plain) => {
    expect(priceIn(listed, plain)).toBeDefined();
    expect(priceIn(listed, name)).toEqual(priceIn(listed, plain));
  });

  it("is not taken where the name has a price of its own, is free, or is no other name", () => {
    expect(priceIn(listed, "openrouter/openai/gpt-4o:extended")?.inputPicos).toBe(6_000_000n);
    expect(priceIn(listed, "openrouter/openai/gpt-4o:free")).toBeUndefined();
    expect(priceIn(listed, "openrouter/@preset/mine")).toBeUndefined();
    expect(priceIn(listed, "openai/gpt-4o:nitro")).toBeUndefined();
    expect(priceIn(listed, "azure/mine")).toBeUndefined();
  });

  it.each([
    ["gemini/models/mine", "gemini/mine"],
    ["gemini/mine", "gemini/models/mine"],
    ["openrouter/openai/gpt-4o:nitro", "openrouter/openai/gpt-4o"],
    ["openrouter/anthropic/claude-3.7-sonnet:thinking", "openrouter/anthropic/claude-3.7-sonnet"],
    ["azure/mine", "azure/my-own"],
    ["azure/my-own", "azure/mine"],
    ["bedrock/eu.mine.big-v1:0", "bedrock/mine.big-v1:0"],
    ["ollama/llama3.2:latest", "ollama/llama3.2"],
    ["ollama/llama3.2", "ollama/llama3.2:latest"],
    ["openai/GPT-Mine", "openai/gpt-mine"],
  ])("%s has the operator's own price of %s, before that of all models and the list's", (name, plain) => {
    const slash = plain.indexOf("/");
    const provider = plain.slice(0, slash);
    const own = snapshotWith([costing(provider, undefined, 1), costing(provider, plain.slice(slash + 1), 7)]);
    expect(priceIn(own, name)?.version).toBe(`own/${plain}`);
  });

  it("gives way to the operator's own price of just that name", () => {
    const own = snapshotWith([
      costing("gemini", "gemini-2.5-pro", 7),
      costing("gemini", "models/gemini-2.5-pro", 8),
      costing("openrouter", "openai/gpt-4o:nitro", 9),
    ]);
    expect(priceIn(own, "gemini/models/gemini-2.5-pro")?.inputPicos).toBe(8_000_000n);
    expect(priceIn(own, "gemini/gemini-2.5-pro")?.inputPicos).toBe(7_000_000n);
    expect(priceIn(own, "openrouter/openai/gpt-4o:nitro")?.inputPicos).toBe(9_000_000n);
    expect(priceIn(own, "openrouter/openai/gpt-4o")?.inputPicos).toBe(2_500_000n);
  });

  it("comes with the rest that is known of the model: its longest answer and its context", () => {
    const query = { provider: "openrouter", kind: "openrouter", atMs };
    const plain = listed.modelTable.find({ ...query, model: "openai/gpt-5" });
    expect(plain?.maxOutputTokens).toBe(128_000);
    expect(listed.modelTable.find({ ...query, model: "openai/gpt-5:nitro" })).toEqual(plain);
  });

  it.each([
    ["gemini", "models/gemini-2.5-pro"],
    ["openrouter", "openai/gpt-4o:nitro"],
  ])("is held by budgets: %s/%s", async (kind, model) => {
    const provider = createScriptedProvider(textScript("Hi"));
    const { gateway, principal } = budgetedGateway({
      budget: { hardNanos: 1_000n },
      providers: { [kind]: provider },
      prices: listed.prices,
    });
    const call = gateway.chat({ ...asked, model: `${kind}/${model}` }, { principal });
    await expect(call).rejects.toMatchObject({ code: "budget_exceeded" });
    expect(provider.calls).toEqual([]);
  });
});
