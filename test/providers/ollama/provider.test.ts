// The adapter against a server that speaks as the vendor does.

import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { ProviderEmbedded } from "../../../src/core/embed/events.ts";
import type { EmbedRequest } from "../../../src/core/embed/request.ts";
import type { Delivery, Provider } from "../../../src/core/provider.ts";
import { createOllamaProvider } from "../../../src/providers/ollama/index.ts";

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const asked: Asked[] = [];
const providers: Provider[] = [];
let respond: (response: ServerResponse) => void = (response) => response.end();
let origin = "";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method, url, headers } = request;
    const text = Buffer.concat(chunks).toString();
    asked.push({ method, url, headers, body: text === "" ? undefined : JSON.parse(text) });
    respond(response);
  });
});

beforeEach(async () => {
  asked.length = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  origin = `http://127.0.0.1:${address.port}`;
});

afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.close?.();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

function providerAt(path = "", apiKey = ""): Provider {
  const provider = createOllamaProvider({ baseUrl: `${origin}${path}`, apiKey });
  providers.push(provider);
  return provider;
}

const context = (delivery: Delivery) => ({ model: "m", delivery, signal: new AbortController().signal });
const hello: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

async function chat(provider: Provider, delivery: Delivery): Promise<readonly ProviderChatEvent[]> {
  const events: ProviderChatEvent[] = [];
  for await (const event of (await provider.chat(hello, context(delivery))).events) events.push(event);
  return events;
}

async function embed(request: EmbedRequest): Promise<readonly ProviderEmbedded[]> {
  const events: ProviderEmbedded[] = [];
  const reply = await providerAt().embed?.(request, context("unary"));
  for await (const event of reply?.events ?? []) events.push(event);
  return events;
}

const answerWith = (status: number, contentType: string, body: string): void => {
  respond = (response) => {
    response.writeHead(status, { "content-type": contentType });
    response.end(body);
  };
};
const answerJson = (body: unknown): void => answerWith(200, "application/json", JSON.stringify(body));

const lines = [
  { model: "m", message: { role: "assistant", content: "Hi" }, done: false },
  { model: "m", message: { role: "assistant", content: "" }, done: true, done_reason: "stop", eval_count: 1 },
].map((each) => `${JSON.stringify(each)}\n`);

