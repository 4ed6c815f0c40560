import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { ProviderEmbedded } from "../../../src/core/embed/events.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { createGeminiProvider } from "../../../src/providers/gemini/index.ts";
import { portOf } from "../upstream/raw-server.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly key: unknown;
  readonly body: string;
}

type Answer = (response: ServerResponse, asked: Asked) => void;

/** What a use of the provider gives against a vendor that answers as told. */
async function against<T>(
  answer: Answer,
  use: (provider: Provider) => Promise<T>,
  over: { readonly apiKey?: string; readonly path?: string } = {},
) {
  const asked: Asked[] = [];
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += String(chunk);
    const { method, url, headers } = incoming;
    const seen = { method, url, key: headers["x-goog-api-key"], body };
    asked.push(seen);
    answer(response, seen);
  }
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const provider = createGeminiProvider({
    baseUrl: `http://127.0.0.1:${portOf(server)}${over.path ?? ""}`,
    apiKey: over.apiKey ?? "key",
  });
  try {
    return { result: await use(provider), asked, error: undefined };
  } catch (error) {
    return { result: undefined, asked, error };
  } finally {
    await provider.close?.();
    server.close();
  }
}

const context = (delivery: "streamed" | "unary", model = "gemini-2.5-flash") => ({
  model,
  delivery,
  signal: new AbortController().signal,
});

async function ask(
  answer: Answer,
  over: {
    readonly delivery?: "streamed" | "unary";
    readonly model?: string;
    readonly apiKey?: string;
    readonly path?: string;
  } = {},
) {
  const events: ProviderChatEvent[] = [];
  const told = await against(
    answer,
    async (provider) => {
      const reply = await provider.chat(request, context(over.delivery ?? "unary", over.model));
      for await (const event of reply.events) events.push(event);
      return reply;
    },
    over,
  );
  return { ...told, events };
}

const json =
  (status: number, body: string, type = "application/json; charset=UTF-8"): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": type }).end(body);

const chunk = (text: string, over: object = {}): string =>
  JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, ...over }], modelVersion: "m-1" });
const whole = chunk("Hi", { finishReason: "STOP" });

test("a whole answer", async () => {
  const { result, events, asked } = await ask(json(200, whole));
  expect(asked).toEqual([
    {
      method: "POST",
      url: "/v1beta/models/gemini-2.5-flash:generateContent",
      key: "key",
      body: '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}',
    },
  ]);
  expect(result).toMatchObject({ losses: [], httpStatus: 200 });
  expect(events.at(0)).toMatchObject({ type: "started", model: "m-1" });
  expect(events.at(-1)).toMatchObject({ type: "finished", reason: "stop" });
});

const sse = (body: string): Answer => json(200, body, "text/event-stream");

