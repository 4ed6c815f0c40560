// The HTTP port: hands each request to the front end that serves its path.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";
import type { Clock } from "../core/clock.ts";
import type { ReportFault } from "../core/errors.ts";
import type { TrustsProxy } from "./client-address.ts";
import { createCors } from "./cors.ts";
import { type HttpBounds, httpBounds, refuseClient, serverOptions } from "./http-bounds.ts";
import { createConnections } from "./http-connections.ts";
import { type HttpFrontEnd, pathOf } from "./http-front-end.ts";
import { createUpgrade } from "./http-upgrade.ts";
import { createKnownError } from "./known-error.ts";
import { watchSockets } from "./open-sockets.ts";
import { headFault } from "./request-head.ts";
import { sendJson } from "./send-json.ts";

/** PEM texts. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Present: clients must show a certificate of this authority. */
  readonly clientCa?: Buffer | undefined;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Asked in this order. */
  readonly frontEnds: readonly HttpFrontEnd[];
  readonly clock: Clock;
  /** Absent: plain HTTP. */
  readonly tls?: TlsIdentity | undefined;
  /** Whose pages may call; absent: none but the gateway's own. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Absent: none. */
  readonly trustsProxy?: TrustsProxy | undefined;
  /** A client that asks before it sends a longer body is not told to go on; absent: it is. */
  readonly maxBodyBytes?: number | undefined;
  readonly bounds?: Partial<HttpBounds> | undefined;
  readonly reportFault?: ReportFault | undefined;
}

export interface ListeningServer {
  readonly port: number;
  /** From now on each answer that begins is the last of its connection, so that clients go elsewhere in peace. */
  announceStop(): void;
  /**
   * Stops accepting and closes what is idle; resolves when every answer has ended. A request that still comes on
   * a connection that is open is answered.
   */
  drain(): Promise<void>;
  /** Drains for a moment, then closes what is left. */
  close(): Promise<void>;
}

const closeGraceMs = 2_000;

/** @throws Error of the system when the port cannot be taken */
export async function startHttpServer(options: HttpServerOptions): Promise<ListeningServer> {
  const { frontEnds, clock } = options;
  const bounds = { ...httpBounds, ...options.bounds };
  const connections = createConnections(bounds);
  let draining: Promise<void> | undefined;
  const cors = createCors(options.corsOrigins ?? []);
  const known = createKnownError(options.reportFault);
  const server = createBareServer(options, bounds);
  const sockets = watchSockets(server);
  server.maxConnections = bounds.connections;

  function dispatch(request: IncomingMessage, response: ServerResponse): void {
    if (!connections.admit(request.socket, response)) {
      request.socket.destroy();
      return;
    }
    const fault = headFault(request, bounds.headers);
    if (fault !== undefined) {
      response.setHeader("connection", "close");
      sendJson(response, fault.status, { error: { code: fault.code, message: fault.message } });
      return;
    }
    if (cors.answers(request, response)) return;
    const path = pathOf(request);
    const frontEnd = frontEnds.find((each) => each.serves(path));
    if (frontEnd !== undefined) return frontEnd.handle(request, response);
    sendJson(response, 404, {
      error: { code: "not_found", message: `Nothing is served at ${path.slice(0, 200)}. See the README.` },
    });
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    try {
      dispatch(request, response);
    } catch (error) {
      const { code, message } = known(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { code, message } });
    }
  }

  server.on("request", serve);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    // The front end refuses what is too long by the length that was announced.
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced <= (options.maxBodyBytes ?? Infinity)) response.writeContinue();
    serve(request, response);
  });
  const upgrade = createUpgrade({
    ...options,
    cors,
    known,
    maxHeaders: bounds.headers,
    isStopping: () => draining !== undefined,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    connections.handOver(socket);
    upgrade(request, socket, head);
  });
  server.on("clientError", (error: Error, socket: Duplex) =>
    refuseClient(error, { socket, response: connections.answering(socket), clock }),
  );
  server.setTimeout(bounds.unreadMs, (socket: Socket) => {
    if (connections.isWaitedFor(socket)) socket.setTimeout(bounds.unreadMs);
    else socket.destroy();
  });

  async function end(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.endEach();
    await Promise.all(frontEnds.map(async (frontEnd) => frontEnd.drain?.()));
    await connections.ended();
    sockets.destroyAll();
    await closed;
  }
  const drain = (): Promise<void> => (draining ??= end());

  await listen(server, options);
  return {
    port: portOf(server),
    announceStop: () => connections.endAfterNext(),
    drain,
    async close() {
      const timer = clock.setTimer(closeGraceMs, () => sockets.destroyAll());
      await drain();
      timer.cancel();
      for (const frontEnd of frontEnds) await frontEnd.close?.();
    },
  };
}

/** What waits in the process for a reader that is slow: Node's own default is four times as much. */
const socketBufferBytes = 16_384;

function createBareServer({ tls, frontEnds }: HttpServerOptions, bounds: HttpBounds): Server {
  const common = {
    ...serverOptions(bounds),
    highWaterMark: socketBufferBytes,
    // Others, such as those who would rather speak HTTP/2, are served as if they had not asked.
    shouldUpgradeCallback: (request: IncomingMessage) =>
      request.headers.upgrade?.toLowerCase() === "websocket" &&
      frontEnds.some((each) => each.upgrade !== undefined && each.serves(pathOf(request))),
  };
  if (tls === undefined) return createServer(common);
  const { cert, key, clientCa } = tls;
  const context: SecureContextOptions = { cert, key, ca: clientCa, minVersion: "TLSv1.2" };
  return createTlsServer({
    ...common,
    ...context,
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
    handshakeTimeout: bounds.handshakeMs,
  });
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
