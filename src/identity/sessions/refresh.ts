// A session goes on with the next of its tokens. One that comes back after it was used has been stolen from somebody,
// and nobody can say from whom: the session ends for all (RFC 9700, 4.14.2).

import type { Origin } from "../../core/access/principal.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import type { ChangedEntry, DirectoryStore, RefreshOutcome } from "../../core/directory/directory-store.ts";
import type { StartedSession } from "../../core/directory/sessions.ts";
import { GatewayError } from "../../core/errors.ts";
import { fromStore } from "../from-store.ts";
import { unauthenticated } from "../refusals.ts";
import { type AboutRefresh, ended, inactive, notOurs, refusalOf, reuseOf } from "./refresh-refusals.ts";
import type { SignInLimits } from "./sign-in-limits.ts";
import { type StartPorts, withTokens } from "./start-session.ts";

export interface RefreshPorts extends Pick<StartPorts, "tokens" | "refreshTokens" | "clock" | "newId"> {
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
    if (presented === undefined) throw refusalOf(notOurs, { origin }, ports);
    const { sessionId, hashes } = presented;
    const next = refreshTokens.make(sessionId);
    const asked = ports.store.refreshSession({
      sessionId,
      presented: hashes,
      next: next.hash,
      atMs: clock.epochMs(),
      raceMs,
      reuse: reuseOf({ sessionId, origin }, ports),
    });
    const outcome = await fromStore(asked).catch((error: unknown) => {
      attempt.succeeded();
      throw error;
    });
    if (outcome.outcome !== "refreshed") {
      if (outcome.outcome === "raced") attempt.succeeded();
      throw notRefreshed(outcome, { sessionId, origin }, ports);
    }
    const { session, user, tenant } = outcome.found;
    const about = { sessionId, tenantId: session.tenantId, origin };
    if (clock.epochMs() >= session.expiresAtMs) throw refusalOf(ended, about, ports);
    if (!user.active || !tenant.active) throw refusalOf(inactive, about, ports);
    attempt.succeeded();
    return withTokens({ user, session, refreshToken: next.token }, ports);
  };

function notRefreshed(
  outcome: Exclude<RefreshOutcome, { outcome: "refreshed" }>,
  about: AboutRefresh,
  ports: RefreshPorts,
): GatewayError {
  switch (outcome.outcome) {
    case "raced":
      return new GatewayError({
        code: "conflict",
        message:
          "The session was refreshed by another request at the same moment. Use the tokens that it got, or try again " +
          "with the newest refresh token.",
      });
    case "unknown":
      return refusalOf(ended, about, ports);
    case "over":
      return refusalOf(ended, { ...about, tenantId: outcome.session.tenantId }, ports);
    case "reused":
      ports.changed({ kind: "session", id: outcome.session.id });
      return unauthenticated(
        "This refresh token was used before, so somebody else may have it: the session was ended. Log in again.",
      );
  }
}
