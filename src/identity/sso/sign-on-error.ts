// What a failed sign-on is called: whether the person, the issuer or the sign-on's configuration is at fault.

import { GatewayError } from "../../core/errors.ts";
import { unauthenticated } from "../refusals.ts";

const deepest = 5;

/** One of ours that a library has wrapped. */
export function gatewayErrorIn(thrown: unknown): GatewayError | undefined {
  let error = thrown;
  for (let depth = 0; depth < deepest && error instanceof Error; depth += 1) {
    if (error instanceof GatewayError) return error;
    error = error.cause;
  }
  return undefined;
}

/** The issuer refuses the gateway, not the person (RFC 6749, 5.2). */
const ofClient = new Set([
  "invalid_client",
  "unauthorized_client",
  "invalid_scope",
  "unsupported_grant_type",
]);

/** The issuer does not answer as the standards ask, whoever signs on. */
const ofIssuer = new Set([
  "OAUTH_HTTP_REQUEST_FORBIDDEN",
  "OAUTH_INVALID_SERVER_METADATA",
  "OAUTH_MISSING_SERVER_METADATA",
  "OAUTH_PARSE_ERROR",
  "OAUTH_REQUEST_PROTOCOL_FORBIDDEN",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
]);

/** Of what openid-client throws; what it did not foresee is given back as it is. */
export async function signOnError(thrown: unknown): Promise<unknown> {
  const known = gatewayErrorIn(thrown);
  if (known !== undefined) return known;
  const client = await import("openid-client");
  if (thrown instanceof client.AuthorizationResponseError) {
    return unauthenticated(
      `The issuer has not signed you on (${quotable(thrown.error)}). Begin again.`,
      thrown,
    );
  }
  if (thrown instanceof client.ResponseBodyError) {
    return ofClient.has(thrown.error)
      ? misconfigured(thrown)
      : unauthenticated(`The issuer refuses this sign-on (${quotable(thrown.error)}). Begin again.`, thrown);
  }
  if (thrown instanceof client.WWWAuthenticateChallengeError) return misconfigured(thrown);
  if (thrown instanceof client.ClientError) {
    return ofIssuer.has(thrown.code ?? "")
      ? new GatewayError({
          code: "unavailable",
          message:
            "The issuer does not answer as it should. Begin the sign-on again later, or ask an administrator.",
          cause: thrown,
        })
      : unauthenticated(
          "What came back from the issuer does not belong to this sign-on. Begin again.",
          thrown,
        );
  }
  return thrown;
}

const misconfigured = (cause: unknown): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message:
      "The issuer refuses the gateway itself. Ask an administrator to check the client id, its secret and the scopes " +
      "of the sign-on.",
    cause,
  });

/** It stands in an address that anybody may have made. */
const quotable = (code: string): string => (/^[a-z_]{1,64}$/.test(code) ? code : "with no known reason");
