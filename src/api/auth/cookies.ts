// Cookies (RFC 6265) of the paths below `/auth`, which no script of a page can read.

import type { IncomingMessage } from "node:http";

/** What is carried through a visit at an issuer. */
export const signOnCookie = "sluice_sign_on";

/** The refresh token of a session. */
export const refreshCookie = "sluice_refresh";

export interface CookieOptions {
  readonly name: string;
  readonly value: string;
  readonly maxAgeSeconds: number;
  /** `Lax`: also when another site sends the browser here, as an issuer does. */
  readonly sameSite: "Strict" | "Lax";
  /** Never sent without TLS. */
  readonly secure: boolean;
}

export const writeCookie = ({ name, value, maxAgeSeconds, sameSite, secure }: CookieOptions): string =>
  `${name}=${value}; Path=/auth; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure ? "; Secure" : ""}`;

/** What takes it from the browser. */
export const endCookie = (name: string): string =>
  `${name}=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict`;

/** The first of the name; undefined: there is none. */
export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at === -1 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return value === "" ? undefined : value;
  }
  return undefined;
}
