// Which pages may call, over every front end of the HTTP port; what a gateway without keys refuses.

import { once } from "node:events";
import { Client, credentials, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { replyHeaderNames, replyHeaders } from "../../src/api/reply-headers.ts";
import { openStream, readStream } from "./rpc/rpc-fixtures.ts";
import { chatBody, type Edge, key, sendRaw, serveEdge } from "./serve-edge.ts";

let edge: Edge | undefined;
afterEach(async () => {
  await edge?.close();
  edge = undefined;
});

const listed = "https://app.example.com";
const paths = ["/v1/chat/completions", "/graphql", "/sluice.v1.ChatService/Chat", "/health", "/nowhere"];

const preflight = (url: string, origin: string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", ...headers },
  });

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: chatBody,
  });

const corsHeaders = (response: Response) =>
  [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));

describe("a page of a listed origin", () => {
  test.each(paths)("may ask for %s", async (path) => {
    edge = await serveEdge({ corsOrigins: [listed] });
    const asked =
      "content-type, x-api-key, x-stainless-lang, openai-beta, x-sluice-timeout-ms, x-evil, X-Stainless-OS";
    const response = await preflight(`${edge.url}${path}`, listed, {
      "access-control-request-headers": asked,
    });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(response.headers.get("access-control-allow-origin")).toBe(listed);
    expect(response.headers.get("vary")).toBe("origin");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET, HEAD, POST");
    expect(response.headers.get("access-control-max-age")).toBe("7200");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    const allowed = response.headers.get("access-control-allow-headers")?.split(", ") ?? [];
    expect(allowed).toEqual(
      expect.arrayContaining([
        "authorization",
        "connect-protocol-version",
        "connect-timeout-ms",
        "content-type",
        "grpc-timeout",
        "idempotency-key",
        "cache-control",
        "last-event-id",
        "x-sluice-cache-ttl",
        "x-sluice-resumable",
        "traceparent",
        "x-api-key",
        "x-grpc-web",
        "x-request-id",
        "x-stainless-lang",
        "x-stainless-os",
        "x-user-agent",
        "openai-beta",
      ]),
    );
    expect(allowed).not.toContain("x-evil");
    expect(allowed).not.toContain("*");
  });

  test("gets no more headers allowed than it can use, however many it asks for", async () => {
    edge = await serveEdge({ corsOrigins: [listed] });
    const asked = Array.from({ length: 600 }, (_, i) => `x-stainless-${i}`).join(",");
    const response = await preflight(`${edge.url}/graphql`, listed, {
      "access-control-request-headers": asked,
    });
    expect(response.headers.get("access-control-allow-headers")?.split(", ").length).toBeLessThan(64);
  });

  test("may read a call's answer and what its headers tell, also without a key", async () => {
    edge = await serveEdge({ corsOrigins: [listed] });
    const response = await post(edge.url, { origin: listed });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(listed);
    expect(response.headers.get("vary")).toBe("origin");
    const exposed = response.headers.get("access-control-expose-headers")?.split(", ") ?? [];
    const told = [...response.headers.keys()].filter((name) => name.startsWith("x-"));
    expect(exposed).toEqual(expect.arrayContaining([...told, "retry-after", "grpc-status", "grpc-message"]));
    await response.text();
  });

  test("may read errors and streams", async () => {
    edge = await serveEdge({ corsOrigins: [listed], access: { apiKeys: [key] } });
    const refused = await post(edge.url, { origin: listed });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, listed]);
    await refused.text();
    const query =
      'subscription { chat(input: {messages: [{role: USER, parts: [{text: "Hi"}]}]}) { __typename } }';
    const stream = await fetch(`${edge.url}/graphql`, {
      method: "POST",
      headers: {
        origin: listed,
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        accept: "text/event-stream",
      },
      body: JSON.stringify({ query }),
    });
    expect([stream.status, stream.headers.get("access-control-allow-origin")]).toEqual([200, listed]);
    expect(await stream.text()).toContain("Finished");
  });

  test.each([[[]], [[key]]])("may open a websocket, with the keys %j", async (apiKeys) => {
    edge = await serveEdge({ corsOrigins: [listed], access: { apiKeys } });
    const socket = new WebSocket(`${edge.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
      origin: listed,
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: apiKeys[0] } }));
    expect(String((await once(socket, "message"))[0])).toBe('{"type":"connection_ack"}');
    socket.close();
  });
});

const foreign = [
  "https://evil.test",
  "null",
  "http://app.example.com",
  "https://app.example.com:8443",
  "https://app.example.com.evil.test",
  "HTTPS://APP.EXAMPLE.COM",
];

describe.each(foreign)("a page of the origin %s, which is not listed,", (origin) => {
  test("is told no when it asks, and learns nothing", async () => {
    edge = await serveEdge({ corsOrigins: [listed] });
    for (const path of paths) {
      const response = await preflight(`${edge.url}${path}`, origin);
      expect(response.status).toBe(403);
      expect(corsHeaders(response)).toEqual([]);
      expect(await response.json()).toMatchObject({
        error: { code: "permission_denied", message: expect.stringContaining("CORS_ORIGINS") },
      });
    }
  });

  test("is not served without a key", async () => {
    edge = await serveEdge({ corsOrigins: [listed] });
    const response = await post(edge.url, { origin });
    expect(response.status).toBe(403);
    expect(corsHeaders(response)).toEqual([]);
    expect(await response.json()).toMatchObject({ error: { code: "permission_denied" } });
    expect(edge.ledger.opened).toEqual([]);
  });

  test("is served with a key, as a tool that is no page would be, but its browser shows it nothing", async () => {
    edge = await serveEdge({ corsOrigins: [listed], access: { apiKeys: [key] } });
    const response = await post(edge.url, { origin, authorization: `Bearer ${key}` });
    expect(response.status).toBe(200);
    expect(corsHeaders(response)).toEqual([]);
    expect(response.headers.get("vary")).toBe("origin");
    await response.text();
  });

  test("opens no websocket, with a key or without", async () => {
    for (const apiKeys of [[], [key]]) {
      const served = await serveEdge({ corsOrigins: [listed], access: { apiKeys } });
      const socket = new WebSocket(`${served.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
        origin,
        headers: { "x-api-key": key },
      });
      const [, response] = await once(socket, "unexpected-response");
      expect(response.statusCode).toBe(403);
      expect(JSON.parse(String(Buffer.concat(await response.toArray())))).toMatchObject({
        error: { code: "permission_denied", message: expect.stringContaining("CORS_ORIGINS") },
      });
      await served.close();
    }
  });
});

