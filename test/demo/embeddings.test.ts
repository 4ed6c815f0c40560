import * as fc from "fast-check";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { vectorOf } from "../../src/demo/embedding.ts";
import { isRecord } from "../../src/demo/json-value.ts";
import { key } from "./gemini-client.ts";
import { parse, post, postOpenai, ask } from "./post.ts";
import { hasRecordings, recordedBody, shapeOf } from "./recorded.ts";

let upstream: DemoUpstream;
let client: OpenAI;
const model = "demo-embed";

beforeAll(async () => {
  upstream = await createDemoUpstream();
  client = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "test", maxRetries: 0 });
});
afterEach(() => upstream.setFault(undefined));
afterAll(() => upstream.close());

async function embed(body: object | string): Promise<[status: number, body: unknown]> {
  const { status, text } = await post(`${upstream.url}/v1/embeddings`, body, {});
  return [status, parse(text)];
}

async function gemini(method: string, body: object, of = model): Promise<[status: number, body: unknown]> {
  const { status, text } = await post(`${upstream.url}/v1beta/models/${of}:${method}`, body, key);
  return [status, parse(text)];
}

const content = (text: string): object => ({ parts: [{ text }] });

function valuesOf(answer: unknown): readonly (readonly number[])[] {
  const list: unknown = isRecord(answer) ? (answer["embeddings"] ?? [answer["embedding"]]) : [];
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return entries.map((entry) => {
    const values = isRecord(entry) ? entry["values"] : undefined;
    return Array.isArray(values) ? values.filter((value) => typeof value === "number") : [];
  });
}

describe("a vector", () => {
  test("is the same for the same text, of length 1, and another for another text or model", () => {
    const text = fc.string();
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 400 }), (one, other, dimensions) => {
        const of = (name: string, words: string) => vectorOf(name, { text: words, tokens: 1, dimensions });
        const vector = of("m", one);
        expect(vector).toEqual(of("m", one));
        expect(vector).toHaveLength(dimensions);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
        if (dimensions < 8) return;
        expect(vector).not.toEqual(of("n", one));
        if (one !== other) expect(vector).not.toEqual(of("m", other));
      }),
    );
  });
});

