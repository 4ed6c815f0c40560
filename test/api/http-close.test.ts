// How the HTTP port closes while clients are at it.

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { type ListeningServer, startHttpServer } from "../../src/api/http-server.ts";
import { createManualClock } from "../support/manual-clock.ts";

let client: Socket | undefined;
afterEach(() => client?.destroy());

const request = "GET /answer HTTP/1.1\r\nhost: localhost\r\n\r\n";
const upgradeRequest = request.replace("\r\n\r\n", "\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");

/** A server whose time of grace never ends, and a connection to it with one request, whose answer is under way. */
async function startWithRequest(): Promise<{
  readonly server: ListeningServer;
  readonly socket: Socket;
  readonly response: ServerResponse;
  readonly next: () => Promise<ServerResponse>;
}> {
  const came: ((response: ServerResponse) => void)[] = [];
  const next = () => new Promise<ServerResponse>((resolve) => came.push(resolve));
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    clock: createManualClock(),
    frontEnds: [
      {
        endpoints: [],
        serves: () => true,
        handle: (_, response) => came.shift()?.(response),
        upgrade: (_, socket) => socket.end(),
      },
    ],
  });
  const first = next();
  const socket = connect(server.port, "127.0.0.1");
  client = socket;
  socket.write(request);
  return { server, socket, response: await first, next };
}

test("an answer whose headers are not sent yet says that the connection ends with it", async () => {
  const { server, socket, response } = await startWithRequest();
  const closed = server.close();
  response.end("whole");
  expect(await text(socket)).toMatch(/\r\nConnection: close\r\n[^]*whole$/);
  await closed;
});

test("a streamed answer ends whole, and its connection with it", async () => {
  const { server, socket, response } = await startWithRequest();
  response.write("first ");
  await once(socket, "readable");
  const closed = server.close();
  response.end("last");
  expect(await text(socket)).toMatch(/\r\nConnection: keep-alive\r\n[^]*first [^]*last\r\n0\r\n\r\n$/);
  await closed;
});

test("a client that asks on before the answer has ended is answered once more, and told that this was the last", async () => {
  const { server, socket, response, next } = await startWithRequest();
  response.write("first");
  const closed = server.close();
  const second = next();
  socket.write(request);
  const waiting = await second;
  response.end();
  waiting.end("second");
  expect(await text(socket)).toMatch(/first[^]*\r\nConnection: close\r\n[^]*second$/);
  await closed;
});

describe("draining waits for no connection", () => {
  test.each([
    ["that has asked nothing", ""],
    ["that has begun to ask", "GET /answer HTTP/1.1\r\nhost: "],
  ])("%s", async (_, sent) => {
    const { server, next } = await startWithRequest();
    client?.destroy();
    const socket = connect(server.port, "127.0.0.1");
    // What was not read by then makes its end a reset.
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await once(socket, "connect");
    socket.write(sent);
    await sendOnce(server.port, next);
    await server.drain();
    await closed;
  });

  test("that has its answer and stays open", async () => {
    const { server, socket, response } = await startWithRequest();
    response.end("whole");
    await once(socket, "data");
    const ended = once(socket, "end");
    await server.drain();
    await ended;
  });

  test("that has its answer and has begun to ask again", async () => {
    const { server, socket, response, next } = await startWithRequest();
    response.end("whole");
    await once(socket, "data");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.write("GET /answer HTTP/1.1\r\nhost: ");
    await sendOnce(server.port, next);
    await server.drain();
    await closed;
  });

  test("whose client takes the end of its answer and closes nothing", async () => {
    const { server, next } = await startWithRequest();
    client?.destroy();
    const came = next();
    const stubborn = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    client = stubborn;
    stubborn.write(request);
    const response = await came;
    response.write("first ");
    const drained = server.drain();
    response.end("last");
    await drained;
    expect(await text(stubborn)).toMatch(/first [^]*last\r\n0\r\n\r\n$/);
  });
});

test("a request on a connection that was opened before is answered, and its connection ends", async () => {
  const { server, socket, response, next } = await startWithRequest();
  response.write("first ");
  const late = connect(server.port, "127.0.0.1");
  await once(late, "connect");
  // Its connection is with the server when a later one has been answered.
  await sendOnce(server.port, next);
  let drained = false;
  const drain = server.drain().then(() => (drained = true));
  const second = next();
  late.write(request);
  (await second).end("late");
  expect(await text(late)).toMatch(/\r\nConnection: close\r\n[^]*late$/);
  expect(drained).toBe(false);
  response.end("last");
  expect(await text(socket)).toMatch(/last\r\n0\r\n\r\n$/);
  await drain;
});

test("a stop that is announced ends no connection before its next answer, and goes on accepting", async () => {
  const { server, socket, response, next } = await startWithRequest();
  server.announceStop();
  response.end("first");
  await once(socket, "data");
  const second = next();
  socket.write(request);
  (await second).end("second");
  expect(await text(socket)).toMatch(/\r\nConnection: close\r\n[^]*second$/);
  expect(await sendOnce(server.port, next)).toMatch(/\r\nConnection: close\r\n[^]*other$/);
  await server.drain();
});

test("a websocket that is asked for while it drains is refused with unavailable", async () => {
  const { server, socket, response, next } = await startWithRequest();
  response.write("first");
  const late = connect(server.port, "127.0.0.1");
  await once(late, "connect");
  await sendOnce(server.port, next);
  const drained = server.drain();
  late.write(upgradeRequest);
  expect(await text(late)).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n[^]*"code":"unavailable"/);
  response.end();
  await text(socket);
  await drained;
});

test("a connection that was taken over ends when its front end says so, also if it asked otherwise before", async () => {
  const gate = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<Duplex>();
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    clock: createManualClock(),
    frontEnds: [
      {
        endpoints: [],
        serves: () => true,
        handle: (_, response) => response.end("whole"),
        upgrade: (_, socket) => taken.resolve(socket),
        drain: () => gate.promise,
      },
    ],
  });
  const socket = connect(server.port, "127.0.0.1");
  client = socket;
  socket.write(request);
  await once(socket, "data");
  socket.write(upgradeRequest);
  const other = await taken.promise;
  const drained = server.drain();
  other.write("from the other protocol");
  expect(String((await once(socket, "data"))[0])).toBe("from the other protocol");
  gate.resolve();
  await drained;
});

async function sendOnce(port: number, next: () => Promise<ServerResponse>): Promise<string> {
  const came = next();
  const other = connect(port, "127.0.0.1");
  other.write(request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  (await came).end("other");
  return text(other);
}