test("a streamed answer, with carriage returns", async () => {
  const body = `data: ${chunk("Hel")}\r\n\r\ndata: ${chunk("lo", { finishReason: "STOP" })}\r\n\r\n`;
  const { events, asked } = await ask(sse(body), { delivery: "streamed" });
  expect(asked[0]?.url).toBe("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  expect(events.flatMap((event) => (event.type === "part_delta" ? [event.text] : []))).toEqual(["Hel", "lo"]);
  expect(events.at(-1)).toMatchObject({ type: "finished" });
});

test("a stream that ends without a reason throws after what came", async () => {
  const { events, error } = await ask(sse(`data: ${chunk("Hel")}\r\n\r\n`), { delivery: "streamed" });
  expect(events.at(-1)).toMatchObject({ type: "part_delta", text: "Hel" });
  expect(error).toMatchObject({ failure: "broken_reply" });
});

test("a stream that is cut after its reason throws too", async () => {
  const { events, error } = await ask(
    (response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-length": "9999" });
      response.write(`data: ${whole}\r\n\r\n`, () => response.destroy());
    },
    { delivery: "streamed" },
  );
  expect(events.at(-1)?.type).not.toBe("finished");
  expect(error).toMatchObject({ failure: "broken_reply" });
});

test("an error as bare JSON behind the events", async () => {
  const body = `data: ${whole}\n\n{\n  "error": {"code": 503, "status": "UNAVAILABLE", "message": "busy"}\n}\n`;
  const { error } = await ask(sse(body), { delivery: "streamed" });
  expect(error).toMatchObject({ failure: "overloaded" });
});

test("an error status is thrown before any reply, also as a list, as a page and as nothing", async () => {
  const error = '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow"}}';
  for (const body of [error, `[${error}]`, "<html>", ""]) {
    for (const delivery of ["streamed", "unary"] as const) {
      const told = await ask(json(429, body), { delivery });
      expect(told.result).toBeUndefined();
      expect(told.error).toMatchObject({ failure: "rate_limited", httpStatus: 429 });
    }
  }
});

test("a bad key comes with status 400", async () => {
  const body =
    '{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key."}}';
  expect((await ask(json(400, body))).error).toMatchObject({ failure: "authentication", httpStatus: 400 });
});

test("no stream where one was asked for: the error it holds, else a broken reply", async () => {
  const failed = await ask(json(200, '{"error":{"code":403}}'), { delivery: "streamed" });
  expect(failed.error).toMatchObject({ failure: "authentication" });
  expect((await ask(json(200, whole), { delivery: "streamed" })).error).toMatchObject({
    failure: "broken_reply",
  });
});

test("base URLs with and without the version, models with their collection, and no key", async () => {
  for (const path of ["", "/", "/v1beta", "/v1beta/"]) {
    const { asked } = await ask(json(200, whole), { path });
    expect(asked[0]?.url).toBe("/v1beta/models/gemini-2.5-flash:generateContent");
  }
  const tuned = await ask(json(200, whole), { model: "tunedModels/a b", apiKey: "" });
  expect(tuned.asked[0]).toMatchObject({ url: "/v1beta/tunedModels/a%20b:generateContent" });
  expect(tuned.asked[0]?.key).toBeUndefined();
});

test("embeddings of more texts than a batch takes", async () => {
  const inputs = Array.from({ length: 120 }, (_, i) => `${i}`);
  const { result, asked } = await against(
    (response, seen) => {
      const texts = [...seen.body.matchAll(/"text":"(\d+)"/g)].map(([, text]) => Number(text));
      const embeddings = texts.map((value) => ({ values: [value] }));
      const usageMetadata = { promptTokenCount: texts.length };
      json(200, JSON.stringify({ embeddings, usageMetadata }))(response, seen);
    },
    async (provider) => {
      const reply = await provider.embed?.({ inputs }, context("unary", "gemini-embedding-001"));
      const events: ProviderEmbedded[] = [];
      for await (const event of reply?.events ?? []) events.push(event);
      return events;
    },
  );
  expect(asked.map(({ url }) => url)).toEqual([
    "/v1beta/models/gemini-embedding-001:batchEmbedContents",
    "/v1beta/models/gemini-embedding-001:batchEmbedContents",
  ]);
  expect(result).toHaveLength(1);
  expect(result?.[0]?.vectors.map(([value]) => value)).toEqual(inputs.map(Number));
  expect(result?.[0]?.usage).toMatchObject({ input: { total: 120 }, output: { total: 0 } });
});

test("the list of models page by page, a bounded number of them", async () => {
  const signal = new AbortController().signal;
  const pages = await against(
    (response, asked) => {
      const token = new URL(asked.url ?? "", "http://x").searchParams.get("pageToken");
      const page =
        token === null
          ? { models: [{ name: "models/a" }], nextPageToken: "t&2" }
          : { models: [{ name: "models/b" }] };
      json(200, JSON.stringify(page))(response, asked);
    },
    async (provider) => provider.listModels?.(signal),
  );
  expect(pages.result?.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(pages.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "GET /v1beta/models?pageSize=1000",
    "GET /v1beta/models?pageSize=1000&pageToken=t%262",
  ]);
  let next = 0;
  const endless = await against(
    (response, asked) => {
      next += 1;
      json(200, `{"models":[{"name":"models/m${next}"}],"nextPageToken":"${next}"}`)(response, asked);
    },
    async (provider) => provider.listModels?.(signal),
  );
  expect(endless.result).toHaveLength(10);
  const same = await against(
    json(200, '{"models":[{"name":"models/m"}],"nextPageToken":"t"}'),
    async (provider) => provider.listModels?.(signal),
  );
  expect(same.result?.map(({ id }) => id)).toEqual(["m"]);
  expect(same.asked).toHaveLength(2);
  const refused = await against(json(403, ""), async (provider) => provider.listModels?.(signal));
  expect(refused.error).toMatchObject({ failure: "authentication" });
});
