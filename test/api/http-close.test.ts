// How the HTTP port closes while clients are at it.

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { type ListeningServer, startHttpServer } from "../../src/api/http-server.ts";
import { createManualClock } from "../support/manual-clock.ts";

let client: Socket | undefined;
afterEach(() => client?.destroy());

const request = "GET /answer HTTP/1.1\r\nhost: localhost\r\n\r\n";

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
    frontEnds: [{ serves: () => true, handle: (_, response) => came.shift()?.(response) }],
  });
  const first = next();
  const socket = connect(server.port, "127.0.0.1");
  client = socket;
  socket.write(request);
  return { server, socket, response: await first, next };
}

it("an answer whose headers are not sent yet says that the connection ends with it", async () => {
  const { server, socket, response } = await startWithRequest();
  const closed = server.close();
  response.end("whole");
  expect(await text(socket)).toMatch(/\r\nConnection: close\r\n[^]*whole$/);
  await closed;
});

it("a streamed answer ends whole, and its connection with it", async () => {
  const { server, socket, response } = await startWithRequest();
  response.write("first ");
  await once(socket, "readable");
  const closed = server.close();
  response.end("last");
  expect(await text(socket)).toMatch(/\r\nConnection: keep-alive\r\n[^]*first [^]*last\r\n0\r\n\r\n$/);
  await closed;
});

it("a client that asks on before the answer has ended is answered once more, and told that this was the last", async () => {
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
