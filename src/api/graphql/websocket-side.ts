// The websockets of /graphql: their signs of life, their end. Which pages may open one, the server decides.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { handleProtocols } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Timer } from "../../core/clock.ts";
import { serveWebsocket, type WebsocketPorts } from "./websocket.ts";
import type { WebsocketDrain } from "./websocket-drain.ts";

/** A peer that has not answered a ping when the next one is due is taken for gone. */
const pingMs = 15_000;

export interface WebsocketSide {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Each socket closes when nothing that it has asked for is open; resolves when all have. */
  drain(): Promise<void>;
}

export function createWebsocketSide(
  ports: WebsocketPorts & { readonly maxBodyBytes: number },
): WebsocketSide {
  const { clock } = ports;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: ports.maxBodyBytes,
    // A small message could unpack into a large one, and each connection would hold buffers for it.
    perMessageDeflate: false,
    handleProtocols: (offered) => handleProtocols(offered),
  });
  const silent = new WeakSet<WebSocket>();
  const drains = new WeakMap<WebSocket, Pick<WebsocketDrain, "drain">>();
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
      server.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on("pong", () => silent.delete(websocket));
        timer ??= clock.setTimer(pingMs, ping);
        drains.set(websocket, serveWebsocket(websocket, request, ports));
      });
    },
    async drain() {
      const sockets = [...server.clients];
      const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of sockets) drains.get(socket)?.drain();
      await Promise.all(closed);
      timer?.cancel();
    },
  };
}
