// The websockets of /graphql: who may open one, their signs of life, their end.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { handleProtocols } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock, Timer } from "../../core/clock.ts";
import { serveWebsocket, type WebsocketPorts } from "./websocket.ts";

/** A peer that has not answered a ping when the next one is due is taken for gone. */
const pingMs = 15_000;
const closeGraceMs = 1_000;

export interface WebsocketSide {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

export function createWebsocketSide(
  ports: WebsocketPorts & { readonly clock: Clock; readonly maxBodyBytes: number },
): WebsocketSide {
  const { clock } = ports;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: ports.maxBodyBytes,
    handleProtocols: (offered) => handleProtocols(offered),
  });
  const silent = new WeakSet<WebSocket>();
  let timer: Timer | undefined;

  function ping(): void {
    timer = undefined;
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate();
      else {
        silent.add(socket);
        socket.ping();
      }
    }
    if (server.clients.size > 0) timer = clock.setTimer(pingMs, ping);
  }

  return {
    upgrade(request, socket, head) {
      if (!isSameHost(request)) return refuse(socket);
      server.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on("pong", () => silent.delete(websocket));
        timer ??= clock.setTimer(pingMs, ping);
        serveWebsocket(websocket, request, ports);
      });
    },
    async close() {
      timer?.cancel();
      const sockets = [...server.clients];
      const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of sockets) socket.close(1001, "The gateway is stopping. Connect again.");
      server.close();
      const late = clock.setTimer(closeGraceMs, () => sockets.forEach((socket) => socket.terminate()));
      await Promise.all(closed);
      late.cancel();
    },
  };
}

/** Only web pages send an `Origin`, and none but the gateway's own may speak in its reader's name. */
function isSameHost({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

function refuse(socket: Duplex): void {
  const words = "Websockets are opened by pages of the same host only.\n";
  socket.on("error", () => {});
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: text/plain\r\n` +
      `content-length: ${words.length}\r\n\r\n${words}`,
  );
}
