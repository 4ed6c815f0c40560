// Access tokens of the gateway's own: JSON web tokens (RFC 7519, RFC 9068) signed with a key that is derived from the
// server's secret.

import { createKeyRing } from "../../config/secret/key-ring.ts";
import type { ServerSecret } from "../../config/secret/server-secret.ts";
import type { Clock } from "../../core/clock.ts";
import { CredentialRefusal } from "../../core/access/credential-refusal.ts";
import { maxTokenChars } from "./token-shape.ts";

export interface SessionClaims {
  readonly userId: string;
  readonly tenantId: string;
  /** Absent: made for an administrator by the command line; it ends when its user ends all sessions. */
  readonly sessionId: string | undefined;
  /** Whole seconds. */
  readonly expiresAtMs: number;
}

export interface IssuedClaims extends SessionClaims {
  /** Whole seconds. */
  readonly issuedAtMs: number;
}

export interface SessionTokens {
  issue(claims: SessionClaims): Promise<string>;
  /** @throws GatewayError `unauthenticated` */
  verify(token: string): Promise<IssuedClaims>;
}

export interface TokenPorts {
  readonly secret: ServerSecret;
  readonly clock: Clock;
}

const purpose = "session-jwt";
const algorithm = "HS256";
const type = "at+jwt";
const name = "sluice";

export function createSessionTokens({ secret, clock }: TokenPorts): SessionTokens {
  const keys = createKeyRing(secret, purpose);
  return {
    async issue({ userId, tenantId, sessionId, expiresAtMs }) {
      const { SignJWT } = await import("jose");
      const { id, key } = keys.current();
      return new SignJWT({ tid: tenantId, ...(sessionId === undefined ? {} : { sid: sessionId }) })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: id })
        .setIssuer(name)
        .setAudience(name)
        .setSubject(userId)
        .setIssuedAt(secondsOf(clock.epochMs()))
        .setExpirationTime(secondsOf(expiresAtMs))
        .sign(key);
    },
    async verify(token) {
      if (token.length > maxTokenChars) throw malformed();
      const { jwtVerify, errors } = await import("jose");
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const known = keys.find(kid ?? "");
            if (known === undefined) throw new errors.JWKSNoMatchingKey();
            return known.key;
          },
          {
            algorithms: [algorithm],
            issuer: name,
            audience: name,
            typ: type,
            requiredClaims: ["sub", "tid", "iat", "exp"],
            currentDate: new Date(clock.epochMs()),
          },
        );
        return claimsOf(payload);
      } catch (error) {
        if (error instanceof errors.JOSEError) throw refused(error);
        throw error;
      }
    },
  };
}

export const secondsOf = (epochMs: number): number => Math.floor(epochMs / 1_000);

function claimsOf({ sub, tid, sid, iat, exp }: Readonly<Record<string, unknown>>): IssuedClaims {
  const sessionId = typeof sid === "string" ? sid : undefined;
  const isOfUser = typeof sub === "string" && typeof tid === "string" && sid === sessionId;
  if (isOfUser && typeof iat === "number" && typeof exp === "number") {
    return { userId: sub, tenantId: tid, sessionId, issuedAtMs: iat * 1_000, expiresAtMs: exp * 1_000 };
  }
  throw malformed();
}

const malformed = (): CredentialRefusal =>
  new CredentialRefusal({
    reason: "malformed",
    message: "The access token is none of the gateway's. Copy it again, or log in again.",
  });

function refused({ code }: { readonly code: string }): CredentialRefusal {
  if (code === "ERR_JWT_EXPIRED") {
    const message = "The access token has expired. Refresh it, or log in again.";
    return new CredentialRefusal({ reason: "expired", message });
  }
  if (code === "ERR_JWKS_NO_MATCHING_KEY") {
    const message = "The access token was made with another secret. Log in again.";
    return new CredentialRefusal({ reason: "unknown", message });
  }
  return malformed();
}
