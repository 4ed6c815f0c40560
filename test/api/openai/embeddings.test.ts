// `POST /v1/embeddings`: what reaches the provider, and what its vectors become.

import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import type { ProviderEmbedded } from "../../../src/core/embed/events.ts";
import type { EmbedRequest } from "../../../src/core/embed/request.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

const faces: OpenAiFace[] = [];
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

/** Numbers that a float of 32 bits does not hold exactly as they are written. */
const vectors = [Float32Array.of(0.1, -2.5, 3e-20), Float32Array.of(1, 0, -0.3)];

async function serveEmbeddings(answer: Partial<ProviderEmbedded> = {}) {
  const asked: EmbedRequest[] = [];
  const embed: Provider["embed"] = async (request) => {
    asked.push(request);
    return { losses: [{ field: "dimensions", detail: "Dropped." }], events: once(request, answer) };
  };
  const face = await serveOpenAi({ scripts: [], embed });
  faces.push(face);
  const post = (body: unknown, headers: Record<string, string> = {}, base = face.baseUrl) =>
    fetch(`${base}/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { ...face, asked, post };
}

async function* once({ inputs }: EmbedRequest, answer: Partial<ProviderEmbedded>) {
  const event: ProviderEmbedded = {
    type: "embedded",
    model: "acme-embed-1",
    vectors: inputs.map((_, i) => vectors[i % 2] ?? new Float32Array()),
    usage: { input: { total: 7 }, output: { total: 0 }, source: "reported" },
    ...answer,
  };
  yield event;
}

const bytesOf = (vector = new Float32Array()) => Buffer.from(vector.buffer);

/** Without the members that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("an answer", () => {
  test("has a vector for each input, the served model and the usage", async () => {
    const { post } = await serveEmbeddings();
    const response = await post({ model: "default", input: ["a", "b"] });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      object: "list",
      data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: [...vector] })),
      model: "acme-embed-1",
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
  });

  test("in base64 holds the same numbers, the lowest byte first", async () => {
    const { post } = await serveEmbeddings();
    const { data } = await (await post({ input: "a", encoding_format: "base64" })).json();
    const bytes = Buffer.from(data[0].embedding, "base64");
    expect([0, 4, 8].map((at) => bytes.readFloatLE(at))).toEqual([...(vectors[0] ?? [])]);
    expect(bytes).toHaveLength(12);
  });

  test("of a vector that stands inside a larger buffer holds its own bytes alone", async () => {
    const inside = new Float32Array(Float32Array.of(9, 9, 0.5, 9).buffer, 8, 1);
    const { post } = await serveEmbeddings({ vectors: [inside] });
    const { data } = await (await post({ input: "a", encoding_format: "base64" })).json();
    expect(Buffer.from(data[0].embedding, "base64")).toEqual(Buffer.from([0, 0, 0, 0x3f]));
  });

  test("without a known usage tells none", async () => {
    const { post } = await serveEmbeddings({ usage: undefined });
    expect(await (await post({ input: "a" })).json()).not.toHaveProperty("usage");
  });

  test("tells the call in headers, and in `sluice` where that is asked for", async () => {
    const { post } = await serveEmbeddings();
    const response = await post({ input: "a" }, { "x-request-id": "mine-7", "x-sluice-meta": "1" });
    expect(response.headers.get("x-request-id")).toBe("mine-7");
    expect(response.headers.get("x-sluice-request-id")).toBe("id-1");
    expect(response.headers.get("x-sluice-provider")).toBe("acme");
    expect(response.headers.get("x-sluice-losses")).toBe("dimensions");
    expect(response.headers.get("openai-processing-ms")).toBe("0");
    expect((await response.json()).sluice).toMatchObject({
      provider: "acme",
      model_served: "acme-embed-1",
      attempts: 1,
      losses: [{ field: "dimensions", detail: "Dropped." }],
    });
    expect(await (await post({ input: "a" })).json()).not.toHaveProperty("sluice");
  });

  test("is given under /api/v1 too", async () => {
    const { post, baseUrl } = await serveEmbeddings();
    const response = await post({ input: "a" }, {}, baseUrl.replace("/v1", "/api/v1"));
    expect(response.status).toBe(200);
  });
});

describe("a request in the core's words", () => {
  test.each([
    ["a text", "a", ["a"]],
    ["texts", ["a", "b"], ["a", "b"]],
    ["tokens", [1, 2], [[1, 2]]],
    ["lists of tokens", [[1, 2], [3]], [[1, 2], [3]]],
  ])("%s", async (_, input, inputs) => {
    const { post, asked } = await serveEmbeddings();
    await post({ input });
    expect(plain(asked)).toEqual([{ inputs }]);
  });

  test("its settings, and what only vendors know", async () => {
    const { post, asked, ledger } = await serveEmbeddings();
    await post({
      input: "a",
      model: "acme/m",
      dimensions: 256,
      encoding_format: "float",
      metadata: { use_case: "search", gone: null },
      user: "u1",
      truncate: "END",
      input_type: null,
    });
    expect(plain(asked)).toEqual([
      {
        model: "acme/m",
        inputs: ["a"],
        dimensions: 256,
        labels: { use_case: "search" },
        providerOptions: { openai_family: { user: "u1", truncate: "END" } },
      },
    ]);
    expect(ledger.opened[0]).toMatchObject({ operation: "embed", useCase: "search" });
  });

  test.each([
    ["query", { purpose: "query" }],
    ["search_query", { purpose: "query" }],
    ["document", { purpose: "document" }],
    ["search_document", { purpose: "document" }],
    ["passage", { purpose: "document" }],
    ["clustering", { providerOptions: { openai_family: { input_type: "clustering" } } }],
  ])("input_type %s", async (word, known) => {
    const { post, asked } = await serveEmbeddings();
    await post({ input: "a", input_type: word });
    expect(plain(asked)).toEqual([{ inputs: ["a"], ...known }]);
  });
});

describe("is refused naming the field in OpenAI's words", () => {
  const labels = { metadata: { ["k".repeat(65)]: "a" } };
  test.each<[string, unknown]>([
    ["body", "{"],
    ["body", []],
    ["input", {}],
    ["input", { input: null }],
    ["input", { input: 7 }],
    ["input", { input: "" }],
    ["input", { input: [] }],
    ["input", { input: [-1] }],
    ["input", { input: Array.from({ length: 2_049 }, () => "a") }],
    ["input[1]", { input: [1, "a"] }],
    ["input[1]", { input: ["a", 1] }],
    ["input[1]", { input: ["a", null] }],
    ["input[3]", { input: ["a", "b", "c", ""] }],
    ["input[1]", { input: ["a", []] }],
    ["input[0]", { input: [[0.5]] }],
    ["input[0][1]", { input: [[1, "a"]] }],
    ["input[0]", { input: [{ text: "a" }] }],
    ["inputs", { input: "a", inputs: ["a"] }],
    ["model", { input: "a", model: 4 }],
    ["model", { input: "a", model: "no-such-model" }],
    ["dimensions", { input: "a", dimensions: 0 }],
    ["dimensions", { input: "a", dimensions: "256" }],
    ["encoding_format", { input: "a", encoding_format: "int8" }],
    ["metadata.a", { input: "a", metadata: { a: 1 } }],
    ["metadata", { input: "a", ...labels }],
    ["__proto__", '{"input":"a","__proto__":{"model":"x"}}'],
  ])("%s", async (field, body) => {
    const { post, asked } = await serveEmbeddings();
    const response = await post(body);
    const { error } = await response.json();
    expect(error).toMatchObject({ type: "invalid_request_error", code: "invalid_request", param: field });
    expect(error.message.startsWith(field), error.message).toBe(true);
    expect(response.status).toBe(400);
    expect(asked).toHaveLength(0);
  });
});

test("GET is told to POST", async () => {
  const { baseUrl } = await serveEmbeddings();
  const response = await fetch(`${baseUrl}/embeddings`);
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

describe("the official client", () => {
  test.each([undefined, "float"] as const)("reads the numbers (encoding_format: %s)", async (format) => {
    const { client } = await serveEmbeddings();
    const answer = await client.embeddings.create({
      model: "default",
      input: ["a", "b"],
      ...(format === undefined ? {} : { encoding_format: format }),
    });
    expect(answer.data.map(({ index, embedding }) => [index, [...embedding]])).toEqual(
      vectors.map((vector, index) => [index, [...vector]]),
    );
    expect(answer).toMatchObject({ model: "acme-embed-1", usage: { prompt_tokens: 7, total_tokens: 7 } });
  });

  test("hands base64 on where it was asked for", async () => {
    const { client } = await serveEmbeddings();
    const answer = await client.embeddings.create({
      model: "default",
      input: [1],
      encoding_format: "base64",
    });
    expect(answer.data[0]?.embedding).toBe(bytesOf(vectors[0]).toString("base64"));
  });

  test("gets its own class of error", async () => {
    const { client } = await serveEmbeddings();
    const error = await client.embeddings.create({ model: "default", input: "" }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, param: "input", message: "400 input: must not be empty" });
  });
});

test("a provider without embeddings, and one that fails, are told as an answer that is none", async () => {
  const face = await serveOpenAi({ scripts: [] });
  faces.push(face);
  const none = await face.client.embeddings.create({ model: "default", input: "a" }).catch((e: unknown) => e);
  expect(none).toBeInstanceOf(OpenAI.InternalServerError);
  expect(none).toMatchObject({ status: 502, code: "all_providers_failed" });

  const down = new ProviderError({ failure: "unavailable", message: "is down" });
  const broken = await serveOpenAi({ scripts: [], embed: () => Promise.reject(down) });
  faces.push(broken);
  const failed = await broken.client.embeddings
    .create({ model: "default", input: "a" })
    .catch((e: unknown) => e);
  expect(failed).toMatchObject({ status: 502, error: { attempts: [{ message: "is down" }] } });
});
