// What is answered below `/auth`.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import type { StartedSession } from "../../core/directory/sessions.ts";
import { errorTable, type GatewayError } from "../../core/errors.ts";
import { sendJson } from "../send-json.ts";
import { correlationIdOf } from "./auth-caller.ts";
import { refreshCookie, writeCookie } from "./cookies.ts";

export interface SessionAnswer {
  readonly started: StartedSession;
  readonly clock: Clock;
  /** Where the refresh token goes: into a cookie, which a page cannot read, or into the answer. */
  readonly refreshToken: "cookie" | "body";
  readonly secure: boolean;
}

export function sendSession(response: ServerResponse, answer: SessionAnswer): void {
  const { started, clock, refreshToken, secure } = answer;
  const { user } = started;
  const secondsUntil = (epochMs: number): number =>
    Math.max(0, Math.floor((epochMs - clock.epochMs()) / 1_000));
  const refreshSeconds = secondsUntil(started.refreshExpiresAtMs);
  if (refreshToken === "cookie") {
    response.appendHeader(
      "set-cookie",
      writeCookie({
        name: refreshCookie,
        value: started.refreshToken,
        maxAgeSeconds: refreshSeconds,
        sameSite: "Strict",
        secure,
      }),
    );
  }
  sendJson(response, 200, {
    access_token: started.accessToken,
    token_type: "Bearer",
    expires_in: secondsUntil(started.accessExpiresAtMs),
    ...(refreshToken === "body"
      ? { refresh_token: started.refreshToken, refresh_expires_in: refreshSeconds }
      : {}),
    user: { id: user.id, tenant: user.tenantId, email: user.email, name: user.name, role: user.role },
  });
}

export interface ErrorAnswer {
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** In place of the code's own status. */
  readonly status?: number | undefined;
}

export function sendError(
  response: ServerResponse,
  { code, message, retryAfterMs }: GatewayError,
  { request, requestId, status }: ErrorAnswer,
): void {
  const correlationId = correlationIdOf(request);
  if (correlationId !== undefined) response.setHeader("x-request-id", correlationId);
  if (retryAfterMs !== undefined) response.setHeader("retry-after", Math.ceil(retryAfterMs / 1_000));
  // The rest of a body that nobody reads is not waited for.
  if (!request.complete) response.setHeader("connection", "close");
  sendJson(response, status ?? errorTable[code].http, { error: { code, message, request_id: requestId } });
}
