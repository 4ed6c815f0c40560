// Embeddings by the mutation `embed`.

import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { toEmbedRequest } from "../../../src/api/graphql/embed-mapping.ts";
import { vectorBase64 } from "../../../src/api/graphql/vector-base64.ts";
import { asBytes, asNumbers, spend } from "../../../src/api/graphql/vector-budget.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createScriptedEmbedder, vectorsOf } from "../../support/scripted-embedder.ts";
import { aborted, createScriptedProvider } from "../../support/scripted-provider.ts";
import { type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

const embedMutation = /* GraphQL */ `
  mutation ($input: EmbedInput!) {
    embed(input: $input) {
      id
      provider
      model
      createdAt
      vectors {
        values
        base64
        dimensions
      }
      usage {
        input {
          total
        }
        output {
          total
        }
        source
      }
      meta {
        requestId
        provider
        modelServed
        costNanos
      }
    }
  }
`;

const input = { inputs: [{ text: "Hello" }, { tokens: { ids: [5, 0] } }] };

describe("mutation embed", () => {
  test("gives the vectors as numbers and as bytes, with what is known of the call", async () => {
    const embedder = createScriptedEmbedder();
    served = await serveGraphql({
      providers: { a: embedder },
      prices: { find: () => ({ version: "v", inputPicos: 20_000n }) },
    });
    const { response, result } = await served.post({ query: embedMutation, variables: { input } });
    expect(response.status).toBe(200);
    const id = served.ledger.opened[0]?.id;
    expect(response.headers.get("x-sluice-request-id")).toBe(id);
    expect(result.errors).toBeUndefined();
    expect(result.data?.["embed"]).toEqual({
      id,
      provider: "a",
      model: "scripted-embed-1",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      vectors: vectorsOf({ inputs: ["Hello", [5, 0]] }).vectors.map((vector) => ({
        values: Array.from(vector),
        base64: Buffer.from(vector.buffer).toString("base64"),
        dimensions: 3,
      })),
      usage: { input: { total: "8" }, output: { total: "0" }, source: "REPORTED" },
      meta: { requestId: id, provider: "a", modelServed: "scripted-embed-1", costNanos: "160" },
    });
    expect(embedder.embedCalls[0]?.request).toEqual({ inputs: ["Hello", [5, 0]] });
    expect(served.ledger.opened[0]).toMatchObject({ operation: "embed", messageCount: 2, delivery: "unary" });
  });

  test("tells of a provider that gives no embeddings", async () => {
    served = await serveGraphql({ providers: { a: createScriptedProvider() } });
    const { response, result } = await served.post({ query: embedMutation, variables: { input } });
    expect(response.status).toBe(502);
    expect(result.data).toBeNull();
    expect(result.errors?.[0]?.extensions).toMatchObject({
      code: "all_providers_failed",
      attempts: [{ provider: "a", failure: "model_unavailable" }],
    });
  });

  test("tells when a provider at its limit may be asked again", async () => {
    const refuse = new ProviderError({ failure: "rate_limited", message: "Slow down.", retryAfterMs: 1_500 });
    served = await serveGraphql({
      providers: {
        a: createScriptedEmbedder(() => {
          throw refuse;
        }),
      },
    });
    const { response, result } = await served.post({ query: embedMutation, variables: { input } });
    expect(response.headers.get("retry-after")).toBe("2");
    expect(result.errors?.[0]?.extensions.retryAfterMs).toBe(1_500);
  });

  test("ends the call at its provider when its caller leaves", async () => {
    const called = Promise.withResolvers<AbortSignal>();
    const embedder = createScriptedEmbedder((_, { signal }) => {
      called.resolve(signal);
      return aborted(signal);
    });
    served = await serveGraphql({ providers: { a: embedder } });
    const leaving = new AbortController();
    const answer = fetch(served.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: embedMutation, variables: { input } }),
      signal: leaving.signal,
    }).catch(() => {});
    const signal = await called.promise;
    const ended = once(signal, "abort");
    leaving.abort();
    await ended;
    expect(signal.reason).toMatchObject({ code: "cancelled" });
    await answer;
  });

  test("shows no more than is allowed, and tells which call it was", async () => {
    served = await serveGraphql({ providers: { a: createScriptedEmbedder() } });
    const query = `mutation ($input: EmbedInput!) { embed(input: $input) { vectors { values again: values } } }`;
    const long = { inputs: Array.from({ length: 9 }, () => ({ text: "a" })), dimensions: 65_536 };
    const { response, result } = await served.post({ query, variables: { input: long } });
    expect(response.status).toBe(400);
    expect(result.data).toBeNull();
    expect(result.errors).toHaveLength(1);
    expect(result.errors?.[0]?.message).toMatch(/^values: .* at most 1048576 components .* `base64`/);
    const id = served.ledger.opened[0]?.id;
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", requestId: id });
  });

  test("lets nothing into JSON that is no number", async () => {
    const embedder = createScriptedEmbedder((request) => ({
      ...vectorsOf(request),
      vectors: request.inputs.map(() => Float32Array.of(1, Number.NaN)),
    }));
    served = await serveGraphql({ providers: { a: embedder } });
    const { response, result } = await served.post({ query: embedMutation, variables: { input } });
    expect(response.status).toBe(502);
    expect(result.data).toBeNull();
    expect(result.errors?.[0]?.extensions.attempts).toMatchObject([{ failure: "broken_reply" }]);
  });

  test.each<[string, object, { field?: string; words: RegExp }]>([
    ["no inputs", { inputs: [] }, { field: "inputs", words: /at least one/ }],
    ["an input of no kind", { inputs: [{}] }, { field: "inputs[0]", words: /text and tokens, not none/ }],
    [
      "an input of both kinds",
      { inputs: [{ text: "a" }, { text: "b", tokens: { ids: [1] } }] },
      { field: "inputs[1]", words: /text and tokens, not both/ },
    ],
    ["an empty text", { inputs: [{ text: "" }] }, { field: "inputs[0]", words: /not be empty/ }],
    ["a token that is none", { inputs: [{ tokens: { ids: [1.5] } }] }, { words: /1\.5/ }],
    ["an unknown field", { ...input, dimension: 5 }, { words: /dimension/ }],
    ["labels that are no strings", { ...input, labels: { a: 1 } }, { field: "labels.a", words: /string/ }],
    [
      "options that are no object",
      { ...input, providerOptions: { openai: 1 } },
      { field: "providerOptions.openai", words: /object/ },
    ],
  ])("refuses %s", async (_, asked, { field, words }) => {
    const embedder = createScriptedEmbedder();
    served = await serveGraphql({ providers: { a: embedder } });
    const { response, result } = await served.post({ query: embedMutation, variables: { input: asked } });
    expect(response.status).toBe(400);
    const [error] = result.errors ?? [];
    expect(error?.extensions.code).toBe("invalid_request");
    expect(error?.extensions.field).toBe(field);
    expect(error?.message).toMatch(words);
    expect(embedder.embedCalls).toHaveLength(0);
  });
});

