// Which web pages may call the HTTP port, as their browsers ask (Fetch, "CORS protocol"). A page is let in by
// its exact origin. Cookies play no part, keys come in headers: credentials are never allowed.
//
// A call with a good key from an origin that is not listed is served without these headers: tools that are no
// web pages send `Origin` too, and a page's browser asks before it sends a key or JSON, and is told no.

import type { IncomingMessage, ServerResponse } from "node:http";
import { limitHeaderNames } from "./limit-headers.ts";
import { replyHeaderNames } from "./reply-headers.ts";
import { sendJson } from "./send-json.ts";

export interface Cors {
  readonly lists: (origin: string) => boolean;
  /** Adds what a page's browser wants to know; true: it was only asking, and is answered. */
  readonly answers: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const allowedHeaders = [
  "accept",
  "authorization",
  "cache-control",
  "connect-accept-encoding",
  "connect-content-encoding",
  "connect-protocol-version",
  "connect-timeout-ms",
  "content-encoding",
  "content-type",
  "grpc-accept-encoding",
  "grpc-encoding",
  "grpc-timeout",
  "idempotency-key",
  "last-event-id",
  "traceparent",
  "tracestate",
  "x-api-key",
  "x-grpc-web",
  "x-request-id",
  "x-sluice-cache-ttl",
  "x-sluice-meta",
  "x-sluice-resumable",
  "x-sluice-timeout-ms",
  "x-user-agent",
] as const;

/** Those of OpenAI's own client, which tells of itself in many. */
const clientHeader = /^(?:openai|x-stainless|x-sluice)-[a-z0-9-]{1,64}$/;
const maxClientHeaders = 32;

const exposedHeaders = [
  ...replyHeaderNames,
  ...limitHeaderNames,
  "connect-content-encoding",
  "grpc-encoding",
  "grpc-message",
  "grpc-status",
  "grpc-status-details-bin",
  "openai-processing-ms",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
].join(", ");

/** Browsers keep an answer no longer than that, Chromium's limit. */
const maxAgeSeconds = 7_200;
const maxShownChars = 200;

export function createCors(origins: readonly string[]): Cors {
  const listed = new Set(origins);
  return {
    lists: (origin) => listed.has(origin),
    answers(request, response) {
      const { origin } = request.headers;
      if (origin === undefined) return false;
      response.setHeader("vary", "origin");
      const asks =
        request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
      if (!listed.has(origin)) {
        if (asks) refuse(response, origin);
        return asks;
      }
      response.setHeader("access-control-allow-origin", origin);
      if (asks) allow(request, response);
      else response.setHeader("access-control-expose-headers", exposedHeaders);
      return asks;
    },
  };
}

function allow({ headers }: IncomingMessage, response: ServerResponse): void {
  const asked = (headers["access-control-request-headers"] ?? "").split(",", 256);
  const ofClient = asked.map((name) => name.trim().toLowerCase()).filter((name) => clientHeader.test(name));
  response.writeHead(204, {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": [...allowedHeaders, ...ofClient.slice(0, maxClientHeaders)].join(", "),
    "access-control-max-age": String(maxAgeSeconds),
  });
  response.end();
}

function refuse(response: ServerResponse, origin: string): void {
  sendJson(response, 403, {
    error: {
      code: "permission_denied",
      message:
        `Pages of the origin "${origin.slice(0, maxShownChars)}" may not call this gateway. ` +
        "Its operator can name the origin in CORS_ORIGINS.",
    },
  });
}