test("without CORS_ORIGINS no page gets an answer to its question", async () => {
  edge = await serveEdge();
  const response = await preflight(`${edge.url}/v1/models`, listed);
  expect([response.status, corsHeaders(response)]).toEqual([403, []]);
});

test("who sends no Origin is served as before", async () => {
  edge = await serveEdge({ corsOrigins: [listed] });
  const response = await post(edge.url);
  expect([response.status, corsHeaders(response), response.headers.get("vary")]).toEqual([200, [], null]);
  const options = await fetch(`${edge.url}/v1/models`, { method: "OPTIONS" });
  expect([options.status, corsHeaders(options)]).toEqual([405, []]);
});

test("every header that tells of a call is one that pages may read", () => {
  const told = replyHeaders({
    requestId: "id-1",
    correlationId: "mine",
    provider: "first",
    model: "m",
    modelServed: "m-2026",
    route: "default",
    attempts: 2,
    cacheStatus: "bypass",
    latencyMs: 12.5,
    costNanos: 1_500n,
    losses: [{ field: "sampling.topK", detail: "The provider has no such setting." }],
    degraded: "stale_answer",
  });
  expect(Object.keys(told).sort()).toEqual([...replyHeaderNames]);
});

describe("a proxy that a gateway without keys does not know", () => {
  const hello = { "x-forwarded-for": "203.0.113.9" };

  const traces: readonly Record<string, string>[] = [
    hello,
    { forwarded: "for=203.0.113.9" },
    { via: "1.1 nginx" },
    { "x-real-ip": "203.0.113.9" },
    { "x-forwarded-host": "api.example.com" },
  ];
  test.each(traces)("is refused, although it stands on the same machine: %j", async (headers) => {
    edge = await serveEdge();
    const response = await post(edge.url, headers);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: { code: "permission_denied", message: expect.stringContaining("TRUST_PROXY") },
    });
  });

  test("is served with a key", async () => {
    edge = await serveEdge({ access: { apiKeys: [key] } });
    expect((await post(edge.url, { ...hello, "x-api-key": key })).status).toBe(200);
  });

  test("is believed once it is trusted: who is behind it counts", async () => {
    edge = await serveEdge({ trustProxy: ["127.0.0.0/8"], access: { allowedHosts: ["api.example.com"] } });
    expect((await post(edge.url, hello)).status).toBe(403);
    expect((await post(edge.url, { "x-forwarded-for": "127.0.0.9" })).status).toBe(200);
    expect((await post(edge.url, { "x-forwarded-for": "127.0.0.9, 203.0.113.9" })).status).toBe(403);
    const forHost = { "x-forwarded-for": "127.0.0.9", "x-forwarded-host": "api.example.com" };
    expect((await post(edge.url, forHost)).status).toBe(200);
    expect((await post(edge.url, { ...forHost, "x-forwarded-host": "evil.test" })).status).toBe(403);
    expect((await post(edge.url, { via: "1.1 nginx" })).status).toBe(403);
  });

  test("tells the scheme and the host of a page that is its own", async () => {
    const apiKeys = [key];
    edge = await serveEdge({ trustProxy: ["127.0.0.1"], access: { apiKeys } });
    const open = async (origin: string) => {
      const socket = new WebSocket(`${edge?.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
        origin,
        headers: {
          "x-forwarded-for": "203.0.113.9",
          "x-forwarded-host": "api.example.com",
          "x-forwarded-proto": "https",
        },
      });
      const opened = await Promise.race([
        once(socket, "open").then(() => true),
        once(socket, "unexpected-response").then(() => false),
      ]);
      socket.on("error", () => {});
      socket.terminate();
      return opened;
    };
    expect(await open("https://api.example.com")).toBe(true);
    expect(await open("http://api.example.com")).toBe(false);
    expect(await open(edge.url)).toBe(false);
  });
});

const ask = async (head: string) => {
  edge ??= await serveEdge({ access: { allowedHosts: ["Gateway.Example.com."] } });
  const length = `content-type: application/json\r\ncontent-length: ${chatBody.length}\r\nconnection: close\r\n\r\n`;
  return (await sendRaw(edge.httpPort, `${head}${length}${chatBody}`)).slice(9, 12);
};

const whole = (host: string) => `POST http://${host}/v1/chat/completions HTTP/1.1\r\n`;

describe("the name that a caller without a key uses", () => {
  const line = "POST /v1/chat/completions HTTP/1.1\r\n";

  test.each([
    "localhost",
    "LOCALHOST:8080",
    "localhost.:80",
    "127.0.0.1",
    "127.8.9.1:1",
    "[::1]:8080",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "gateway.example.com",
    "GATEWAY.example.com.:8080",
  ])("may be %s", async (host) => expect(await ask(`${line}host: ${host}\r\n`)).toBe("200"));

  test.each([
    "evil.test",
    "localhost.evil.test",
    "127.0.0.1.evil.test",
    "evil.test:127",
    "user@localhost",
    "localhost@evil.test",
    "localhost, evil.test",
    "localhost:80:80",
    "[::1",
    "[::2]",
    "[evil]",
    "0.0.0.0",
    "2130706433",
    "0x7f.1",
    "sub.gateway.example.com",
    "",
  ])("may not be %j", async (host) => expect(await ask(`${line}host: ${host}\r\n`)).toBe("403"));

  test("is one, where there has to be one", async () => {
    expect(await ask(`${line}host: localhost\r\nhost: localhost\r\n`)).toBe("400");
    expect(await ask(`${line}Host: localhost\r\nHOST: evil.test\r\n`)).toBe("400");
    expect(await ask(line)).toBe("400");
    // No browser speaks HTTP/1.0, where a host need not be named.
    expect(await ask("POST /v1/chat/completions HTTP/1.0\r\n")).toBe("200");
  });

  test.each([
    ["localhost:1", status.OK],
    ["LocalHost.", status.OK],
    ["[::1]:50051", status.OK],
    ["gateway.example.com", status.OK],
    ["evil.test", status.PERMISSION_DENIED],
    ["127.0.0.1.evil.test:50051", status.PERMISSION_DENIED],
  ])("is the authority over gRPC: %s", async (authority, code) => {
    edge = await serveEdge({ access: { allowedHosts: ["gateway.example.com"] } });
    const client = new Client(`127.0.0.1:${edge.grpcPort}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.default_authority": authority,
    });
    expect((await readStream(openStream(client))).status.code).toBe(code);
    client.close();
  });

  test("stands in a whole address before the Host", async () => {
    expect(await ask(`${whole("localhost:8080")}host: evil.test\r\n`)).toBe("200");
    expect(await ask(`${whole("evil.test")}host: localhost\r\n`)).toBe("403");
    expect(await ask(`POST localhost/v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n`)).toBe("400");
    expect(await ask(`POST ftp://localhost/v1/models HTTP/1.1\r\nhost: localhost\r\n`)).toBe("400");
  });
});
