// HTTP/1.1 to one provider over a pool of kept connections.

import { Pool } from "undici";
import { socketConnector } from "./connect-socket.ts";
import { Exchange } from "./exchange.ts";
import type { Upstream, UpstreamOptions, UpstreamTimeouts } from "./upstream.ts";

/** A whole answer sends its headers when it is done, and a model may think for minutes: the call's own deadline ends that. */
export const defaultTimeouts: UpstreamTimeouts = { connectMs: 10_000, headersMs: 600_000, idleMs: 300_000 };

/** Answers hold images as base64. */
export const defaultMaxAnswerBytes = 33_554_432;

/** How long a connection is kept that the provider sets no time for. */
const keepAliveMs = 30_000;

export function createUpstream(options: UpstreamOptions): Upstream {
  const { baseUrl, signer, timeouts, maxAnswerBytes, allowsAddress } = options;
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  // As many connections as there are calls: those are limited before they come here.
  const pool = new Pool(base.origin, {
    allowH2: false,
    connect: socketConnector({ connectMs: timeouts.connectMs, allowsAddress }),
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.idleMs,
    keepAliveTimeout: keepAliveMs,
  });
  return {
    async send(request, signal) {
      const path = prefix + request.path;
      const signature = await signer(request, base.origin + path);
      signal.throwIfAborted();
      const exchange = new Exchange(signal, maxAnswerBytes);
      pool.dispatch(
        {
          method: request.method,
          path,
          headers: { "accept-encoding": "identity", ...request.headers, ...signature },
          body: request.body ?? null,
        },
        exchange,
      );
      return await exchange.answered;
    },
    close: () => pool.close(),
  };
}
