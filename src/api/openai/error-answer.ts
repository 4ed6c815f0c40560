// Errors in OpenAI's form: a body with a status before the answer has begun, an event after.
// https://platform.openai.com/docs/guides/error-codes

import type { ServerResponse } from "node:http";
import { type ErrorCode, errorTable, type GatewayError } from "../../core/errors.ts";
import { addLimitHeaders } from "../limit-headers.ts";
import { metaHeaders } from "./answer-headers.ts";

/**
 * Whether a client may send the same call again by itself. OpenAI's clients do so for 408, 409, 429 and
 * from 500 on: `never` forbids it, `after_wait` allows it where the error tells of a wait that they keep,
 * `client` leaves it to the client.
 */
type Resend = "never" | "after_wait" | "client";

interface CodeInWords {
  /** OpenAI's `type`. */
  readonly type: string;
  readonly resend: Resend;
}

const codes = {
  invalid_request: { type: "invalid_request_error", resend: "client" },
  content_blocked: { type: "invalid_request_error", resend: "client" },
  unauthenticated: { type: "authentication_error", resend: "client" },
  budget_exceeded: { type: "insufficient_quota", resend: "client" },
  permission_denied: { type: "permission_error", resend: "client" },
  not_found: { type: "not_found_error", resend: "client" },
  // The same edit would meet the same conflict.
  conflict: { type: "conflict_error", resend: "never" },
  payload_too_large: { type: "invalid_request_error", resend: "client" },
  idempotency_mismatch: { type: "idempotency_error", resend: "client" },
  rate_limited: { type: "rate_limit_error", resend: "client" },
  cancelled: { type: "cancelled_error", resend: "never" },
  // Something unforeseen would likely happen again, and each time a provider may have been paid.
  internal: { type: "server_error", resend: "never" },
  // Every target was tried already; only a provider that named a time may be worth another try.
  all_providers_failed: { type: "server_error", resend: "after_wait" },
  overloaded: { type: "server_error", resend: "client" },
  unavailable: { type: "server_error", resend: "client" },
  // The caller's own time was too short: another try would be cut off and paid for again.
  deadline_exceeded: { type: "server_error", resend: "never" },
} as const satisfies Record<ErrorCode, CodeInWords>;

/** What answers a call beside its error. */
export interface ErrorAnswer {
  /** The caller's `x-request-id`, as sent. */
  readonly correlationId?: string | undefined;
  /** In place of the code's own status. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export function sendError(response: ServerResponse, error: GatewayError, answer: ErrorAnswer = {}): void {
  const text = JSON.stringify(errorJson(error));
  const headers: Record<string, string> = {
    ...(error.meta === undefined ? {} : metaHeaders(error.meta)),
    ...answer.headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
  };
  const requestId = answer.correlationId ?? error.meta?.requestId;
  if (requestId !== undefined) headers["x-request-id"] = requestId;
  addLimitHeaders(headers, error);
  // OpenAI's clients prefer it, and need not wait for a whole second.
  if (error.retryAfterMs !== undefined) headers["retry-after-ms"] = String(Math.ceil(error.retryAfterMs));
  if (!mayResend(error)) headers["x-should-retry"] = "false";
  response.writeHead(answer.status ?? errorTable[error.code].http, headers);
  response.end(text);
}

/** The event that ends a broken stream; no `[DONE]` follows it. */
export const errorEvent = (error: GatewayError): string => `data: ${JSON.stringify(errorJson(error))}\n\n`;

/** OpenAI's clients wait for a minute at most: told of more, they send again at once. */
const waitedForMs = 60_000;

const mayResend = ({ code, retryAfterMs }: GatewayError): boolean => {
  const { resend } = codes[code];
  if (resend === "after_wait") return retryAfterMs !== undefined && retryAfterMs <= waitedForMs;
  return resend === "client";
};

const errorJson = ({ code, message, field, attempts, meta, retryAfterMs }: GatewayError): object => ({
  error: {
    message,
    type: codes[code].type,
    param: field ?? null,
    code,
    attempts:
      attempts.length === 0
        ? undefined
        : attempts.map(({ provider, model, failure, message, httpStatus }) => ({
            provider,
            model,
            failure,
            message,
            http_status: httpStatus,
          })),
    request_id: meta?.requestId,
    // In a stream there is no header to tell it.
    retry_after_ms: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs),
  },
});
