// Every entrance that takes JSON, on one real server, with what each calls the same things.

import { request as httpRequest } from "node:http";
import { createConnectFrontEnd } from "../../../src/api/rpc/connect-front-end.ts";
import { createGraphqlFrontEnd } from "../../../src/api/graphql/graphql-front-end.ts";
import { startHttpServer } from "../../../src/api/http-server.ts";
import { createOpenAiFrontEnd } from "../../../src/api/openai/openai-front-end.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createScriptedEmbedder, type ScriptedEmbedder, vectorsOf } from "../../support/scripted-embedder.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, type ReadableLedger } from "../../support/test-gateway.ts";

export interface Answer {
  readonly status: number;
  readonly json: JsonValue;
  /** Of the whole process while it was answered, the test's own client included. */
  readonly cpuMs: number;
}

export interface Entrance {
  readonly name: string;
  readonly path: string;
  readonly full: JsonObject;
  /** The refusal's message; undefined for an answer that is not in this front end's form of errors. */
  readonly refusal: (json: JsonValue) => string | undefined;
}

export interface Served {
  readonly provider: ScriptedEmbedder;
  readonly ledger: ReadableLedger;
  readonly faults: readonly unknown[];
  send(entrance: Entrance, body: string | Uint8Array): Promise<Answer>;
  close(): Promise<void>;
}

export async function serveAll(maxBodyBytes: number): Promise<Served> {
  const provider = createScriptedEmbedder(vectorsOf, textScript("Hello"));
  const { gateway, ledger, faults } = createTestGateway({
    providers: { acme: provider },
    clock: systemClock,
  });
  const options = { gateway, maxBodyBytes, clock: systemClock };
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    frontEnds: [
      createOpenAiFrontEnd(options),
      createGraphqlFrontEnd(options),
      createConnectFrontEnd(options),
    ],
  });
  return {
    provider,
    ledger,
    faults,
    async send({ path }, body) {
      const before = process.cpuUsage();
      const answered = await post({ port: server.port, path, body: Buffer.from(body) });
      const { user, system } = process.cpuUsage(before);
      return { ...answered, cpuMs: (user + system) / 1_000 };
    },
    close: () => server.close(),
  };
}

function post({ port, path, body }: { port: number; path: string; body: Buffer }) {
  return new Promise<{ status: number; json: JsonValue }>((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length };
    const request = httpRequest({ host: "127.0.0.1", port, path, method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, json: text === "" ? null : JSON.parse(text) });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

const openAiRefusal = (json: JsonValue): string | undefined => {
  const error = isObject(json) ? json["error"] : undefined;
  return isObject(error) && error["code"] === "invalid_request" ? textIn(error["message"]) : undefined;
};

const connectRefusal = (json: JsonValue): string | undefined =>
  isObject(json) && json["code"] === "invalid_argument" ? textIn(json["message"]) : undefined;

const graphqlRefusal = (json: JsonValue): string | undefined => {
  const errors = isObject(json) ? json["errors"] : undefined;
  const first: JsonValue = Array.isArray(errors) ? errors[0] : null;
  const extensions = isObject(first) ? first["extensions"] : undefined;
  const refused = isObject(extensions) && extensions["code"] === "invalid_request";
  return refused && isObject(first) ? textIn(first["message"]) : undefined;
};

const schema = { type: "object", properties: { a: { type: "string" } } };
const chat = {
  messages: [{ role: "ROLE_USER", parts: [{ text: "a" }] }],
  tools: [{ name: "f", parameters: schema }],
  responseFormat: { jsonSchema: { name: "s", schema } },
  sampling: { temperature: 1, topK: 5, seed: "1" },
  maxOutputTokens: 5,
  stop: ["b"],
  labels: { a: "b" },
  providerOptions: { acme: { tier: { a: 1 } } },
  cache: { mode: "CACHE_WISH_MODE_NO_STORE", ttlSeconds: 1, maxAgeSeconds: 1 },
  resumable: true,
};
const graphqlChat = {
  ...chat,
  messages: [{ role: "USER", parts: [{ text: "a" }] }],
  cache: { ...chat.cache, mode: "NO_STORE" },
};

export const entrances = {
  completions: {
    name: "chat completions",
    path: "/v1/chat/completions",
    full: {
      messages: [{ role: "user", content: [{ type: "text", text: "a" }] }],
      tools: [{ type: "function", function: { name: "f", parameters: schema } }],
      response_format: { type: "json_schema", json_schema: { name: "s", schema } },
      temperature: 1,
      top_k: 5,
      seed: 1,
      max_tokens: 5,
      stop: ["b"],
      metadata: { a: "b" },
      logit_bias: { "1": 2 },
      service: { tier: { a: 1 } },
    },
    refusal: openAiRefusal,
  },
  embeddings: {
    name: "embeddings",
    path: "/v1/embeddings",
    full: { model: "acme/m", input: ["a", "b"], dimensions: 8, metadata: { a: "b" }, tier: { a: 1 } },
    refusal: openAiRefusal,
  },
  connectChat: {
    name: "Connect's Chat",
    path: "/sluice.v1.ChatService/Chat",
    full: chat,
    refusal: connectRefusal,
  },
  connectEmbed: {
    name: "Connect's Embed",
    path: "/sluice.v1.EmbeddingService/Embed",
    full: {
      model: "acme/m",
      inputs: [{ text: "a" }, { tokens: { ids: [1] } }],
      labels: { a: "b" },
      providerOptions: { acme: { tier: { a: 1 } } },
    },
    refusal: connectRefusal,
  },
  graphql: {
    name: "GraphQL",
    path: "/graphql",
    full: {
      query: "mutation ($input: ChatInput!) { chat(input: $input) { text } }",
      operationName: null,
      variables: { input: graphqlChat },
    },
    refusal: graphqlRefusal,
  },
} as const satisfies Record<string, Entrance>;

export const allEntrances: readonly Entrance[] = Object.values(entrances);
