import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Connection } from "./caller.ts";

/** What is answered: any other method of the path is refused. */
export interface HttpEndpoint {
  readonly method: "GET" | "HEAD" | "POST";
  /** With `{name}` for a part that may be any. */
  readonly path: string;
}

/** What serves a part of the paths of the HTTP port. */
export interface HttpFrontEnd {
  /** All that it serves, for whoever has to know of each. */
  readonly endpoints: readonly HttpEndpoint[];
  /** Whether requests for this path (without its query) are its own. */
  readonly serves: (path: string) => boolean;
  /** Answers in any case, errors included. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Takes over a connection that asks for an upgrade (websockets). */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /**
   * Lets the connections that it has taken over come to their end, and resolves when they have. It is given no
   * more of them; requests are still answered.
   */
  readonly drain?: () => Promise<void>;
  /** Frees what it holds. */
  readonly close?: () => Promise<void>;
}

/** A request's path without its query. */
export const pathOf = (request: IncomingMessage): string => {
  const url = request.url ?? "/";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
};

/** What stands behind the path; empty where nothing does. */
export function searchOf({ url = "" }: IncomingMessage): URLSearchParams {
  const query = url.indexOf("?");
  return new URLSearchParams(query === -1 ? "" : url.slice(query + 1));
}

/** A request's headers and peer as `readCaller` takes them; of a repeated header the first counts. */
export function connectionOf(request: IncomingMessage): Connection {
  const { headers, socket } = request;
  return {
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    headerValues: (name) => request.headersDistinct[name] ?? [],
    remoteAddress: socket.remoteAddress,
    // Without TLS of its own it may still stand behind a proxy that ends it.
    secure: "encrypted" in socket ? true : undefined,
  };
}

/**
 * Aborted when the caller goes away before the answer is complete; no listener stays once the response has
 * closed.
 */
export function callerGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
