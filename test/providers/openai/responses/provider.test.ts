// The provider over real sockets.

import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import { createResponsesProvider } from "../../../../src/providers/openai/responses/index.ts";
import type { ResponsesProviderOptions } from "../../../../src/providers/openai/responses/index.ts";
import {
  azureResponses,
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
} from "../../../../src/providers/openai/responses/members.ts";
import { portOf } from "../../upstream/raw-server.ts";
import { completed, created, textDelta } from "./read-stream.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

interface Asked {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Over extends Partial<Pick<ResponsesProviderOptions, "member" | "settings" | "apiKey">> {
  readonly delivery?: "streamed" | "unary";
  readonly path?: string;
}

/** One call against a vendor that answers as told. */
async function ask(answer: (response: ServerResponse) => void, over: Over = {}) {
  let asked: Asked | undefined;
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += String(chunk);
    asked = { url: incoming.url, headers: incoming.headers, body };
    answer(response);
  }
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const provider = createResponsesProvider({
    member: over.member ?? openAiResponses,
    baseUrl: `http://127.0.0.1:${portOf(server)}${over.path ?? "/v1"}`,
    apiKey: over.apiKey ?? "key",
    settings: over.settings,
  });
  const events: ProviderChatEvent[] = [];
  try {
    const reply = await provider.chat(request, {
      model: "m",
      delivery: over.delivery ?? "unary",
      signal: new AbortController().signal,
    });
    for await (const event of reply.events) events.push(event);
    return { reply, events, asked, error: undefined };
  } catch (error) {
    return { reply: undefined, events, asked, error };
  } finally {
    await provider.close?.();
    server.close();
  }
}

const json =
  (status: number, body: string, type = "application/json") =>
  (response: ServerResponse) =>
    void response.writeHead(status, { "content-type": type, "x-request-id": "req_1" }).end(body);

const whole =
  '{"model":"m-1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}';
const frame = (event: { readonly type: string }) =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const streamed = [created, textDelta(0, "Hi"), completed()].map((event) => frame(event)).join("");

test("a whole answer", async () => {
  const { reply, events, asked } = await ask(json(200, whole));
  expect(asked).toMatchObject({
    url: "/v1/responses",
    headers: { authorization: "Bearer key", "content-type": "application/json" },
    body: '{"model":"m","input":[{"role":"user","content":"Hello"}],"store":false}',
  });
  expect(reply).toMatchObject({ losses: [], httpStatus: 200, upstreamRequestId: "req_1" });
  expect(events.at(-1)).toMatchObject({ type: "finished" });
});

test("a streamed answer", async () => {
  const { events } = await ask(json(200, streamed, "text/event-stream; charset=utf-8"), {
    delivery: "streamed",
  });
  expect(events).toContainEqual({ type: "part_delta", index: 0, text: "Hi" });
  expect(events.at(-1)).toMatchObject({ type: "finished" });
});

test("a stream that stops without its last event throws after what came", async () => {
  const body = streamed.slice(0, streamed.indexOf("event: response.completed"));
  const { events, error } = await ask(json(200, `${body}data: [DONE]\n\n`, "text/event-stream"), {
    delivery: "streamed",
  });
  expect(events).toHaveLength(3);
  expect(error).toMatchObject({ failure: "broken_reply" });
});

test("an error that stands bare behind the events", async () => {
  const body = `${streamed.slice(0, streamed.indexOf("event: response.completed"))}{"error":{"code":"server_error"}}`;
  const { error } = await ask(json(200, body, "text/event-stream"), { delivery: "streamed" });
  expect(error).toMatchObject({ failure: "unavailable" });
});

test("an error status is thrown before any reply", async () => {
  const { reply, error } = await ask(json(429, '{"error":{"message":"slow"}}'));
  expect(reply).toBeUndefined();
  expect(error).toMatchObject({ failure: "rate_limited", httpStatus: 429, upstreamRequestId: "req_1" });
});

test("no stream where one was asked for: the error it holds, else a broken reply", async () => {
  const failed = await ask(json(200, '{"error":{"message":"m","code":401}}'), { delivery: "streamed" });
  expect(failed.error).toMatchObject({ failure: "authentication" });
  const other = await ask(json(200, whole), { delivery: "streamed" });
  expect(other.error).toMatchObject({ failure: "broken_reply" });
});

test.each(["", "/", "/openai", "/openai/v1", "/openai/v1/"])(
  "Azure's endpoint as it may be given: %j",
  async (path) => {
    const settings = { deployments: { m: "my-deployment" } };
    const { asked } = await ask(json(200, whole), { member: azureResponses, path, settings });
    expect(asked).toMatchObject({ url: "/openai/v1/responses", headers: { "api-key": "key" } });
    expect(asked?.headers.authorization).toBeUndefined();
    expect(asked?.body).toContain('"model":"my-deployment"');
  },
);

test("Azure by a token, and by a preview of its API", async () => {
  const settings = { adToken: "token", apiVersion: "preview" };
  const { asked } = await ask(json(200, whole), { member: azureResponses, path: "", settings });
  expect(asked).toMatchObject({
    url: "/openai/v1/responses?api-version=preview",
    headers: { authorization: "Bearer token" },
  });
  expect(asked?.headers["api-key"]).toBeUndefined();
});

test("other vendors behind the base URL of their own SDK; without a key none is sent", async () => {
  const router = await ask(json(200, whole), { member: openRouterResponses, path: "/api/v1" });
  expect(router.asked).toMatchObject({ url: "/api/v1/responses", headers: { "x-title": "Sluice" } });
  const bare = await ask(json(200, whole), { member: deepSeekResponses, path: "", apiKey: "" });
  expect(bare.asked?.url).toBe("/responses");
  expect(bare.asked?.headers.authorization).toBeUndefined();
});
