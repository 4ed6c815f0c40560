import type { HttpEndpoint } from "../http-front-end.ts";

/** Whether a path is of log-in, sign-on and sessions. */
export const isAuthPath = (path: string): boolean => path === "/auth" || path.startsWith("/auth/");

export const authEndpoints = [
  { method: "GET", path: "/auth/sign-on" },
  { method: "GET", path: "/auth/callback" },
  { method: "POST", path: "/auth/log-in" },
  { method: "POST", path: "/auth/refresh" },
  { method: "POST", path: "/auth/log-out" },
] as const satisfies readonly HttpEndpoint[];

export type AuthPath = (typeof authEndpoints)[number]["path"];
