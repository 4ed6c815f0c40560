// The adapter against a server that speaks as the vendor does, and recomputes signatures as the vendor describes.

import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Delivery, Provider } from "../../../src/core/provider.ts";
import { baseUrlOf } from "../../../src/providers/bedrock/credentials.ts";
import { createBedrockProvider } from "../../../src/providers/bedrock/index.ts";
import { createAwsSigner } from "../../../src/providers/bedrock/sign-aws.ts";

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const asked: Asked[] = [];
const providers: Provider[] = [];
let respond: (response: ServerResponse) => void = (response) => response.end();
let baseUrl = "";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    asked.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
    respond(response);
  });
});

beforeEach(async () => {
  asked.length = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  baseUrl = `http://127.0.0.1:${address.port}`;
});

afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.close?.();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const keys = { region: "eu-west-1", accessKeyId: "AKIDEXAMPLE", secretAccessKey: secret };
const hello: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Grüezi" }] }] };

interface Chat {
  readonly apiKey?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly model?: string;
  readonly delivery?: Delivery;
  readonly pathPrefix?: string;
}

async function chat({
  apiKey = "",
  settings,
  model = "amazon.nova-lite-v1:0",
  delivery = "unary",
  pathPrefix = "",
}: Chat) {
  const provider = createBedrockProvider({ baseUrl: `${baseUrl}${pathPrefix}`, apiKey, settings });
  providers.push(provider);
  const reply = await provider.chat(hello, { model, delivery, signal: new AbortController().signal });
  const events: ProviderChatEvent[] = [];
  for await (const event of reply.events) events.push(event);
  return { reply, events };
}

const answerWith = (status: number, contentType: string, body: string | Uint8Array): void => {
  respond = (response) => {
    response.writeHead(status, { "content-type": contentType, "x-amzn-requestid": "r-7" });
    response.end(body);
  };
};

const answer = JSON.stringify({
  output: { message: { role: "assistant", content: [{ text: "Hi" }] } },
  stopReason: "end_turn",
});

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8")),
  (text) => Buffer.from(text, "utf8"),
);
const event = (type: string, body: unknown): Uint8Array =>
  codec.encode({
    headers: {
      ":event-type": { type: "string", value: type },
      ":message-type": { type: "string", value: "event" },
    },
    body: Buffer.from(JSON.stringify(body)),
  });
