// Who may open a websocket, how it is kept alive, and what it refuses.

import { once } from "node:events";
import { createClient } from "graphql-ws";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Presented } from "../../../src/core/access/access.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { helloInput, type ServedGraphql, serveGraphql, shortSubscription } from "./serve-graphql.ts";
import { principalOfRole } from "../../support/principals.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const routes = { query: "{ routes { name } }" };

/** Lets in who shows the key `right`, and keeps what each showed. */
function keyed() {
  const presented: Presented[] = [];
  return {
    presented,
    access: {
      keyless: false,
      authenticate(shown: Presented) {
        presented.push(shown);
        if (shown.credential === "right") {
          return Promise.resolve(principalOfRole("developer", "t"));
        }
        const code = shown.credential === undefined ? "unauthenticated" : "permission_denied";
        return Promise.reject(new GatewayError({ code, message: `Show a key. ${"Really. ".repeat(40)}é` }));
      },
    },
  };
}

const provider = () => createScriptedProvider(textScript("Hello you"));

test("a subscription gives its events and completes", async () => {
  served = await serveGraphql({ providers: { a: provider() } });
  const client = createClient({ url: served.websocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const names: unknown[] = [];
  for await (const { data } of client.iterate({
    query: shortSubscription,
    variables: { input: helloInput },
  })) {
    names.push(data?.["chat"]);
  }
  expect(names).toEqual([
    { __typename: "Started", sequence: 0 },
    { __typename: "PartStarted", sequence: 1 },
    { __typename: "PartDelta", sequence: 2, text: "Hello " },
    { __typename: "PartDelta", sequence: 3, text: "you" },
    { __typename: "PartFinished", sequence: 4 },
    { __typename: "Usage", sequence: 5 },
    { __typename: "Finished", sequence: 6, reason: "STOP" },
  ]);
  await client.dispose();
});

test("a document that is wrong is an `error` with code invalid_request", async () => {
  served = await serveGraphql({ providers: { a: provider() } });
  const client = createClient({ url: served.websocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  await expect(client.iterate({ query: "{ modles { id } }" }).next()).rejects.toMatchObject([
    {
      message: expect.stringContaining("modles"),
      extensions: { code: "invalid_request", http: { status: 400 } },
    },
  ]);
  await expect(client.iterate({ query: "{ models {" }).next()).rejects.toMatchObject([
    { message: expect.stringContaining("Syntax Error"), extensions: { code: "invalid_request" } },
  ]);
  const twoOperations = client.iterate({ query: "query a { routes { name } } query b { routes { name } }" });
  await expect(twoOperations.next()).rejects.toMatchObject([
    { message: expect.stringContaining("operation"), extensions: { code: "invalid_request" } },
  ]);
  await client.dispose();
});

describe("the credential", () => {
  test.each([
    [{ authorization: "Bearer right" }],
    [{ Authorization: "Bearer right" }],
    [{ apiKey: "right" }],
    [{ "x-api-key": "right" }],
  ])("may stand in the connection's parameters: %j", async (connectionParams) => {
    const { access, presented } = keyed();
    served = await serveGraphql({ providers: { a: provider() }, access });
    const client = createClient({
      url: served.websocketUrl,
      webSocketImpl: WebSocket,
      connectionParams,
      retryAttempts: 0,
    });
    const results = await Promise.all([client.iterate(routes).next(), client.iterate(routes).next()]);
    expect(results).toMatchObject([
      { value: { data: { routes: [{}, {}] } } },
      { value: { data: { routes: [{}, {}] } } },
    ]);
    // Once for the connection, once for each operation.
    expect(presented).toHaveLength(3);
    for (const shown of presented) {
      expect(shown).toMatchObject({ credential: "right", remoteAddress: "127.0.0.1" });
    }
    await client.dispose();
  });

  test("of the headers goes before that of the parameters", async () => {
    const { access } = keyed();
    served = await serveGraphql({ providers: { a: provider() }, access });
    const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws", {
      headers: { "x-api-key": "right" },
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: "Bearer wrong" } }));
    expect(String((await once(socket, "message"))[0])).toContain("connection_ack");
    socket.close();
  });

  test.each([
    [undefined, 4401],
    [{ apiKey: "wrong" }, 4403],
    [{ apiKey: 7 }, 4401],
  ])("%j closes the socket with %i and words", async (payload, code) => {
    const { access } = keyed();
    served = await serveGraphql({ providers: { a: provider() }, access });
    const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload }));
    const [closedWith, words] = await once(socket, "close");
    expect(closedWith).toBe(code);
    expect(String(words)).toMatch(/^Show a key\. Really\./);
  });

  test("is asked for again with each operation, so that one that was revoked begins nothing more", async () => {
    const { access } = keyed();
    let isRevoked = false;
    const authenticate = (shown: Presented) =>
      access.authenticate(isRevoked ? { ...shown, credential: "revoked" } : shown);
    served = await serveGraphql({ providers: { a: provider() }, access: { ...access, authenticate } });
    const client = createClient({
      url: served.websocketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: "right" },
      lazy: false,
      retryAttempts: 0,
    });
    expect(await client.iterate(routes).next()).toMatchObject({ value: { data: { routes: [{}, {}] } } });
    isRevoked = true;
    await expect(client.iterate(routes).next()).rejects.toMatchObject([
      { message: expect.stringContaining("Show a key."), extensions: { code: "permission_denied" } },
    ]);
    isRevoked = false;
    expect(await client.iterate(routes).next()).toMatchObject({ value: { data: { routes: [{}, {}] } } });
    await client.dispose();
  });

  test("is needed before the first operation", async () => {
    served = await serveGraphql({ providers: { a: provider() } });
    const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: routes }));
    expect((await once(socket, "close"))[0]).toBe(4401);
  });
});

