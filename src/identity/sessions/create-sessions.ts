// The port of users' sessions, over the directory's store.

import type { ServerSecret } from "../../config/secret/server-secret.ts";
import type { Clock } from "../../core/clock.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import type { ChangedEntry, DirectoryStore } from "../../core/directory/directory-store.ts";
import type { DirectorySecrets } from "../../core/directory/secrets.ts";
import type { Sessions } from "../../core/directory/sessions.ts";
import type { NewId } from "../../core/ids.ts";
import { createSessionTokens } from "../jwt/session-tokens.ts";
import { createSignOn, type SignOnOptions } from "../sso/create-sign-on.ts";
import { createSessionEnds } from "./end-sessions.ts";
import { createLocalLogIn } from "./log-in.ts";
import { createRefresh } from "./refresh.ts";
import { createRefreshTokens } from "./refresh-token.ts";
import { createSignInLimits } from "./sign-in-limits.ts";

export interface SessionsOptions extends SignOnOptions {
  readonly store: Pick<
    DirectoryStore,
    | "activeUser"
    | "refreshSession"
    | "ssoConfig"
    | "tenantsById"
    | "touchUser"
    | "userByExternalId"
    | "usersByEmail"
    | "write"
  >;
  readonly secrets: Pick<DirectorySecrets, "hashPassword" | "openClientSecret" | "verifyPassword">;
  readonly secret: ServerSecret;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Hears of each session, and of each user's, that was changed here, as soon as it was. */
  readonly changed: (entry: ChangedEntry) => void;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { secret } = options;
  const ports = {
    ...options,
    tokens: createSessionTokens(options),
    refreshTokens: createRefreshTokens(secret),
    limits: createSignInLimits(options),
  };
  return {
    logIn: createLocalLogIn(ports),
    refresh: createRefresh(ports),
    ...createSessionEnds(ports),
    ...createSignOn(ports),
  };
}
