// Keys, times and positions that are none, over every front end: each is told so, and nothing is asked of a provider.

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
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
  resumeSubscription,
  userSays,
} from "./run-clients.ts";

let served: ServedGateway;
let transports: RpcTransports;
beforeAll(async () => {
  served = await serveGateway({ environment: { AUTH_REQUIRED: "false" } });
  transports = rpcTransports(served.baseUrl, served.ports.grpcPort);
});
afterAll(async () => {
  transports.close();
  await served.close();
});

interface Refusal {
  readonly code: string | undefined;
  readonly message: string;
}

async function posted(asked: Post): Promise<Refusal> {
  const text = await (await post(served.baseUrl, asked)).text();
  return { code: /"code":"(\w+)"/.exec(text)?.[1], message: text };
}

async function called(asking: () => Promise<unknown>): Promise<Refusal> {
  try {
    await asking();
  } catch (thrown) {
    const { code, rawMessage } = ConnectError.from(thrown);
    const codes: Partial<Record<Code, string>> = {
      [Code.InvalidArgument]: "invalid_request",
      [Code.NotFound]: "not_found",
    };
    return { code: codes[code] ?? Code[code], message: rawMessage };
  }
  return { code: undefined, message: "" };
}

async function allOf(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) continue;
}

const clientOf = (name: string) => {
  const found = transports.byName.find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`There is no transport ${name}.`);
  return createClient(ChatService, found);
};

const rpcNames = ["gRPC", "Connect", "Connect JSON", "gRPC-Web"];
const messages = userSays("Hi");
const events = { accept: "text/event-stream" };
const kibibyte = "k".repeat(1_024);

/** Sent as a header or as metadata, by every front end. */
const withHeaders = (headers: Readonly<Record<string, string>>): readonly (() => Promise<Refusal>)[] => [
  () => posted({ ...completion("Hi"), headers }),
  () => posted({ ...completion("Hi", true), headers }),
  () => posted({ path: "/infer", body: { prompt: "Hi" }, headers }),
  () => posted({ path: "/v1/embeddings", body: { model: "openai/demo-embed", input: "Hi" }, headers }),
  () => posted({ ...graphql(chatMutation, { input: graphqlInput("Hi") }), headers }),
  () =>
    posted({
      ...graphql(chatSubscription, { input: graphqlInput("Hi") }),
      headers: { ...events, ...headers },
    }),
  ...rpcNames.flatMap((name) => [
    () => called(() => clientOf(name).chat({ messages }, { headers })),
    () => called(() => allOf(clientOf(name).streamChat({ messages }, { headers }))),
  ]),
];

describe.each([
  ["a key of 1 KiB", { "idempotency-key": kibibyte }, "idempotency-key"],
  ["a time to keep that is too long", { "x-sluice-cache-ttl": "2592001" }, "x-sluice-cache-ttl"],
  ["a time to keep below zero", { "x-sluice-cache-ttl": "-1" }, "x-sluice-cache-ttl"],
  ["an age that is no number", { "cache-control": "max-age=soon" }, "cache-control"],
])("%s in a header", (_, headers, named) => {
  test("is an invalid request on every front end", async () => {
    for (const ask of withHeaders(headers)) {
      expect(await ask()).toEqual({ code: "invalid_request", message: expect.stringContaining(named) });
    }
  });
});

describe.each([
  ["of 1 KiB", kibibyte],
  ["with control characters", "a\u0000b\u001bc\n"],
  ["with other characters than ASCII", "schlüssel-🔑"],
])("a key %s in a message", (_, idempotencyKey) => {
  test("is an invalid request on every front end that takes one there", async () => {
    const input = { ...graphqlInput("Hi"), idempotencyKey };
    const refusals = [
      await posted(graphql(chatMutation, { input })),
      await posted({ ...graphql(chatSubscription, { input }), headers: events }),
    ];
    for (const name of rpcNames) {
      refusals.push(
        await called(() => clientOf(name).chat({ messages, idempotencyKey })),
        await called(() => allOf(clientOf(name).streamChat({ messages, idempotencyKey }))),
      );
    }
    for (const { code, message } of refusals) {
      expect(code).toBe("invalid_request");
      expect(message).toMatch(/idempotency_?[kK]ey: must have 1 to 256 visible ASCII characters/);
      expect(message).not.toContain(idempotencyKey);
    }
  });
});

const unknownId = "01a23067-f131-772d-be94-f496471db2fe";
const stream = { ...completion("Hi", true) };

describe.each<
  [
    string,
    { readonly id: string; readonly after: number; readonly code: string; readonly lastEventId: string },
  ]
>([
  ["an unknown id", { id: unknownId, after: 3, code: "not_found", lastEventId: `${unknownId}:3` }],
  ["an id that is none", { id: "x".repeat(65), after: 3, code: "invalid_request", lastEventId: "an id: 3" }],
  [
    "a sequence below -1",
    { id: unknownId, after: -2, code: "invalid_request", lastEventId: `${unknownId}:-2` },
  ],
])("going on with %s", (_, { id, after, code, lastEventId }) => {
  test(`is ${code} on every front end`, async () => {
    const refusals = [
      await posted({ ...stream, headers: { "last-event-id": lastEventId } }),
      await posted({
        ...graphql(chatSubscription, { input: graphqlInput("Hi") }),
        headers: { ...events, "last-event-id": lastEventId },
      }),
      await posted({ ...graphql(resumeSubscription, { id, after }), headers: events }),
    ];
    for (const name of rpcNames) {
      refusals.push(
        await called(() => allOf(clientOf(name).resumeChat({ id, afterSequence: BigInt(after) }))),
      );
    }
    expect(refusals.map((refusal) => refusal.code)).toEqual(refusals.map(() => code));
  });
});

test("nothing of all this was asked of a provider, or is on record", async () => {
  expect(served.upstream.counts.received).toBe(0);
  const found = await post(served.baseUrl, graphql("{ requests { nodes { id } } }", {}));
  expect(await found.json()).toEqual({ data: { requests: { nodes: [] } } });
});

test("going on behind an event that has not come yet is an invalid request on every front end", async () => {
  const first = await post(served.baseUrl, { ...stream, headers: { "x-sluice-resumable": "1" } });
  await first.text();
  const id = first.headers.get("x-sluice-request-id") ?? "";
  const refusals = [
    await posted({ ...stream, headers: { "last-event-id": `${id}:999` } }),
    await posted({
      ...graphql(chatSubscription, { input: graphqlInput("Hi") }),
      headers: { ...events, "last-event-id": `${id}:999` },
    }),
    await posted({ ...graphql(resumeSubscription, { id, after: 999 }), headers: events }),
  ];
  for (const name of rpcNames) {
    refusals.push(await called(() => allOf(clientOf(name).resumeChat({ id, afterSequence: 999n }))));
  }
  for (const { code, message } of refusals) {
    expect(code).toBe("invalid_request");
    expect(message).toContain("has no event 999 yet");
  }
  expect(served.upstream.counts.received).toBe(1);
});
