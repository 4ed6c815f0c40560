// A kept answer over every front end, which says so on each; and what a call wishes of the cache by each.

import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CacheStatus, ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { type RpcTransports, rpcTransports } from "../../api/rpc/rpc-transports.ts";
import { type ServedGateway, serveGateway } from "../served-gateway.ts";
import {
  chatMutation,
  chatSubscription,
  completion,
  graphql,
  graphqlInput,
  post,
  type Post,
  userSays,
} from "./run-clients.ts";

let served: ServedGateway;
let transports: RpcTransports;
beforeAll(async () => {
  served = await serveGateway({ environment: { AUTH_REQUIRED: "false", HOST: "127.0.0.1" } });
  transports = rpcTransports(served.baseUrl, served.ports.grpcPort);
});
afterAll(async () => {
  transports.close();
  await served.close();
});

type Headers = Readonly<Record<string, string>>;

/** What an answer says of the cache: in its headers, and in its message where it has one. */
interface Answered {
  readonly statuses: readonly string[];
  readonly code: string | undefined;
}

interface Face {
  readonly name: string;
  readonly ask: (text: string, headers: Headers) => Promise<Answered>;
}

const overHttp = (name: string, asked: (text: string) => Post): Face => ({
  name,
  async ask(text, headers) {
    const { path, body, headers: own } = asked(text);
    const response = await post(served.baseUrl, {
      path,
      body,
      headers: { ...own, ...headers, "x-sluice-meta": "1" },
    });
    const answer = await response.text();
    const inMessage = [...answer.matchAll(/"cache_?[sS]tatus":"(\w+)"/g)].map(([, status = ""]) => status);
    const statuses = [response.headers.get("x-sluice-cache-status") ?? "none", ...inMessage];
    return {
      statuses: [...new Set(statuses.map((status) => status.toLowerCase()))],
      code: /"code":"(\w+)"/.exec(answer)?.[1],
    };
  },
});

const transportOf = (name: string): Transport => {
  const found = transports.byName.find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`There is no transport ${name}.`);
  return found;
};

const nameOf = (status: CacheStatus | undefined): string =>
  Object.entries(CacheStatus)
    .find(([, value]) => value === status)?.[0]
    .toLowerCase() ?? "none";

async function failing(asking: Promise<Answered>): Promise<Answered> {
  try {
    return await asking;
  } catch (error) {
    const { code } = ConnectError.from(error);
    return { statuses: [], code: code === Code.NotFound ? "not_found" : Code[code] };
  }
}

const overRpc = (name: string): readonly Face[] => [
  {
    name: `${name} Chat`,
    ask: (text, headers) =>
      failing(
        (async () => {
          const client = createClient(ChatService, transportOf(name));
          const { meta } = await client.chat({ messages: userSays(text) }, { headers });
          return { statuses: [nameOf(meta?.cacheStatus)], code: undefined };
        })(),
      ),
  },
  {
    name: `${name} StreamChat`,
    ask: (text, headers) =>
      failing(
        (async () => {
          const client = createClient(ChatService, transportOf(name));
          const statuses = new Set<string>();
          for await (const { event } of client.streamChat({ messages: userSays(text) }, { headers })) {
            if (event.case === "started" || event.case === "finished") {
              statuses.add(nameOf(event.value.meta?.cacheStatus));
            }
          }
          return { statuses: [...statuses], code: undefined };
        })(),
      ),
  },
];

const events = { accept: "text/event-stream" };
const faces: readonly Face[] = [
  overHttp("OpenAI", (text) => completion(text)),
  overHttp("OpenAI, streamed", (text) => completion(text, true)),
  overHttp("/infer", (prompt) => ({ path: "/infer", body: { prompt } })),
  overHttp("embeddings", (input) => ({
    path: "/v1/embeddings",
    body: { model: "openai/demo-embed", input },
  })),
  overHttp("GraphQL", (text) => graphql(chatMutation, { input: graphqlInput(text) })),
  overHttp("GraphQL, streamed", (text) => ({
    ...graphql(chatSubscription, { input: graphqlInput(text) }),
    headers: events,
  })),
  ...["gRPC", "Connect", "gRPC-Web"].flatMap(overRpc),
];

const kept = { "x-sluice-cache-ttl": "600" };

describe.each(faces)("$name", ({ name, ask }) => {
  test("tells of a kept answer that it is one, and of others that they are none", async () => {
    const text = `The capital of France, by ${name}?`;
    const only = { "cache-control": "only-if-cached", ...kept };
    expect((await ask(text, only)).code).toBe("not_found");
    const before = served.upstream.counts.received;
    expect(await ask(text, kept)).toEqual({ statuses: ["miss"], code: undefined });
    expect(await ask(text, kept)).toEqual({ statuses: ["hit"], code: undefined });
    expect(await ask(text, only)).toEqual({ statuses: ["hit"], code: undefined });
    expect(served.upstream.counts.received).toBe(before + 1);
    expect(await ask(text, { ...kept, "cache-control": "no-cache" })).toEqual({
      statuses: [expect.stringMatching(/^(bypass|miss)$/)],
      code: undefined,
    });
    expect((await ask(text, { "cache-control": "no-store" })).statuses).toEqual(["bypass"]);
    expect(served.upstream.counts.received).toBe(before + 3);
  });
});
