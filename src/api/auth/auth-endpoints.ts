// What each of the paths below `/auth` does.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { GatewayError, invalidRequest } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import { readCaller } from "../caller.ts";
import { connectionOf, pathOf, searchOf } from "../http-front-end.ts";
import { sendSession } from "./auth-answer.ts";
import { optionalFlag, optionalText, readAuthBody, requiredText } from "./auth-body.ts";
import { type AuthPath, callbackBase } from "./auth-path.ts";
import { type AuthCaller, type CallerOptions, callerOf } from "./auth-caller.ts";
import { endCookie, readCookie, refreshCookie, signOnCookie, writeCookie } from "./cookies.ts";

export interface AuthPorts extends CallerOptions {
  readonly gateway: Pick<Gateway, "access" | "sessions">;
  readonly clock: Clock;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const signOnSeconds = 600;
const maxTenantChars = 63;

export const authAnswers = (ports: AuthPorts): Readonly<Record<AuthPath, Answer>> => ({
  "/auth/sign-on": (request, response) => beginSignOn({ request, response }, ports),
  "/auth/callback/{tenant}": (request, response) => finishSignOn({ request, response }, ports),
  "/auth/log-in": (request, response) => logIn({ request, response }, ports),
  "/auth/refresh": (request, response) => refresh({ request, response }, ports),
  "/auth/log-out": (request, response) => logOut({ request, response }, ports),
});

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function beginSignOn({ request, response }: Exchange, ports: AuthPorts): Promise<void> {
  const tenantId = searchOf(request).get("tenant") ?? "";
  if (tenantId === "" || tenantId.length > maxTenantChars) {
    throw invalidRequest(
      "tenant",
      "is missing or too long; ask for /auth/sign-on?tenant=<the tenant's name>",
    );
  }
  const { origin, secure, redirectUri } = callerOf(request, ports);
  const { location, state } = await ports.gateway.sessions.beginSignOn({
    tenantId,
    redirectUri: redirectUri(tenantId),
    origin,
  });
  const maxAgeSeconds = signOnSeconds;
  response.writeHead(302, {
    location,
    // An issuer sends the browser back from another site.
    "set-cookie": writeCookie({ name: signOnCookie, value: state, maxAgeSeconds, sameSite: "Lax", secure }),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  response.end();
}

async function finishSignOn({ request, response }: Exchange, ports: AuthPorts): Promise<void> {
  const { origin, secure, redirectUri } = callerOf(request, ports);
  // Good once, whatever comes of it.
  response.appendHeader("set-cookie", endCookie(signOnCookie));
  response.setHeader("referrer-policy", "no-referrer");
  const state = readCookie(request, signOnCookie);
  if (state === undefined) {
    throw new GatewayError({
      code: "unauthenticated",
      message: "This browser has begun no sign-on here, or too long ago. Begin again at /auth/sign-on.",
    });
  }
  const tenantId = pathOf(request).slice(callbackBase.length);
  const url = `${redirectUri(tenantId)}?${searchOf(request).toString()}`;
  const started = await ports.gateway.sessions.finishSignOn({ url, state }, origin);
  sendSession(response, { started, clock: ports.clock, refreshToken: "cookie", secure });
}

async function logIn({ request, response }: Exchange, ports: AuthPorts): Promise<void> {
  const { origin, secure } = callerOf(request, ports);
  const body = await readAuthBody(request, ["email", "password", "tenant", "cookie"]);
  const refreshToken = optionalFlag(body, "cookie") ? "cookie" : "body";
  const asked = {
    email: requiredText(body, "email"),
    password: requiredText(body, "password"),
    tenantId: optionalText(body, "tenant"),
  };
  const started = await ports.gateway.sessions.logIn(asked, origin);
  sendSession(response, { started, clock: ports.clock, refreshToken, secure });
}

async function refresh({ request, response }: Exchange, ports: AuthPorts): Promise<void> {
  const caller = callerOf(request, ports);
  const body = await readAuthBody(request, ["refresh_token"]);
  const given = optionalText(body, "refresh_token");
  const token = given ?? tokenOfCookie(request, caller);
  try {
    const started = await ports.gateway.sessions.refresh(token, caller.origin);
    const refreshToken = given === undefined ? "cookie" : "body";
    sendSession(response, { started, clock: ports.clock, refreshToken, secure: caller.secure });
  } catch (error) {
    const isOver = error instanceof GatewayError && error.code === "unauthenticated";
    if (given === undefined && isOver) response.appendHeader("set-cookie", endCookie(refreshCookie));
    throw error;
  }
}

/** A browser sends its cookies along with whatever page asks for it. */
function tokenOfCookie(request: IncomingMessage, { isOwnPage }: AuthCaller): string {
  const token = readCookie(request, refreshCookie);
  if (token === undefined) {
    throw new GatewayError({
      code: "unauthenticated",
      message: 'There is no session. Send {"refresh_token": "…"}, or log in at /auth/log-in.',
    });
  }
  if (isOwnPage) return token;
  throw new GatewayError({
    code: "permission_denied",
    message: "A cookie is taken from the gateway's own pages alone, whose browser names them in `Origin`.",
  });
}

async function logOut({ request, response }: Exchange, { gateway }: AuthPorts): Promise<void> {
  const { principal } = await readCaller(gateway.access, connectionOf(request));
  const body = await readAuthBody(request, ["everywhere"]);
  if (optionalFlag(body, "everywhere")) await gateway.sessions.logOutEverywhere(principal);
  else await gateway.sessions.logOut(principal);
  response.appendHeader("set-cookie", endCookie(refreshCookie));
  response.writeHead(204, { "cache-control": "no-store" });
  response.end();
}
