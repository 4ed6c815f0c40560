// Requests that ask for another protocol on their connection: who may, and who takes them.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isOwnOrigin } from "../core/access/own-origin.ts";
import type { Clock } from "../core/clock.ts";
import { gatewayStopping } from "../core/gateway-stopping.ts";
import { presentedBy } from "./caller.ts";
import { seenThroughProxies, type TrustsProxy } from "./client-address.ts";
import type { Cors } from "./cors.ts";
import { endWith } from "./http-bounds.ts";
import { connectionOf, type HttpFrontEnd, pathOf } from "./http-front-end.ts";
import type { KnownError } from "./known-error.ts";
import { headFault } from "./request-head.ts";

export interface UpgradePorts {
  readonly frontEnds: readonly HttpFrontEnd[];
  readonly clock: Clock;
  readonly cors: Cors;
  readonly known: KnownError;
  /** Absent: none. */
  readonly trustsProxy?: TrustsProxy | undefined;
  readonly maxHeaders: number;
  /** Whether no connection is taken over any more. */
  readonly isStopping: () => boolean;
}

const badRequest = {
  status: "400 Bad Request",
  code: "invalid_request",
  message: "Nothing is served at this path that a connection could be upgraded to.",
} as const;

const foreignPage = {
  status: "403 Forbidden",
  code: "permission_denied",
  message:
    "Websockets are opened by pages of the gateway's own host, and of the origins that its operator names in " +
    "CORS_ORIGINS.",
} as const;

const { code, message, retryAfterMs } = gatewayStopping();
const stopping = { status: "503 Service Unavailable", code, message, retryAfterMs } as const;

/**
 * With a key or without: only web pages send an `Origin`, a browser asks nobody before it opens a websocket, and
 * none but the pages that are listed may speak in their reader's name.
 */
export function createUpgrade(
  ports: UpgradePorts,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { frontEnds, clock, cors, known, trustsProxy = () => false } = ports;

  function mayOpen(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined || cors.lists(origin)) return true;
    return isOwnOrigin(seenThroughProxies(presentedBy(connectionOf(request), undefined), trustsProxy));
  }

  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const to = { socket, clock };
    try {
      const fault = headFault(request, ports.maxHeaders);
      if (fault !== undefined) return endWith(to, { ...badRequest, message: fault.message });
      const path = pathOf(request);
      const frontEnd = frontEnds.find((each) => each.upgrade !== undefined && each.serves(path));
      if (frontEnd?.upgrade === undefined) return endWith(to, badRequest);
      if (!mayOpen(request)) return endWith(to, foreignPage);
      if (ports.isStopping()) return endWith(to, stopping);
      frontEnd.upgrade(request, socket, head);
    } catch (error) {
      const { code, message } = known(error);
      endWith(to, { status: "500 Internal Server Error", code, message });
    }
  };
}
