// The HTTP port: hands each request to the front end that serves its path.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { type HttpFrontEnd, pathOf } from "./http-front-end.ts";
import { sendJson } from "./operations-front-end.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Asked in this order. */
  readonly frontEnds: readonly HttpFrontEnd[];
  readonly clock: Clock;
}

export interface ListeningServer {
  readonly port: number;
  /** Stops accepting, lets answers end for a moment, then closes what is left. */
  close(): Promise<void>;
}

const closeGraceMs = 2_000;

/** @throws Error of the system when the port cannot be taken */
export async function startHttpServer(options: HttpServerOptions): Promise<ListeningServer> {
  const { frontEnds, clock } = options;
  const server = createServer((request, response) => {
    const path = pathOf(request);
    const frontEnd = frontEnds.find((each) => each.serves(path));
    if (frontEnd !== undefined) return frontEnd.handle(request, response);
    sendJson(response, 404, {
      error: { code: "not_found", message: `Nothing is served at ${path.slice(0, 200)}. See the README.` },
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = pathOf(request);
    const frontEnd = frontEnds.find((each) => each.upgrade !== undefined && each.serves(path));
    if (frontEnd?.upgrade === undefined) socket.destroy();
    else frontEnd.upgrade(request, socket, head);
  });
  await listen(server, options);
  return {
    port: portOf(server),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      for (const frontEnd of frontEnds) await frontEnd.close?.();
      const timer = clock.setTimer(closeGraceMs, () => server.closeAllConnections());
      await closed;
      timer.cancel();
    },
  };
}

const listen = (server: Server, { host, port }: HttpServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