test("an idempotency key of the connection is none of its calls", async () => {
  served = await serveGraphql({ providers: { a: provider() } });
  const headers = { "idempotency-key": "k", "x-request-id": "mine" };
  const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws", { headers });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init" }));
  await once(socket, "message");
  const payload = { query: shortSubscription, variables: { input: helloInput } };
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
  await once(socket, "message");
  expect(served.ledger.opened).toMatchObject([{ correlationId: "mine", idempotencyKey: undefined }]);
  socket.close();
});

describe("a page", () => {
  test.each(["https://evil.test", "null", "http://localhost:1"])(
    "of the origin %s is refused",
    async (origin) => {
      served = await serveGraphql({ providers: { a: provider() } });
      const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws", { origin });
      const [, response] = await once(socket, "unexpected-response");
      expect(response.statusCode).toBe(403);
      response.resume();
    },
  );

  test("of the gateway's own origin is served", async () => {
    served = await serveGraphql({ providers: { a: provider() } });
    const { origin } = new URL(served.url);
    const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws", { origin });
    await once(socket, "open");
    socket.close();
  });
});

async function openedSocket(maxBodyBytes = 1_000) {
  served = await serveGraphql({ providers: { a: provider() }, maxBodyBytes });
  const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws");
  await once(socket, "open");
  return socket;
}

describe("a message", () => {
  test("longer than a body may be closes the socket with 1009", async () => {
    const socket = await openedSocket();
    socket.send(JSON.stringify({ type: "connection_init", payload: { x: "y".repeat(1_000) } }));
    expect((await once(socket, "close"))[0]).toBe(1009);
  });

  test("before the caller is known is not waited for beyond 64 KiB, and later ones are", async () => {
    served = await serveGraphql({ providers: { a: provider() }, maxBodyBytes: 1_000_000 });
    const unknown = new WebSocket(served.websocketUrl, "graphql-transport-ws");
    await once(unknown, "open");
    unknown.send("x".repeat(70_000), { fin: false });
    expect((await once(unknown, "close"))[0]).toBe(1006);

    const known = new WebSocket(served.websocketUrl, "graphql-transport-ws");
    await once(known, "open");
    known.send('{"type":"connection_init"}');
    await once(known, "message");
    const query = `${routes.query} # ${"x".repeat(200_000)}`;
    known.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } }));
    const [answer] = await once(known, "message");
    expect(JSON.parse(String(answer))).toMatchObject({ type: "next", id: "1" });
    known.close();
  });

  test.each([
    ["binary", Buffer.from("{}")],
    ["no JSON", "{"],
    ["of no known type", '{"type":"hello"}'],
  ])("that is %s closes the socket with 4400", async (_, message) => {
    const socket = await openedSocket();
    socket.send(message);
    expect((await once(socket, "close"))[0]).toBe(4400);
  });

  test("of bytes that are not UTF-8 closes the socket with 1007", async () => {
    const socket = await openedSocket();
    socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await once(socket, "close"))[0]).toBe(1007);
  });
});

test("more operations at once than allowed are refused one by one", async () => {
  const hanging = createScriptedProvider({ steps: ["hang"] });
  served = await serveGraphql({ providers: { a: hanging } });
  const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws");
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init" }));
  await once(socket, "message");
  const payload = { query: shortSubscription, variables: { input: helloInput } };
  for (let id = 0; id <= 64; id++)
    socket.send(JSON.stringify({ id: String(id), type: "subscribe", payload }));
  const [message] = await once(socket, "message");
  expect(JSON.parse(String(message))).toMatchObject({
    id: "64",
    type: "error",
    payload: [{ extensions: { code: "overloaded", retryAfterMs: 1_000 } }],
  });
  expect(hanging.calls).toHaveLength(64);
  socket.close();
});

test("a peer that answers no ping is let go, one that does stays", async () => {
  const frontEndClock = createManualClock();
  served = await serveGraphql({ providers: { a: provider() }, frontEndClock });
  const alive = new WebSocket(served.websocketUrl, "graphql-transport-ws");
  const silent = new WebSocket(served.websocketUrl, "graphql-transport-ws", { autoPong: false });
  await Promise.all([once(alive, "open"), once(silent, "open")]);
  const pinged = Promise.all([once(alive, "ping"), once(silent, "ping")]);
  frontEndClock.advance(15_000);
  await pinged;
  // A message that is answered comes after the pong that was sent before it.
  alive.send(JSON.stringify({ type: "connection_init" }));
  await once(alive, "message");
  const closed = once(silent, "close");
  frontEndClock.advance(15_000);
  expect((await closed)[0]).toBe(1006);
  expect(alive.readyState).toBe(WebSocket.OPEN);
  alive.close();
});
