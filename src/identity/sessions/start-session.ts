// A session's beginning and its tokens, however its user has shown who it is.

import type { Origin } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { NewAuditEntry } from "../../core/directory/audit.ts";
import type {
  DirectoryChange,
  DirectoryStore,
  DirectoryWritten,
} from "../../core/directory/directory-store.ts";
import type { Session, User } from "../../core/directory/entries.ts";
import type { StartedSession } from "../../core/directory/sessions.ts";
import type { NewId } from "../../core/ids.ts";
import { fromStore } from "../from-store.ts";
import type { SessionTokens } from "../jwt/session-tokens.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { began, toWrite } from "./session-entries.ts";

export interface StartPorts {
  readonly store: Pick<DirectoryStore, "write" | "touchUser">;
  readonly tokens: SessionTokens;
  readonly refreshTokens: RefreshTokens;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface SessionStart {
  readonly user: User;
  readonly action: "session.log_in" | "session.sign_on";
  readonly origin: Origin;
  /** That of the password that was shown; absent: none was. */
  readonly passwordHash?: string | undefined;
  /** Written in the same transaction, before the session. */
  readonly changes?: readonly DirectoryChange[] | undefined;
  readonly audit?: readonly NewAuditEntry[] | undefined;
}

const accessMs = 15 * 60_000;
const sessionMs = 30 * 86_400_000;

/** What the store says where it did not write: somebody has changed the user meanwhile. */
export type NotStarted = Exclude<DirectoryWritten["outcome"], "written">;

/** @throws GatewayError `unavailable` */
export async function startSession(
  start: SessionStart,
  ports: StartPorts,
): Promise<StartedSession | NotStarted> {
  const { store, refreshTokens, clock, newId } = ports;
  const { user, action, origin, passwordHash } = start;
  const nowMs = clock.epochMs();
  const session: Session = {
    id: newId(),
    userId: user.id,
    tenantId: user.tenantId,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + sessionMs,
    endedAtMs: undefined,
  };
  const refresh = refreshTokens.make(session.id);
  const written = await fromStore(
    store.write({
      changes: [
        ...(start.changes ?? []),
        { type: "start_session", session, refreshHash: refresh.hash, passwordHash },
      ],
      audit: [...(start.audit ?? []), toWrite(began({ action, session, origin }), ports)],
    }),
  );
  if (written.outcome !== "written") return written.outcome;
  // The log-in stands, whether its time is noted or not.
  await store.touchUser(user.id, nowMs).catch(() => undefined);
  return withTokens({ user: { ...user, lastLogInAtMs: nowMs }, session, refreshToken: refresh.token }, ports);
}

/** A session with an access token; that ends with it at the latest. */
export async function withTokens(
  {
    user,
    session,
    refreshToken,
  }: {
    readonly user: User;
    readonly session: Session;
    readonly refreshToken: string;
  },
  { tokens, clock }: Pick<StartPorts, "tokens" | "clock">,
): Promise<StartedSession> {
  const endMs = Math.min(clock.epochMs() + accessMs, session.expiresAtMs);
  // As the token tells it.
  const expiresAtMs = Math.floor(endMs / 1_000) * 1_000;
  return {
    user,
    accessToken: await tokens.issue({
      userId: user.id,
      tenantId: user.tenantId,
      sessionId: session.id,
      expiresAtMs,
    }),
    accessExpiresAtMs: expiresAtMs,
    refreshToken,
    refreshExpiresAtMs: session.expiresAtMs,
  };
}