const stream = [
  event("messageStart", { role: "assistant" }),
  event("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } }),
  event("contentBlockStop", { contentBlockIndex: 0 }),
  event("messageStop", { stopReason: "end_turn" }),
  event("metadata", { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }),
];

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** By hand, from the bytes that came: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function authorizationFor({ url, headers, body }: Asked, { region }: { readonly region: string }): string {
  const names = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? "")?.[1] ?? "";
  const date = String(headers["x-amz-date"]);
  const path = url
    .split("/")
    .map((part) => encodeURIComponent(part).replaceAll(/[!'()*]/g, ""))
    .join("/");
  const signed = names
    .split(";")
    .map((name) => `${name}:${String(headers[name]).trim()}\n`)
    .join("");
  const canonical = ["POST", path, "", signed, names, sha256(body)].join("\n");
  const scope = `${date.slice(0, 8)}/${region}/bedrock/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((parent, part) => hmac(parent, part), `AWS4${secret}`);
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

const onlyAsked = (): Asked => {
  const [first, ...more] = asked;
  if (first === undefined || more.length > 0) throw new Error(`asked ${asked.length} times`);
  return first;
};

describe("the signature", () => {
  test("is that of the vendor's published test", async () => {
    const sign = createAwsSigner({
      service: "service",
      region: "us-east-1",
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: secret,
      nowMs: () => Date.UTC(2015, 7, 30, 12, 36),
    });
    const headers = { "content-type": "application/x-www-form-urlencoded", "user-agent": "sluice" };
    const request = { method: "POST", path: "/", headers, body: "Param1=value1" } as const;
    expect(await sign(request, "https://example.amazonaws.com/")).toMatchObject({
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    });
  });

  test.each([
    "amazon.nova-lite-v1:0",
    "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a b(c)'*!",
    "models/ä?x=1&y#z%2F",
  ])("holds for what arrives, for the model %s", async (model) => {
    answerWith(200, "application/json", answer);
    await chat({ settings: keys, model });
    const seen = onlyAsked();
    expect(seen.url.split("/")).toHaveLength(4);
    expect(decodeURIComponent(seen.url.split("/")[2] ?? "")).toBe(model);
    expect(seen.headers.authorization).toBe(authorizationFor(seen, keys));
    expect(seen.headers.authorization).toContain("SignedHeaders=content-type;host;x-amz-date,");
  });

  test("holds behind a path of the base URL's, with a session's token, and call after call", async () => {
    answerWith(200, "application/json", answer);
    await chat({ settings: { ...keys, sessionToken: "a/token+x==" }, pathPrefix: "/aws" });
    const seen = onlyAsked();
    expect(seen.url).toBe("/aws/model/amazon.nova-lite-v1%3A0/converse");
    expect(seen.headers["x-amz-security-token"]).toBe("a/token+x==");
    expect(seen.headers.authorization).toContain("x-amz-security-token");
    expect(seen.headers.authorization).toBe(authorizationFor(seen, keys));
  });

  test("changes with the day", async () => {
    let nowMs = Date.UTC(2026, 0, 1, 23, 59);
    const sign = createAwsSigner({ service: "bedrock", ...keys, nowMs: () => nowMs });
    const request = { method: "POST", path: "/", headers: {}, body: "{}" } as const;
    const signatures = new Set<string | undefined>();
    for (let day = 0; day < 4; day += 1) {
      const headers = await sign(request, `${baseUrl}/`);
      expect(headers["x-amz-date"]).toBe(`2026010${day + 1}T235900Z`);
      const host = baseUrl.slice("http://".length);
      const seen = { url: "/", headers: { ...headers, host }, body: "{}" };
      expect(headers["authorization"]).toBe(authorizationFor(seen, keys));
      signatures.add(headers["authorization"]);
      nowMs += 86_400_000;
    }
    expect(signatures.size).toBe(4);
  });
});

const endpointOf = (region: string, baseUrl = ""): string =>
  baseUrlOf({ baseUrl, apiKey: "", settings: { region } });

describe("the Bedrock provider", () => {
  test("goes to its region's endpoint where none is given", () => {
    expect(endpointOf("eu-west-1")).toBe("https://bedrock-runtime.eu-west-1.amazonaws.com");
    expect(endpointOf("cn-north-1")).toBe("https://bedrock-runtime.cn-north-1.amazonaws.com.cn");
    expect(endpointOf("us-west-2", "https://aws.example/{region}/")).toBe("https://aws.example/us-west-2");
    expect(baseUrlOf({ baseUrl: "http://127.0.0.1:1/x/", apiKey: "" })).toBe("http://127.0.0.1:1/x");
  });

  test("asks with an API key as bearer, and reads a whole answer", async () => {
    answerWith(200, "application/json", answer);
    const { reply, events } = await chat({ apiKey: "a-key", settings: keys });
    expect(onlyAsked()).toMatchObject({
      url: "/model/amazon.nova-lite-v1%3A0/converse",
      headers: { authorization: "Bearer a-key", "content-type": "application/json" },
      body: '{"messages":[{"role":"user","content":[{"text":"Grüezi"}]}]}',
    });
    expect(reply).toMatchObject({ upstreamRequestId: "r-7", httpStatus: 200, losses: [] });
    expect(events.map(({ type }) => type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "finished",
    ]);
  });

  test("asks unsigned with neither", async () => {
    answerWith(200, "application/json", answer);
    await chat({});
    expect(onlyAsked().headers.authorization).toBeUndefined();
  });

  test("reads a stream", async () => {
    answerWith(200, "application/vnd.amazon.eventstream", Buffer.concat(stream));
    const { events } = await chat({ delivery: "streamed" });
    expect(onlyAsked().url).toBe("/model/amazon.nova-lite-v1%3A0/converse-stream");
    expect(events.map(({ type }) => type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "usage",
      "finished",
    ]);
  });

  test("breaks when the stream ends before the message does, or comes damaged", async () => {
    answerWith(200, "application/vnd.amazon.eventstream", Buffer.concat(stream.slice(0, 3)));
    await expect(chat({ delivery: "streamed" })).rejects.toMatchObject({ failure: "broken_reply" });
    const damaged = Buffer.concat(stream);
    damaged[damaged.length - 10] = 0;
    answerWith(200, "application/vnd.amazon.eventstream", damaged);
    await expect(chat({ delivery: "streamed" })).rejects.toMatchObject({ failure: "broken_reply" });
  });

  test("rejects with the vendor's error, and a stream that is none", async () => {
    answerWith(429, "application/json", '{"message":"Too many requests"}');
    await expect(chat({ delivery: "streamed" })).rejects.toMatchObject({
      failure: "rate_limited",
      httpStatus: 429,
      upstreamRequestId: "r-7",
    });
    answerWith(200, "text/html", "<html></html>");
    await expect(chat({ delivery: "streamed" })).rejects.toMatchObject({ failure: "broken_reply" });
  });

  test("asks for no model whose name would be another address", async () => {
    for (const model of ["", ".", ".."]) {
      await expect(chat({ model })).rejects.toMatchObject({ failure: "model_unavailable" });
    }
    expect(asked).toEqual([]);
  });
});
