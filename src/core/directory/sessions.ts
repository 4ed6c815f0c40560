// The port of users' sessions: local log-in, sign-on by another issuer, refresh, and their end.

import type { Origin, Principal } from "../access/principal.ts";
import type { User } from "./entries.ts";

export interface LogIn {
  readonly email: string;
  readonly password: string;
  /** Needed where users of several tenants have the email and the password. */
  readonly tenantId?: string | undefined;
}

export interface StartedSession {
  readonly user: User;
  /** A JWT; a credential like any key. */
  readonly accessToken: string;
  readonly accessExpiresAtMs: number;
  /** Goes once: each refresh gives the next. */
  readonly refreshToken: string;
  readonly refreshExpiresAtMs: number;
}

/**
 * Each throws a GatewayError: `unauthenticated`, without a word on whether the email is known; `rate_limited` for too
 * many tries from an address or on an email; `conflict` for two refreshes with one token at a time;
 * `permission_denied` for whoever an issuer knows and the tenant does not let in; `unavailable` when the database or
 * the issuer does not answer.
 */
export interface Sessions {
  logIn(logIn: LogIn, origin: Origin): Promise<StartedSession>;
  refresh(refreshToken: string, origin: Origin): Promise<StartedSession>;
  /** Ends the caller's session; without one nothing happens. */
  logOut(by: Principal): Promise<void>;
  logOutEverywhere(by: Principal): Promise<void>;
  /** Where a browser is sent to sign on, and what it has to bring back in a cookie. @throws GatewayError `not_found`, `rate_limited` */
  beginSignOn(asked: {
    readonly tenantId: string;
    readonly redirectUri: string;
    readonly origin?: Origin | undefined;
  }): Promise<{
    readonly location: string;
    /** Sealed: state, nonce, PKCE verifier, tenant and address; for ten minutes. */
    readonly state: string;
  }>;
  /** With the address that the browser was sent back to, whole: another sign-on's is refused. */
  finishSignOn(
    back: { readonly url: string; readonly state: string },
    origin: Origin,
  ): Promise<StartedSession>;
}
