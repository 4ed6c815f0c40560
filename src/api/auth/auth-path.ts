import type { HttpEndpoint } from "../http-front-end.ts";

/** Whether a path is of log-in, sign-on and sessions. */
export const isAuthPath = (path: string): boolean => path === "/auth" || path.startsWith("/auth/");

export const authEndpoints = [
  { method: "GET", path: "/auth/sign-on" },
  { method: "GET", path: "/auth/callback/{tenant}" },
  { method: "POST", path: "/auth/log-in" },
  { method: "POST", path: "/auth/refresh" },
  { method: "POST", path: "/auth/log-out" },
] as const satisfies readonly HttpEndpoint[];

export type AuthPath = (typeof authEndpoints)[number]["path"];

/**
 * Before the tenant's name: each tenant's issuer sends browsers back to an address of its own, so that one cannot be given
 * what another one has answered (RFC 9700, 4.4.2.2).
 */
export const callbackBase = "/auth/callback/";

export const authEndpointAt = (path: string): (typeof authEndpoints)[number] | undefined =>
  authEndpoints.find(
    (endpoint) =>
      endpoint.path === path ||
      (endpoint.path === `${callbackBase}{tenant}` && path.startsWith(callbackBase)),
  );
