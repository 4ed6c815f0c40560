// A reader that stops reading holds a bounded part of the stream; when it reads on, all of it comes.

import { once } from "node:events";
import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { type ServedGraphql, serveGraphql, shortSubscription, textOf } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const deltas = 20_000;
const text = "x".repeat(1_000);
const operation = {
  query: shortSubscription,
  variables: { input: { messages: [{ role: "USER", parts: [{ text: "Much" }] }] } },
};

/** 20 MB of events, and a way to know that nobody asks for more of them. */
function plenty() {
  let yielded = 0;
  async function* events(): AsyncGenerator<ProviderChatEvent> {
    yield { type: "started" };
    yield { type: "part_started", index: 0, part: { kind: "text" } };
    for (; yielded < deltas; yielded++) yield { type: "part_delta", index: 0, text };
    yield { type: "finished", reason: "stop" };
  }
  const provider: Provider = { chat: () => Promise.resolve({ losses: [], events: events() }) };
  return {
    provider,
    /** Resolves with the count when it has stood still for many turns of the event loop. */
    standstill: async (): Promise<number> => {
      for (let before = -1, still = 0; ;) {
        await new Promise((resolve) => setImmediate(resolve));
        still = yielded === before && yielded > 0 ? still + 1 : 0;
        if (still === 2_000) return yielded;
        before = yielded;
      }
    },
  };
}

test("an event stream", async () => {
  const { provider, standstill } = plenty();
  served = await serveGraphql({ providers: { a: provider }, loggingPolicy: "none" });
  const sent = request(served.url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
  });
  sent.end(JSON.stringify(operation));
  const [response] = await once(sent, "response");
  expect(await standstill()).toBeLessThan(deltas / 2);
  let received = 0;
  for await (const chunk of response) received += chunk.length;
  expect(received).toBeGreaterThan(deltas * text.length);
});

test("a websocket", async () => {
  const { provider, standstill } = plenty();
  served = await serveGraphql({ providers: { a: provider }, loggingPolicy: "none" });
  const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws");
  let results = 0;
  const complete = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    const message = textOf(data);
    if (message.includes('"type":"next"')) results += 1;
    if (message.includes('"type":"complete"')) complete.resolve();
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init" }));
  await once(socket, "message");
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: operation }));
  await once(socket, "message");
  socket.pause();
  expect(await standstill()).toBeLessThan(deltas / 2);
  socket.resume();
  await complete.promise;
  expect(results).toBe(deltas + 3);
  socket.close();
});
