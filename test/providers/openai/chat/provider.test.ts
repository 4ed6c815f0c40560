import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import {
  azureMember,
  compatibleMember,
  groqMember,
  ollamaMember,
  openAiMember,
} from "../../../../src/providers/openai/chat/members.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import type { ProviderSettings } from "../../../../src/providers/openai/credential.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/chat/index.ts";
import { portOf } from "../../upstream/raw-server.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

interface Asked {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly key: unknown;
  readonly body: string;
}

/** One call against a vendor that answers as told. */
async function ask(
  answer: (response: ServerResponse) => void,
  over: {
    readonly member?: FamilyMember;
    readonly delivery?: "streamed" | "unary";
    readonly path?: string;
    readonly apiKey?: string;
    readonly settings?: ProviderSettings;
    readonly request?: ChatRequest;
  } = {},
) {
  let asked: Asked | undefined;
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += String(chunk);
    const { authorization, "api-key": key } = incoming.headers;
    asked = { url: incoming.url, authorization, key, body };
    answer(response);
  }
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const provider = createOpenAiProvider({
    member: over.member ?? openAiMember,
    baseUrl: `http://127.0.0.1:${portOf(server)}${over.path ?? "/v1"}`,
    apiKey: over.apiKey ?? "key",
    settings: over.settings,
  });
  const events: ProviderChatEvent[] = [];
  try {
    const reply = await provider.chat(over.request ?? request, {
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

const whole = '{"model":"m-1","choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}';
const streamed = 'data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n';

test("a whole answer", async () => {
  const { reply, events, asked } = await ask(json(200, whole));
  expect(asked).toEqual({
    url: "/v1/chat/completions",
    authorization: "Bearer key",
    key: undefined,
    body: '{"model":"m","messages":[{"role":"user","content":"Hello"}]}',
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

test("a stream that stops without [DONE] throws after what came", async () => {
  const body = streamed.slice(0, streamed.indexOf("data: [DONE]"));
  const { events, error } = await ask(json(200, body, "text/event-stream"), { delivery: "streamed" });
  expect(events).toHaveLength(3);
  expect(error).toMatchObject({ failure: "broken_reply" });
});

test("an error status is thrown before any reply", async () => {
  const { reply, error } = await ask(json(429, '{"error":{"message":"slow"}}'));
  expect(reply).toBeUndefined();
  expect(error).toMatchObject({ failure: "rate_limited", httpStatus: 429, upstreamRequestId: "req_1" });
});

test("an error status whose body is cut is still that error", async () => {
  const { error } = await ask((response) => {
    response.writeHead(503, { "content-length": "100" });
    response.write("{", () => response.destroy());
  });
  expect(error).toMatchObject({ failure: "overloaded", httpStatus: 503 });
});

test("no stream where one was asked for: the error it holds, else a broken reply", async () => {
  const failed = await ask(json(200, '{"error":{"message":"m","code":401}}'), { delivery: "streamed" });
  expect(failed.error).toMatchObject({ failure: "authentication" });
  const other = await ask(json(200, whole), { delivery: "streamed" });
  expect(other.error).toMatchObject({ failure: "broken_reply" });
});

test("a base URL as the vendor's SDK takes it, or with the path that the SDK adds", async () => {
  for (const path of ["", "/", "/openai/v1", "/openai/v1/"]) {
    const { asked } = await ask(json(200, whole), { member: groqMember, path });
    expect(asked?.url).toBe("/openai/v1/chat/completions");
  }
});

test("Azure: the deployment in the path, the version in the query, the key in a header of its own", async () => {
  const { asked } = await ask(json(200, whole), {
    member: azureMember,
    path: "",
    settings: { deployments: { m: "mine" } },
  });
  expect(asked).toMatchObject({
    url: "/openai/deployments/mine/chat/completions?api-version=2024-10-21",
    authorization: undefined,
    key: "key",
  });
  expect(JSON.parse(asked?.body ?? "")).toMatchObject({ model: "mine" });
});

test.each([
  ["", "2024-08-01-preview", { max_tokens: 9 }],
  ["", "2024-10-21", { max_completion_tokens: 9, stream_options: { include_usage: true } }],
  ["", "v1", { max_completion_tokens: 9, stream_options: { include_usage: true } }],
  ["/openai/v1", "2024-02-01", { max_completion_tokens: 9, stream_options: { include_usage: true } }],
  ["/models", "", { max_tokens: 9, stream_options: { include_usage: true } }],
])("Azure at %j in version %j is sent what that takes", async (path, apiVersion, sent) => {
  const { asked } = await ask(json(200, streamed, "text/event-stream"), {
    member: azureMember,
    delivery: "streamed",
    path,
    settings: { apiVersion },
    request: { ...request, maxOutputTokens: 9 },
  });
  const { messages: _messages, model: _model, ...rest } = Object(JSON.parse(asked?.body ?? ""));
  expect(rest).toEqual({ stream: true, ...sent });
});

test("without a key none is sent", async () => {
  const { asked } = await ask(json(200, whole), { member: ollamaMember, path: "", apiKey: "" });
  expect(asked).toMatchObject({ url: "/v1/chat/completions", authorization: undefined });
});

test("a server without [DONE]: a stream that ended behind its finish reason is whole, one that was cut is not", async () => {
  const last = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
  const body = streamed.slice(0, streamed.indexOf("data: [DONE]")) + last;
  const over = { member: compatibleMember, delivery: "streamed" } as const;
  const ended = await ask(json(200, body, "text/event-stream"), over);
  expect(ended.events.at(-1)).toMatchObject({ type: "finished", reason: "stop" });
  const cut = await ask((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(body, () => response.destroy());
  }, over);
  expect(cut.error).toMatchObject({ failure: "broken_reply" });
});
