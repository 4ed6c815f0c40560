// What the query `models` tells of a model.

import { afterEach, expect, test } from "vitest";
import type { ModelView } from "../../../src/core/models.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

async function shown(models: () => Promise<readonly ModelView[]>) {
  served = await serveGraphql({
    providers: { a: createScriptedProvider() },
    change: (gateway) => ({ ...gateway, settings: { ...gateway.settings, models } }),
  });
  return served.post({
    query: `{ models {
      id provider model displayName operations contextTokens maxOutputTokens
      capabilities { tools vision reasoning jsonSchema prefill }
      price { version inputPicos outputPicos cacheReadPicos cacheWritePicos }
    } }`,
  });
}

const nothing: ModelView = { id: "auto", provider: undefined, model: undefined };

const shownNothing = {
  id: "auto",
  provider: null,
  model: null,
  displayName: null,
  operations: null,
  contextTokens: null,
  maxOutputTokens: null,
  capabilities: null,
  price: null,
};

test("every fact", async () => {
  const { result } = await shown(async () => [
    {
      id: "a/m",
      provider: "a",
      model: "m",
      displayName: "The M",
      operations: ["chat", "embed"],
      contextTokens: 2 ** 31 - 1,
      maxOutputTokens: 0,
      capabilities: { tools: true, vision: false, reasoning: true, jsonSchema: false, prefill: true },
      price: {
        version: "list@1/m",
        inputPicos: 9_007_199_254_740_993n,
        outputPicos: 0n,
        cacheReadPicos: 1n,
        cacheWritePicos: 2n,
      },
    },
  ]);
  expect(result).toEqual({
    data: {
      models: [
        {
          id: "a/m",
          provider: "a",
          model: "m",
          displayName: "The M",
          operations: ["CHAT", "EMBED"],
          contextTokens: 2_147_483_647,
          maxOutputTokens: 0,
          capabilities: { tools: true, vision: false, reasoning: true, jsonSchema: false, prefill: true },
          price: {
            version: "list@1/m",
            inputPicos: "9007199254740993",
            outputPicos: "0",
            cacheReadPicos: "1",
            cacheWritePicos: "2",
          },
        },
      ],
    },
  });
});

test("what is not known is null", async () => {
  const { result } = await shown(async () => [
    nothing,
    { ...nothing, capabilities: { tools: false }, price: { version: "v", inputPicos: 5n } },
  ]);
  expect(result.data?.["models"]).toEqual([
    shownNothing,
    {
      ...shownNothing,
      capabilities: { tools: false, vision: null, reasoning: null, jsonSchema: null, prefill: null },
      price: {
        version: "v",
        inputPicos: "5",
        outputPicos: null,
        cacheReadPicos: null,
        cacheWritePicos: null,
      },
    },
  ]);
});

test.each([2 ** 31, 2 ** 53, 1.5, -1, Number.NaN, Infinity])(
  "%d tokens, which GraphQL cannot hold, are null and spoil nothing",
  async (count) => {
    const { result } = await shown(async () => [
      { ...nothing, contextTokens: count, maxOutputTokens: count },
    ]);
    expect(result).toEqual({ data: { models: [shownNothing] } });
  },
);

test("a failure to read them is told without its cause", async () => {
  const { response, result } = await shown(() => Promise.reject(new Error("the disk is full")));
  expect(response.status).toBe(500);
  expect(result.errors?.[0]?.extensions.code).toBe("internal");
  expect(result.errors?.[0]?.message).not.toContain("disk");
});
