// Refresh tokens that are refused: what their sender is told, and what the audit trail tells besides.

import type { Origin } from "../../core/access/principal.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import type { SessionRefresh } from "../../core/directory/directory-store.ts";
import type { GatewayError } from "../../core/errors.ts";
import { unauthenticated } from "../refusals.ts";
import { refused, toWrite } from "./session-entries.ts";

/** What is known of a token. */
export interface AboutRefresh {
  readonly origin: Origin;
  readonly sessionId?: string;
  readonly tenantId?: string;
}

interface Why {
  /** For the trail. */
  readonly reason: string;
  readonly message: string;
}

export const notOurs: Why = {
  reason: "no token of this gateway",
  message: "That is no refresh token. Log in again.",
};

export const ended: Why = { reason: "ended", message: "The session has ended. Log in again." };

export const inactive: Why = {
  reason: "not active",
  message: "The user or the tenant is not active any more. Ask an administrator.",
};

/** To be thrown; leaves an entry in the trail. */
export function refusalOf(
  { reason, message }: Why,
  about: AboutRefresh,
  { trail }: { readonly trail: AuditTrail },
): GatewayError {
  trail.note(entryOf(reason, about));
  return unauthenticated(message);
}

/** The entry of a session's end by a used token. Whose trail it belongs in, the store knows. */
export function reuseOf(about: AboutRefresh, ports: Parameters<typeof toWrite>[1]): SessionRefresh["reuse"] {
  const entry = entryOf("a used refresh token came back; the session was ended", about);
  const { tenantId: _, ...reuse } = toWrite(entry, ports);
  return reuse;
}

const entryOf = (reason: string, { sessionId, tenantId, origin }: AboutRefresh) =>
  refused({
    action: "session.refresh",
    reason,
    tenantId,
    target: sessionId === undefined ? undefined : { type: "session", id: sessionId },
    origin,
  });
