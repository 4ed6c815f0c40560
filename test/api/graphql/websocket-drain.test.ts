// How the websockets of /graphql end when their port drains.

import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createGraphqlFrontEnd } from "../../../src/api/graphql/graphql-front-end.ts";
import { type ListeningServer, startHttpServer } from "../../../src/api/http-server.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import {
  createScriptedProvider,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { helloInput, shortSubscription, textOf } from "./serve-graphql.ts";

let server: ListeningServer;
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.drain();
});

/** The times of the server and of its websockets are the test's. */
async function start(a: ScriptedProvider = createScriptedProvider(textScript("Hi"))): Promise<ManualClock> {
  const clock = createManualClock();
  const { gateway } = createTestGateway({ providers: { a } });
  const frontEnds = [createGraphqlFrontEnd({ gateway, maxBodyBytes: 10_000, clock })];
  server = await startHttpServer({ host: "127.0.0.1", port: 0, frontEnds, clock });
  return clock;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

interface Opened {
  readonly socket: WebSocket;
  readonly messages: Message[];
  readonly send: (message: Message) => void;
  /** Resolves with the first message that holds the text. */
  readonly sees: (text: string) => Promise<Message>;
  readonly closed: Promise<unknown>;
}

async function open(): Promise<Opened> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/graphql`, "graphql-transport-ws");
  sockets.push(socket);
  const messages: Message[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(textOf(data))));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  const send = (message: Message) => socket.send(JSON.stringify(message));
  const sees = async (part: string): Promise<Message> => {
    for (;;) {
      const found = messages.find((message) => JSON.stringify(message).includes(part));
      if (found !== undefined) return found;
      await once(socket, "message");
    }
  };
  return { socket, messages, send, sees, closed };
}

async function openKnown(): Promise<Opened> {
  const opened = await open();
  opened.send({ type: "connection_init" });
  await opened.sees("connection_ack");
  return opened;
}

const subscribe = (id: string): Message => ({
  id,
  type: "subscribe",
  payload: { query: shortSubscription, variables: { input: helloInput } },
});

/** A stream that stands after its first word until the gate opens. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const { steps } = textScript("Hello you");
  const provider = createScriptedProvider({
    steps: [...steps.slice(0, 3), gate.promise, ...steps.slice(3)],
  });
  return { provider, open: gate.resolve };
}

test.each([
  ["that has not said yet who it is", open],
  ["on which nothing is open", openKnown],
])("a socket %s closes at once, as one that goes away", async (_, opening) => {
  await start();
  const { closed } = await opening();
  await server.drain();
  expect(await closed).toBe(1001);
});

test("a socket closes when its last operation has ended, and begins none until then", async () => {
  const { provider, open: openGate } = gated();
  await start(provider);
  const { messages, send, sees, closed } = await openKnown();
  send(subscribe("1"));
  await sees("Hello ");
  let drained = false;
  const drain = server.drain().then(() => (drained = true));
  send(subscribe("2"));
  expect(await sees('"id":"2"')).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "unavailable", retryAfterMs: 1_000, http: { status: 503 } } }],
  });
  expect(provider.calls).toHaveLength(1);
  expect(drained).toBe(false);
  openGate();
  expect(await closed).toBe(1001);
  await drain;
  expect(messages.slice(-2)).toMatchObject([
    { id: "1", type: "next", payload: { data: { chat: { __typename: "Finished" } } } },
    { id: "1", type: "complete" },
  ]);
});

test("a client that leaves its operation ends the wait", async () => {
  await start(createScriptedProvider({ steps: ["hang"] }));
  const { send, sees } = await openKnown();
  send(subscribe("1"));
  send({ type: "ping" });
  await sees("pong");
  const drain = server.drain();
  send({ id: "1", type: "complete" });
  await drain;
});

test("a peer that does not answer that the socket closes is waited for one second", async () => {
  const clock = await start();
  const { socket } = await openKnown();
  socket.pause();
  let drained = false;
  const drain = server.drain().then(() => (drained = true));
  await new Promise(setImmediate);
  clock.advance(999);
  await new Promise(setImmediate);
  expect(drained).toBe(false);
  clock.advance(1);
  await drain;
  expect(clock.pendingTimers).toBe(0);
});
