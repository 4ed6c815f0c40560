// A caller that goes away ends its call at the provider at once, also while nothing comes.

import { once } from "node:events";
import { createClient } from "graphql-ws";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createScriptedProvider, type Script, textScript } from "../../support/scripted-provider.ts";
import {
  chatMutation,
  helloInput,
  readEvents,
  type ServedGraphql,
  serveGraphql,
  shortSubscription,
  textOf,
} from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const subscription = { query: shortSubscription, variables: { input: helloInput } };
const mutation = { query: chatMutation, variables: { input: helloInput } };

/** Commits to an answer and then says nothing more. */
const silentAfterText: Script = { steps: [...textScript("one ").steps.slice(0, 3), "hang"] };
const silent: Script = { steps: ["hang"] };

/** A provider that tells when it was asked and when the call's signal was aborted. */
function watched(script: Script) {
  const provider = createScriptedProvider(script);
  const asked = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  const adapter: typeof provider = {
    ...provider,
    chat(request, context) {
      context.signal.addEventListener("abort", () => aborted.resolve(context.signal.reason));
      asked.resolve();
      return provider.chat(request, context);
    },
  };
  return { adapter, asked: asked.promise, aborted: aborted.promise };
}

describe("over an event stream", () => {
  test("while the reader waits for the next event", async () => {
    const { adapter, aborted } = watched(silentAfterText);
    served = await serveGraphql({ providers: { a: adapter } });
    const controller = new AbortController();
    const response = await served.subscribe(subscription, { signal: controller.signal });
    const events = readEvents(response);
    for (let seen = 0; seen < 3; seen++) await events.next();
    controller.abort();
    expect(await aborted).toMatchObject({ code: "cancelled" });
    expect(served.ledger.settled).toMatchObject([{ status: "cancelled" }]);
  });

  test("while it waits for the first event", async () => {
    const { adapter, asked, aborted } = watched(silent);
    served = await serveGraphql({ providers: { a: adapter } });
    const controller = new AbortController();
    const response = served.subscribe(subscription, { signal: controller.signal });
    await asked;
    controller.abort();
    await expect(response).rejects.toThrow(/aborted/);
    expect(await aborted).toMatchObject({ code: "cancelled" });
  });
});

test("a mutation's caller that hangs up", async () => {
  const { adapter, asked, aborted } = watched(silent);
  served = await serveGraphql({ providers: { a: adapter } });
  const controller = new AbortController();
  const response = served.subscribe(mutation, { signal: controller.signal });
  await asked;
  controller.abort();
  await expect(response).rejects.toThrow(/aborted/);
  expect(await aborted).toMatchObject({ code: "cancelled" });
});

describe("over a websocket", () => {
  test("that completes while it waits for the next event; the connection goes on", async () => {
    const { adapter, aborted } = watched(silentAfterText);
    served = await serveGraphql({ providers: { a: adapter } });
    const client = createClient({ url: served.websocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const results = client.iterate(subscription);
    for (let seen = 0; seen < 3; seen++) await results.next();
    await results.return?.();
    expect(await aborted).toMatchObject({ code: "cancelled" });
    expect((await client.iterate({ query: "{ routes { name } }" }).next()).value).toMatchObject({
      data: { routes: [{ name: "default" }, { name: "spare" }] },
    });
    await client.dispose();
  });

  test.each([
    ["a subscription", subscription],
    ["a mutation", mutation],
  ])("that completes %s before its first result: nothing more is sent for it", async (_, operation) => {
    const { adapter, asked, aborted } = watched(silent);
    served = await serveGraphql({ providers: { a: adapter } });
    const { socket, messages } = await connect(served.websocketUrl);
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: operation }));
    await asked;
    socket.send(JSON.stringify({ id: "1", type: "complete" }));
    expect(await aborted).toMatchObject({ code: "cancelled" });
    socket.send(JSON.stringify({ type: "ping" }));
    expect(await messages.next()).toMatchObject({ value: { type: "pong" } });
    socket.close();
  });

  test("that closes ends all its calls", async () => {
    const first = watched(silent);
    const second = watched(silentAfterText);
    served = await serveGraphql({ providers: { a: first.adapter, b: second.adapter } });
    const { socket } = await connect(served.websocketUrl);
    const input = { ...helloInput, model: "b/m" };
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: subscription }));
    socket.send(
      JSON.stringify({ id: "2", type: "subscribe", payload: { ...subscription, variables: { input } } }),
    );
    await Promise.all([first.asked, second.asked]);
    socket.terminate();
    expect(await first.aborted).toMatchObject({ code: "cancelled" });
    expect(await second.aborted).toMatchObject({ code: "cancelled" });
  });

  test("that the front end closes: its calls end and the client hears why", async () => {
    const { adapter, asked, aborted } = watched(silent);
    const own = await serveGraphql({ providers: { a: adapter } });
    const { socket } = await connect(own.websocketUrl);
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: subscription }));
    await asked;
    const closed = once(socket, "close");
    await own.close();
    expect((await closed)[0]).toBe(1001);
    await aborted;
  });
});

test("the caller's own timeout ends the call", async () => {
  const { adapter, aborted } = watched(silent);
  served = await serveGraphql({ providers: { a: adapter } });
  const { response, result } = await served.post(mutation, { "x-sluice-timeout-ms": "20" });
  expect(response.status).toBe(504);
  expect(result.errors?.[0]?.extensions.code).toBe("deadline_exceeded");
  expect(await aborted).toMatchObject({ code: "deadline_exceeded" });
});

/** A bare client, to send what a library would not. */
async function connect(url: string) {
  const socket = new WebSocket(url, "graphql-transport-ws");
  await once(socket, "open");
  const messages = parsedMessages(socket);
  socket.send(JSON.stringify({ type: "connection_init" }));
  await messages.next();
  return { socket, messages };
}

async function* parsedMessages(socket: WebSocket): AsyncGenerator {
  const queue: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    queue.push(JSON.parse(textOf(data)));
    wake.resolve();
  });
  for (;;) {
    while (queue.length > 0) yield queue.shift();
    wake = Promise.withResolvers<void>();
    await wake.promise;
  }
}
