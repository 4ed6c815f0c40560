// Verification of an external issuer's tokens: signature, issuer, audience and times.

import type { Clock } from "../../core/clock.ts";
import { CredentialRefusal, type RefusalReason } from "../../core/access/credential-refusal.ts";
import { createKeySet, type KeySetOptions } from "./key-set.ts";
import { maxTokenChars } from "./token-shape.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

type Claims = Readonly<Record<string, unknown>>;

export interface ExternalTokenOptions extends Omit<KeySetOptions, "replaced"> {
  readonly issuer: string;
  readonly audience: string;
  /** Of public keys only: as RS256. */
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  readonly clock: Clock;
}

export interface VerifiedToken<C> {
  readonly claims: C;
  /** With the skew. */
  readonly expiresAtMs: number;
}

export interface ExternalTokens<C> {
  /** One that was verified before, as long as the issuer's keys are those of then. */
  find(token: string): VerifiedToken<C> | undefined;
  /** @throws GatewayError `unauthenticated`, `unavailable` */
  verify(token: string): Promise<VerifiedToken<C>>;
}

/** `read` takes of a token's claims what is needed of them. */
export function createExternalTokens<C>(
  options: ExternalTokenOptions,
  read: (claims: Claims) => C,
): ExternalTokens<C> {
  const { issuer, audience, clockSkewSeconds, clock } = options;
  const verified = createVerifiedTokens<VerifiedToken<C>>(clock);
  let replacements = 0;
  const keys = createKeySet({
    ...options,
    replaced() {
      replacements += 1;
      verified.forgetAll();
    },
  });
  // Neither none nor a shared secret, whatever is asked for: a public key is no secret.
  const algorithms = options.algorithms.filter((each) => /^(?:RS|PS|ES)\d{3}$|^EdDSA$/.test(each));

  return {
    find: (token) => (keys.isInForce() ? verified.find(token) : undefined),
    async verify(token) {
      if (token.length > maxTokenChars) throw refusal("malformed", "The token is too long to be one.");
      const before = replacements;
      const { jwtVerify, errors } = await import("jose");
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ alg, kid }) => {
            const key = await keys.find({ alg, kid });
            if (key === undefined) throw new errors.JWKSNoMatchingKey();
            return key;
          },
          {
            algorithms,
            issuer,
            audience,
            clockTolerance: clockSkewSeconds,
            requiredClaims: ["exp"],
            currentDate: new Date(clock.epochMs()),
          },
        );
        const expiresAtMs = ((payload.exp ?? 0) + clockSkewSeconds) * 1_000;
        const known = { claims: read(payload), expiresAtMs };
        // Its key may have been withdrawn in between.
        if (replacements === before) verified.add(token, known);
        return known;
      } catch (error) {
        if (error instanceof errors.JOSEError) throw refused(error);
        throw error;
      }
    },
  };
}

const refusal = (reason: RefusalReason, message: string): CredentialRefusal =>
  new CredentialRefusal({ reason, message });

function refused({ code }: { readonly code: string }): CredentialRefusal {
  if (code === "ERR_JWT_EXPIRED") {
    return refusal("expired", "The token has expired. Get a new one from its issuer.");
  }
  if (code === "ERR_JWKS_NO_MATCHING_KEY") {
    return refusal("unknown", "The token's key is none of its issuer's. Get a new token.");
  }
  if (code === "ERR_JOSE_ALG_NOT_ALLOWED") {
    return refusal("malformed", "The token is signed with an algorithm that is not accepted here.");
  }
  return refusal(
    "malformed",
    "The token is not valid here: its signature, issuer, audience or times are others.",
  );
}