describe("a chat", () => {
  test("is asked for without a key, and read whole", async () => {
    answerJson({
      model: "m",
      message: { role: "assistant", content: "Hi" },
      done: true,
      done_reason: "stop",
    });
    expect((await chat(providerAt(), "unary")).at(-1)).toMatchObject({ reason: "stop" });
    expect(asked).toMatchObject([
      {
        method: "POST",
        url: "/api/chat",
        body: { model: "m", messages: [{ role: "user", content: "Hello" }], stream: false },
      },
    ]);
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  test("goes with a key as bearer, past the end of a base URL for the other API", async () => {
    answerWith(200, "application/x-ndjson", lines.join(""));
    await chat(providerAt("/box/v1/", "a-key"), "streamed");
    expect(asked[0]).toMatchObject({ url: "/box/api/chat", headers: { authorization: "Bearer a-key" } });
  });

  test("is read as a stream of lines", async () => {
    answerWith(200, "application/x-ndjson", lines.join("").trimEnd());
    expect((await chat(providerAt(), "streamed")).map(({ type }) => type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "usage",
      "finished",
    ]);
  });

  test("breaks where its stream ends before the last line, and fails by an error in its midst", async () => {
    answerWith(200, "application/x-ndjson", lines[0] ?? "");
    await expect(chat(providerAt(), "streamed")).rejects.toMatchObject({ failure: "broken_reply" });
    answerWith(200, "application/x-ndjson", `${lines[0]}{"error":"unexpected EOF"}\n`);
    await expect(chat(providerAt(), "streamed")).rejects.toMatchObject({
      failure: "unavailable",
      message: "Ollama sent an error: unexpected EOF",
    });
  });

  test("rejects with the server's error, before a stream too, and where nobody listens", async () => {
    answerWith(404, "application/json", '{"error":"model \\"m\\" not found"}');
    await expect(chat(providerAt(), "streamed")).rejects.toMatchObject({ failure: "model_unavailable" });
    answerJson({ error: "m does not support chat" });
    await expect(chat(providerAt(), "streamed")).rejects.toMatchObject({ failure: "model_unavailable" });
    const provider = createOllamaProvider({ baseUrl: "http://127.0.0.1:1", apiKey: "" });
    providers.push(provider);
    await expect(chat(provider, "unary")).rejects.toMatchObject({ failure: "unavailable" });
  });
});

describe("embeddings", () => {
  test("are asked for uncut, and come as vectors", async () => {
    answerJson({
      model: "e",
      embeddings: [
        [0.5, 1],
        [0, -1],
      ],
      prompt_eval_count: 7,
    });
    const request: EmbedRequest = {
      inputs: ["a", "b"],
      dimensions: 2,
      purpose: "query",
      providerOptions: { ollama: { keep_alive: 0, model: "x", options: { num_ctx: 64 } } },
    };
    expect(await embed(request)).toEqual([
      {
        type: "embedded",
        model: "e",
        vectors: [new Float32Array([0.5, 1]), new Float32Array([0, -1])],
        usage: { input: { total: 7 }, output: { total: 0 }, source: "reported" },
      },
    ]);
    expect(asked).toMatchObject([{ method: "POST", url: "/api/embed" }]);
    expect(asked[0]?.body).toEqual({
      model: "m",
      input: ["a", "b"],
      dimensions: 2,
      truncate: false,
      keep_alive: 0,
      options: { num_ctx: 64 },
    });
    const reply = await providerAt().embed?.(request, context("unary"));
    expect(reply?.losses.map(({ field }) => field)).toEqual(["purpose", "providerOptions.ollama.model"]);
  });

  test("may be cut where the caller says so", async () => {
    answerJson({ embeddings: [[1]] });
    await embed({ inputs: ["a"], providerOptions: { ollama: { truncate: true } } });
    expect(asked[0]?.body).toMatchObject({ truncate: true });
  });

  test("are refused for tokens, for another length than asked, and where they are not what was asked for", async () => {
    await expect(embed({ inputs: [[1, 2]] })).rejects.toMatchObject({ failure: "caller_fault" });
    answerJson({ embeddings: [[1, 2, 3]] });
    await expect(embed({ inputs: ["a"], dimensions: 2 })).rejects.toMatchObject({ failure: "caller_fault" });
    await expect(embed({ inputs: ["a", "b"] })).rejects.toMatchObject({ failure: "broken_reply" });
    answerJson({ embeddings: [["x"]] });
    await expect(embed({ inputs: ["a"] })).rejects.toMatchObject({ failure: "broken_reply" });
    answerJson({});
    await expect(embed({ inputs: ["a"] })).rejects.toMatchObject({ failure: "broken_reply" });
    answerJson({ error: "the input length exceeds the context length" });
    await expect(embed({ inputs: ["a"] })).rejects.toMatchObject({ failure: "model_unavailable" });
  });
});

const list = () => providerAt().listModels?.(new AbortController().signal);

describe("the list of models", () => {
  test("tells ids, and what newer servers say beside them", async () => {
    answerJson({
      models: [
        { name: "llama3:latest", model: "llama3:latest", size: 7, details: { family: "llama" } },
        { name: "only-name" },
        { model: "qwen3:8b", capabilities: ["completion", "tools", "thinking"] },
        { model: "nomic", capabilities: ["embedding"] },
        { size: 7 },
        null,
      ],
    });
    expect(await list()).toEqual([
      { id: "llama3:latest" },
      { id: "only-name" },
      {
        id: "qwen3:8b",
        operations: ["chat"],
        capabilities: { tools: true, vision: false, reasoning: true },
      },
      {
        id: "nomic",
        operations: ["embed"],
        capabilities: { tools: false, vision: false, reasoning: false },
      },
    ]);
    expect(asked).toMatchObject([{ method: "GET", url: "/api/tags" }]);
  });

  test("is refused where it is none", async () => {
    answerJson([]);
    await expect(list()).rejects.toMatchObject({ failure: "broken_reply" });
    answerWith(500, "text/plain", "Oops");
    await expect(list()).rejects.toMatchObject({ failure: "unavailable" });
  });
});
