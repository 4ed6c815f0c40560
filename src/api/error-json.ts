// Errors of the paths that follow no vendor's format: `{"error": {"code", "message", "request_id"}}`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { errorTable, type GatewayError } from "../core/errors.ts";
import { addLimitHeaders } from "./limit-headers.ts";
import { bodyIsOnItsWay, correlationIdOf } from "./refused-request.ts";
import { replyHeaders } from "./reply-headers.ts";

export interface ErrorJsonOptions {
  /** Names a request that is no call. */
  readonly requestId?: string | undefined;
  /** In place of the code's own. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Nothing is sent where the answer has begun: cut short, it does not pass for whole. */
export function sendErrorJson(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  error: GatewayError,
  { requestId, status = errorTable[error.code].http, headers = {} }: ErrorJsonOptions = {},
): void {
  if (response.headersSent) response.destroy();
  if (response.destroyed) return;
  const { code, message, meta } = error;
  const text = JSON.stringify({ error: { code, message, request_id: meta?.requestId ?? requestId ?? null } });
  const all: Record<string, string> = {
    ...(meta === undefined ? {} : replyHeaders(meta)),
    ...headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
  };
  const correlationId = correlationIdOf(request);
  if (correlationId !== undefined) all["x-request-id"] = correlationId;
  addLimitHeaders(all, error);
  if (bodyIsOnItsWay(request)) all["connection"] = "close";
  response.writeHead(status, all);
  response.end(text);
}
