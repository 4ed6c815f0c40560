// The adapter against a server that speaks as the vendor does.

import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Delivery, Provider } from "../../../src/core/provider.ts";
import { createAnthropicProvider } from "../../../src/providers/anthropic/index.ts";

interface Asked {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const asked: Asked[] = [];
let respond: (response: ServerResponse) => void = (response) => response.end();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    asked.push({
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    });
    respond(response);
  });
});

let provider: Provider;

beforeEach(async () => {
  asked.length = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  provider = createAnthropicProvider({ baseUrl: `http://127.0.0.1:${address.port}/`, apiKey: "sk-ant-test" });
});

afterEach(async () => {
  await provider.close?.();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const hello: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

async function chat(delivery: Delivery, request: ChatRequest = hello) {
  const reply = await provider.chat(request, {
    model: "claude-x-1",
    delivery,
    signal: new AbortController().signal,
  });
  const events: ProviderChatEvent[] = [];
  for await (const event of reply.events) events.push(event);
  return { reply, events };
}

const answerWith = (status: number, contentType: string, body: string): void => {
  respond = (response) => {
    response.writeHead(status, { "content-type": contentType, "request-id": "req_7", "retry-after": "3" });
    response.end(body);
  };
};

const message = { type: "message", model: "claude-x-1", content: [{ type: "text", text: "Hi" }] };
const stream = [
  { type: "message_start", message: { id: "msg_1", model: "claude-x-1", usage: { input_tokens: 2 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
  { type: "message_stop" },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

describe("the Anthropic provider", () => {
  test("asks with its key, version and betas, and reads a whole answer", async () => {
    answerWith(200, "application/json", JSON.stringify({ ...message, stop_reason: "end_turn" }));
    const { reply, events } = await chat("unary", {
      ...hello,
      sampling: { seed: 1 },
      providerOptions: { anthropic: { betas: ["a-1", "b-2"] } },
    });
    expect(asked[0]).toMatchObject({
      url: "/v1/messages",
      headers: {
        "x-api-key": "sk-ant-test",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "a-1,b-2",
        "content-type": "application/json",
      },
    });
    expect(asked[0]?.body).toContain('"stream":false');
    expect(reply).toMatchObject({
      upstreamRequestId: "req_7",
      httpStatus: 200,
      losses: [{ field: "sampling.seed" }],
    });
    expect(events.map((event) => event.type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "finished",
    ]);
  });

  test("reads a stream", async () => {
    answerWith(200, "text/event-stream; charset=utf-8", stream.join(""));
    const { events } = await chat("streamed");
    expect(asked[0]?.body).toContain('"stream":true');
    expect(events.map((event) => event.type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "usage",
      "finished",
    ]);
  });

  test("rejects with the vendor's error", async () => {
    const error = { type: "overloaded_error", message: "Overloaded" };
    answerWith(529, "application/json", JSON.stringify({ type: "error", error }));
    await expect(chat("streamed")).rejects.toMatchObject({
      failure: "overloaded",
      httpStatus: 529,
      upstreamRequestId: "req_7",
      retryAfterMs: 3000,
    });
  });

  test("rejects a stream that is an error instead, or none at all", async () => {
    answerWith(200, "application/json", '{"type":"error","error":{"type":"api_error","message":"Oops"}}');
    await expect(chat("streamed")).rejects.toMatchObject({ failure: "unavailable" });
    answerWith(200, "text/html", "<html></html>");
    await expect(chat("streamed")).rejects.toMatchObject({ failure: "broken_reply" });
  });

  test("breaks when the stream ends before its terminal event", async () => {
    answerWith(200, "text/event-stream", stream.slice(0, 3).join(""));
    await expect(chat("streamed")).rejects.toMatchObject({ failure: "broken_reply" });
  });
});