describe("OpenAI's embeddings", () => {
  test("come to the official client, one for each input", async () => {
    const {
      data,
      model: served,
      usage,
    } = await client.embeddings.create({
      model,
      input: ["Grüß dich 世界", "two words", "Grüß dich 世界"],
    });
    expect(served).toBe("demo-embed-2026-01-01");
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(data.map(({ embedding }) => embedding.length)).toEqual([256, 256, 256]);
    expect(data[0]?.embedding).toEqual(data[2]?.embedding);
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
    expect(usage).toEqual({ prompt_tokens: 8, total_tokens: 8 });
  });

  test("are the same as floats and as base64, and as short as asked for", async () => {
    const input = "the same text";
    const floats = await client.embeddings.create({ model, input, encoding_format: "float", dimensions: 8 });
    const [, answer] = await embed({ model, input, encoding_format: "base64", dimensions: 8 });
    const entries: unknown = isRecord(answer) ? answer["data"] : undefined;
    const [entry]: unknown[] = Array.isArray(entries) ? entries : [];
    const bytes = Buffer.from(String(isRecord(entry) ? entry["embedding"] : ""), "base64");
    const decoded = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
    expect(decoded).toHaveLength(8);
    expect(floats.data[0]?.embedding).toEqual(decoded);
  });

  test("are made of tokens too", async () => {
    const one = await client.embeddings.create({ model, input: [1, 2, 3] });
    expect(one.data).toHaveLength(1);
    const two = await client.embeddings.create({ model, input: [[1, 2, 3], [4]] });
    expect(two.data).toHaveLength(2);
    expect(two.data[0]?.embedding).toEqual(one.data[0]?.embedding);
    expect(two.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
  });

  const invalid = { message: expect.stringContaining("'$.input' is invalid") };
  test.each<[string, object, object]>([
    ["no model", { input: "x" }, { message: "you must provide a model parameter" }],
    ["no input", { model }, { param: "input", code: "missing_required_parameter" }],
    ["an empty text", { model, input: "" }, invalid],
    ["an empty text among others", { model, input: ["x", ""] }, invalid],
    ["no texts", { model, input: [] }, invalid],
    ["no tokens", { model, input: [[1], []] }, invalid],
    ["texts and tokens", { model, input: ["x", [1]] }, invalid],
    ["half a token", { model, input: [1.5] }, invalid],
    ["an object", { model, input: { text: "x" } }, invalid],
    ["too many", { model, input: Array(2049).fill("x") }, { code: "array_above_max_length" }],
    [
      "a text that is too long",
      { model, input: "word ".repeat(8193) },
      { message: expect.stringContaining("maximum context length is 8192 tokens") },
    ],
    ["no dimensions", { model, input: "x", dimensions: 0 }, { param: "dimensions" }],
    ["too many dimensions", { model, input: "x", dimensions: 3073 }, { param: "dimensions" }],
    ["another format", { model, input: "x", encoding_format: "int8" }, { param: "encoding_format" }],
    ["a user that is no text", { model, input: "x", user: 7 }, { param: "user" }],
    ["an unknown member", { model, input: "x", purpose: "query" }, { code: "unknown_parameter" }],
  ])("refuse %s", async (_, body, error) => {
    expect(await embed(body)).toMatchObject([400, { error: { type: "invalid_request_error", ...error } }]);
  });

  test("refuse what is no JSON, other methods, and other models", async () => {
    expect(await embed("{")).toMatchObject([
      400,
      { error: { message: expect.stringContaining("could not parse") } },
    ]);
    expect((await fetch(`${upstream.url}/v1/embeddings`)).status).toBe(405);
    expect(await embed({ model: "lost", input: "x" })).toMatchObject([
      404,
      { error: { code: "model_not_found" } },
    ]);
    expect((await embed({ model: "demo-chat", input: "x" }))[0]).toBe(403);
    const chat = await postOpenai(upstream, ask("x", { model }));
    expect([chat.status, parse(chat.text)]).toMatchObject([404, { error: { param: "model" } }]);
  });

  test("fail as asked for: by any of the texts, or all of them", async () => {
    const input = ["x", "[demo fault=status:429:7 times=1 only=demo-embed]"];
    const statuses = [(await embed({ model, input }))[0], (await embed({ model, input }))[0]];
    expect(statuses).toEqual([429, 200]);
    upstream.setFault({ kind: "status", status: 503 });
    expect((await embed({ model, input: "x" }))[0]).toBe(503);
    upstream.setFault({ kind: "quiet_end" });
    expect(await embed({ model, input: "x" })).toEqual([200, ""]);
    upstream.setFault({ kind: "cut", afterEvents: 0 });
    await expect(embed({ model, input: "x" })).rejects.toThrow();
  });
});

describe("Gemini's embeddings", () => {
  test("come one by one, or many in a batch", async () => {
    const [status, one] = await gemini("embedContent", { content: content("First text") });
    expect(status).toBe(200);
    const request = { model: `models/${model}`, content: content("First text") };
    const [, many] = await gemini("batchEmbedContents", {
      requests: [request, { ...request, content: content("Second"), output_dimensionality: 8 }],
    });
    const [first, second] = valuesOf(many);
    expect(valuesOf(one)).toEqual([first]);
    expect([first?.length, second?.length]).toEqual([256, 8]);
    expect(many).toMatchObject({
      usageMetadata: { promptTokenCount: 3, promptTokenDetails: [{ modality: "TEXT", tokenCount: 3 }] },
    });
  });

  const request = { model: `models/${model}`, content: content("x") };
  test.each<[string, string, object, string]>([
    ["no content", "embedContent", {}, "EmbedContentRequest.content: contents is not specified"],
    ["an empty text", "embedContent", { content: content("") }, "empty"],
    ["an image", "embedContent", { content: { parts: [{ inlineData: {} }] } }, "only supports text"],
    ["another model", "embedContent", { ...request, model: "models/other" }, "that of the path"],
    ["an unknown field", "embedContent", { ...request, purpose: "x" }, 'Unknown name "purpose"'],
    ["an unknown task", "embedContent", { ...request, taskType: "SINGING" }, "task_type"],
    ["a title of a question", "embedContent", { ...request, title: "t" }, "RETRIEVAL_DOCUMENT"],
    ["no length", "embedContent", { ...request, outputDimensionality: 0 }, "output_dimensionality"],
    ["no requests", "batchEmbedContents", {}, "requests is not specified"],
    ["a batch without models", "batchEmbedContents", { requests: [{ content: content("x") }] }, "model"],
    [
      "too many",
      "batchEmbedContents",
      { requests: Array.from({ length: 101 }, () => request) },
      "at most 100",
    ],
    ["much text", "embedContent", { content: content("word ".repeat(8193)) }, "input token count (8194)"],
  ])("refuse %s", async (_, method, body, message) => {
    expect(await gemini(method, body)).toMatchObject([
      400,
      { error: { status: "INVALID_ARGUMENT", message: expect.stringContaining(message) } },
    ]);
  });

  test("are made by models for it alone", async () => {
    const [status, answer] = await gemini("embedContent", { content: content("x") }, "demo-chat");
    expect([status, answer]).toMatchObject([
      404,
      { error: { message: expect.stringContaining("not supported for embedContent") } },
    ]);
    const chat = { contents: [{ parts: [{ text: "x" }] }] };
    expect((await gemini("generateContent", chat))[0]).toBe(404);
  });

  test("take a title and a task, and fail as asked for", async () => {
    const titled = { ...request, title: "t", task_type: "retrieval_document" };
    expect((await gemini("embedContent", titled))[0]).toBe(200);
    const failing = { content: content("[demo fault=status:503]") };
    expect(await gemini("embedContent", failing)).toMatchObject([503, { error: { status: "UNAVAILABLE" } }]);
  });
});

test("Anthropic's clients see no model that embeds", async () => {
  const headers = { "anthropic-version": "2023-06-01" };
  const list: unknown = await (await fetch(`${upstream.url}/v1/models`, { headers })).json();
  expect(list).toMatchObject({ data: [{ id: "demo-chat" }, { id: "demo-mini" }] });
  expect((await fetch(`${upstream.url}/v1/models/${model}`, { headers })).status).toBe(404);
  expect((await fetch(`${upstream.url}/v1/models/${model}`)).status).toBe(200);
});

describe.skipIf(!hasRecordings)("embeddings are shaped as recorded", () => {
  test("OpenAI's and Gemini's", async () => {
    const base64 = { model, input: ["hello", "world"], encoding_format: "base64" };
    expect(shapeOf((await embed(base64))[1])).toEqual(
      shapeOf(parse(recordedBody("openai/embeddings-batch-base64"))),
    );
    const requests = ["First text", "Second text"].map((text) => ({
      model: `models/${model}`,
      content: content(text),
    }));
    expect(shapeOf((await gemini("batchEmbedContents", { requests }))[1])).toEqual(
      shapeOf(parse(recordedBody("gemini/embeddings-batch"))),
    );
  });
});
