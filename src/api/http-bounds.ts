// What a client of the HTTP port may take: time, connections, headers; and what it is told when it takes more.

import type { ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";

export interface HttpBounds {
  /** From a connection's or a request's first byte to the end of its headers. */
  readonly headersMs: number;
  /** From a request's first byte to the end of its body. */
  readonly requestMs: number;
  /** Between an answer and the next request; longer than load balancers keep theirs, mostly 60 s. */
  readonly idleMs: number;
  /** Without a byte in either direction, when an answer is ready and its reader takes nothing of it. */
  readonly unreadMs: number;
  /** How often the times of requests are looked at. */
  readonly checkMs: number;
  /** The TLS handshake. */
  readonly handshakeMs: number;
  /** More are closed as they come. */
  readonly connections: number;
  /** The request line and all headers. */
  readonly headerBytes: number;
  readonly headers: number;
  /** Requests that wait on one connection for the answers to those before them. */
  readonly pipelined: number;
}

export const httpBounds: HttpBounds = {
  headersMs: 15_000,
  requestMs: 120_000,
  idleMs: 75_000,
  unreadMs: 120_000,
  checkMs: 5_000,
  handshakeMs: 10_000,
  connections: 10_000,
  headerBytes: 16_384,
  headers: 128,
  pipelined: 16,
};

export const serverOptions = (bounds: HttpBounds) =>
  ({
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    keepAliveTimeout: bounds.idleMs,
    connectionsCheckingInterval: bounds.checkMs,
    maxHeaderSize: bounds.headerBytes,
    insecureHTTPParser: false,
    requireHostHeader: true,
  }) satisfies ServerOptions;

interface ClientFault {
  readonly status: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

const malformed: ClientFault = {
  status: "400 Bad Request",
  code: "invalid_request",
  message: "The request is not well-formed HTTP/1.1. Check what sends it.",
};

const faults: Readonly<Record<string, ClientFault>> = {
  HPE_HEADER_OVERFLOW: {
    status: "431 Request Header Fields Too Large",
    code: "payload_too_large",
    message: "The headers are too long. Send fewer or shorter ones.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: "408 Request Timeout",
    code: "deadline_exceeded",
    message: "The request did not come whole in time. Send it faster, or in smaller parts.",
  },
};

/** How long a client that was refused may take to read why. */
const closeGraceMs = 1_000;

/** Refuses what cannot be parsed or comes too slowly, and closes its connection. */
export function refuseClient(
  error: Error,
  { socket, response, clock }: { socket: Duplex; response: ServerResponse | undefined; clock: Clock },
): void {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // In the midst of another answer nothing can be said that would not be taken for a part of it.
  const pending = response !== undefined && !response.writableFinished;
  const isItsOwn = pending && !response.req.complete && !response.headersSent;
  if (!socket.writable || code === "ECONNRESET" || (pending && !isItsOwn)) {
    socket.destroy();
    return;
  }
  const fault = (Object.hasOwn(faults, code) ? faults[code] : undefined) ?? malformed;
  endWith({ socket, clock }, fault);
}

/** A whole answer on a bare socket, after which it is closed. */
export function endWith({ socket, clock }: { socket: Duplex; clock: Clock }, fault: ClientFault): void {
  const body = JSON.stringify({ error: { code: fault.code, message: fault.message } });
  const timer = clock.setTimer(closeGraceMs, () => socket.destroy());
  socket.once("close", () => timer.cancel());
  socket.on("error", () => socket.destroy());
  const { retryAfterMs } = fault;
  const wait = retryAfterMs === undefined ? "" : `retry-after: ${Math.ceil(retryAfterMs / 1000)}\r\n`;
  socket.end(
    `HTTP/1.1 ${fault.status}\r\nconnection: close\r\ncontent-type: application/json\r\n${wait}` +
      `cache-control: no-store\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
