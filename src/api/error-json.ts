// Errors of the paths that follow no vendor's format: `{"error": {"code", "message", "request_id"}}`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { errorTable, type GatewayError } from "../core/errors.ts";
import { addLimitHeaders } from "./limit-headers.ts";
import { replyHeaders } from "./reply-headers.ts";

/** Nothing is sent where the answer has begun: cut short, it does not pass for whole. */
export function sendErrorJson(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  error: GatewayError,
  { status = errorTable[error.code].http, headers = {} }: ErrorJsonOptions = {},
): void {
  if (response.headersSent) response.destroy();
  if (response.destroyed) return;
  const { code, message, meta } = error;
  const text = JSON.stringify({ error: { code, message, request_id: meta?.requestId ?? null } });
  const all: Record<string, string> = {
    ...(meta === undefined ? {} : replyHeaders(meta)),
    ...headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
  };
  const sent = request.headers["x-request-id"];
  if (typeof sent === "string" && /^[\x20-\x7e]{1,256}$/.test(sent)) all["x-request-id"] = sent;
  addLimitHeaders(all, error);
  // The rest of a body that nobody asked for is not waited for.
  if (!request.complete) all["connection"] = "close";
  response.writeHead(status, all);
  response.end(text);
}

export interface ErrorJsonOptions {
  /** In place of the code's own. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
