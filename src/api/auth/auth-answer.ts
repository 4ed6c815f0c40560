// What is answered below `/auth` to whoever has begun a session.

import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import type { StartedSession } from "../../core/directory/sessions.ts";
import { sendJson } from "../send-json.ts";
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