describe("toEmbedRequest", () => {
  test("carries every field over", () => {
    expect(
      toEmbedRequest({
        model: "openai/m",
        inputs: [{ text: "a", tokens: null }, { tokens: { ids: [1] } }],
        dimensions: 5,
        purpose: "document",
        labels: { team: "x" },
        providerOptions: { openai: { user: "u" } },
      }),
    ).toEqual({
      model: "openai/m",
      inputs: ["a", [1]],
      dimensions: 5,
      purpose: "document",
      labels: { team: "x" },
      providerOptions: { openai: { user: "u" } },
    });
  });

  test("takes null for absent, and the empty model for none", () => {
    const request = toEmbedRequest({ model: "", inputs: [], dimensions: null, purpose: null, labels: null });
    expect(request).toEqual({ inputs: [] });
  });
});

describe("what one operation shows of vectors", () => {
  const half = new Float32Array(asNumbers.mostComponents / 2);
  const refusal = { code: "invalid_request", field: "values" };

  test("is bounded, in numbers sooner than in bytes", () => {
    const budget = { shownVectors: 0, replyMeta: undefined };
    spend(budget, half, asNumbers);
    spend(budget, half, asNumbers);
    expect(() => spend(budget, new Float32Array(1), asNumbers)).toThrow(expect.objectContaining(refusal));
    const ofBytes = { shownVectors: 0, replyMeta: undefined };
    for (let i = 0; i < 16; i += 1) spend(ofBytes, half, asBytes);
    expect(() => spend(ofBytes, new Float32Array(1), asBytes)).toThrow(/^base64: .* Embed fewer/);
  });

  test("is counted over both forms", () => {
    const budget = { shownVectors: 0, replyMeta: undefined };
    spend(budget, half, asNumbers);
    spend(budget, half, asBytes);
    expect(() => spend(budget, half, asNumbers)).toThrow(expect.objectContaining(refusal));
  });
});

test("a vector's bytes are little-endian, and only its own", () => {
  const within = new Float32Array([9, 1, -2, 9]).subarray(1, 3);
  expect(Buffer.from(vectorBase64(within), "base64").toString("hex")).toBe("0000803f000000c0");
});
