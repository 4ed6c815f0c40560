// A session goes on with the next of its tokens. One that comes back after it was used has been stolen from somebody,
// and nobody can say from whom: the session ends for all (RFC 9700, 4.14.2).

import type { Origin } from "../../core/access/principal.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import type { ChangedEntry, DirectoryStore, RefreshOutcome } from "../../core/directory/directory-store.ts";
import type { StartedSession } from "../../core/directory/sessions.ts";
import { GatewayError } from "../../core/errors.ts";
import { fromStore } from "../from-store.ts";
import { unauthenticated } from "../refusals.ts";
import { refused } from "./session-entries.ts";
import type { SignInLimits } from "./sign-in-limits.ts";
import { type StartPorts, withTokens } from "./start-session.ts";

export interface RefreshPorts extends Pick<StartPorts, "tokens" | "refreshTokens" | "clock"> {
  readonly store: Pick<DirectoryStore, "refreshSession">;
  readonly trail: AuditTrail;
  readonly limits: SignInLimits;
  readonly changed: (entry: ChangedEntry) => void;
}

/** Two windows of one browser may refresh at the same moment: that is no theft. */
const raceMs = 10_000;

export const createRefresh =
  (ports: RefreshPorts) =>
  async (token: string, origin: Origin): Promise<StartedSession> => {
    const { clock, refreshTokens, limits } = ports;
    const attempt = limits.begin({ action: "session.refresh", origin });
    const presented = refreshTokens.read(token);
    if (presented === undefined) throw unauthenticated("That is no refresh token. Log in again.");
    const { sessionId, hashes } = presented;
    const next = refreshTokens.make(sessionId);
    const asked = ports.store.refreshSession({
      sessionId,
      presented: hashes,
      next: next.hash,
      atMs: clock.epochMs(),
      raceMs,
    });
    const outcome = await fromStore(asked).catch((error: unknown) => {
      attempt.succeeded();
      throw error;
    });
    if (outcome.outcome !== "refreshed") {
      if (outcome.outcome === "raced") attempt.succeeded();
      throw notRefreshed(outcome, origin, ports);
    }
    const { session, user, tenant } = outcome.found;
    if (clock.epochMs() >= session.expiresAtMs) throw unauthenticated(ended);
    if (!user.active || !tenant.active) {
      throw unauthenticated("The user or the tenant is not active any more. Ask an administrator.");
    }
    attempt.succeeded();
    return withTokens({ user, session, refreshToken: next.token }, ports);
  };

const ended = "The session has ended. Log in again.";

function notRefreshed(
  outcome: Exclude<RefreshOutcome, { outcome: "refreshed" }>,
  origin: Origin,
  { trail, changed }: RefreshPorts,
): GatewayError {
  if (outcome.outcome === "raced") {
    return new GatewayError({
      code: "conflict",
      message:
        "The session was refreshed by another request at the same moment. Use the tokens that it got, or try again " +
        "with the newest refresh token.",
    });
  }
  if (outcome.outcome === "unknown") return unauthenticated(ended);
  const { id, tenantId } = outcome.session;
  changed({ kind: "session", id });
  trail.note(
    refused({
      action: "session.refresh",
      reason: "a used refresh token came back; the session was ended",
      tenantId,
      target: { type: "session", id },
      origin,
    }),
  );
  return unauthenticated(
    "This refresh token was used before, so somebody else may have it: the session was ended. Log in again.",
  );
}
