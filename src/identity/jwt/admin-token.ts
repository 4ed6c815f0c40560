// A token for an administrator's own machine, made by the command line: it is valid as long as its user is,
// and ends when that user's sessions are ended.

import { invalidRequest } from "../../core/errors.ts";
import { createSessionTokens, secondsOf, type TokenPorts } from "./session-tokens.ts";

export interface AdminToken {
  readonly userId: string;
  readonly tenantId: string;
  /** Whole; 60 to 30 days. */
  readonly ttlSeconds: number;
}

const shortestSeconds = 60;
const longestSeconds = 30 * 86_400;

/** @throws GatewayError `invalid_request` for a time that is not allowed */
export async function createAdminToken(
  { userId, tenantId, ttlSeconds }: AdminToken,
  ports: TokenPorts,
): Promise<string> {
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < shortestSeconds || ttlSeconds > longestSeconds) {
    throw invalidRequest(
      "ttlSeconds",
      `must be a whole number of seconds from ${shortestSeconds} to ${longestSeconds} (30 days)`,
    );
  }
  const expiresAtMs = (secondsOf(ports.clock.epochMs()) + ttlSeconds) * 1_000;
  return createSessionTokens(ports).issue({ userId, tenantId, sessionId: undefined, expiresAtMs });
}
