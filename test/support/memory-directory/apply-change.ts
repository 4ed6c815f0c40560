// One change of a directory in memory, or why it cannot be.

import type { ApiKeyCredential } from "../../../src/core/directory/credentials.ts";
import type {
  ChangedEntry,
  DirectoryChange,
  DirectoryWritten,
} from "../../../src/core/directory/directory-store.ts";
import { importExcess } from "../../../src/core/directory/import-bounds.ts";
import type { State } from "./state.ts";

export type Refused = Exclude<DirectoryWritten["outcome"], "written">;

interface Moment {
  readonly nowMs: number;
  /** That the change has. */
  readonly version: number;
}

type Change<T extends DirectoryChange["type"]> = Extract<DirectoryChange, { readonly type: T }>;

/** Changes the state in place; after a refusal it is to be thrown away. */
export function applyChange(state: State, change: DirectoryChange, moment: Moment): Refused | undefined {
  switch (change.type) {
    case "put_tenant":
      return putTenant(state, change, moment);
    case "put_user":
      return putUser(state, change, moment);
    case "put_api_key":
      return putApiKey(state, change, moment);
    case "bound_imports":
      return boundImports(state, change);
    case "put_sso_config":
      return putSsoConfig(state, change, moment);
    case "delete_tenant":
      return deleteTenant(state, change, moment);
    case "delete_user":
      return deleteUser(state, change, moment);
    case "delete_api_key":
      if (state.apiKeys.get(change.id)?.apiKey.version !== change.seen) return "changed_meanwhile";
      state.apiKeys.delete(change.id);
      return note(state, moment, { kind: "api_key", id: change.id });
    case "delete_sso_config":
      if (state.ssoConfigs.get(change.tenantId)?.config.version !== change.seen) return "changed_meanwhile";
      state.ssoConfigs.delete(change.tenantId);
      return undefined;
    case "start_session":
      return startSession(state, change, moment);
    case "end_session":
      endSessions(state, moment, { atMs: change.atMs, isMeant: ({ id }) => id === change.id });
      return undefined;
    case "end_sessions_of_user":
      return endSessionsOfUser(state, change, moment);
    case "audit_only":
      return undefined;
  }
}

const note = (state: State, { version }: Moment, ...changed: readonly ChangedEntry[]): undefined => {
  for (const { kind, id } of changed) state.changes.push({ kind, id, version });
};

/** What an entry has of its store. */
function stamped(
  before: { readonly createdAtMs: number; readonly version: number } | undefined,
  seen: number | undefined,
  { nowMs, version }: Moment,
) {
  if (seen === undefined && before !== undefined) return "exists";
  if (seen !== before?.version) return "changed_meanwhile";
  return { createdAtMs: before?.createdAtMs ?? nowMs, updatedAtMs: nowMs, version };
}

function putTenant(
  state: State,
  { tenant, seen }: Change<"put_tenant">,
  moment: Moment,
): Refused | undefined {
  if (state.usedNames.has(tenant.id)) return seen === undefined ? "exists" : "changed_meanwhile";
  const stamp = stamped(state.tenants.get(tenant.id), seen, moment);
  if (typeof stamp === "string") return stamp;
  state.tenants.set(tenant.id, { ...tenant, ...stamp });
  return note(state, moment, { kind: "tenant", id: tenant.id });
}

function putUser(state: State, change: Change<"put_user">, moment: Moment): Refused | undefined {
  const { user, seen } = change;
  const before = state.users.get(user.id);
  const stamp = stamped(before?.user, seen, moment);
  if (typeof stamp === "string") return stamp;
  if (!state.tenants.has(user.tenantId)) return "no_owner";
  for (const { user: other } of state.users.values()) {
    if (other.id === user.id || other.tenantId !== user.tenantId) continue;
    const isSame = user.externalId !== undefined && other.externalId === user.externalId;
    if (other.email === user.email || isSame) return "exists";
  }
  const credential = change.credential ?? before?.credential ?? { passwordHash: undefined };
  const { lastLogInAtMs, tokensEndedAtMs } = before?.user ?? {
    lastLogInAtMs: undefined,
    tokensEndedAtMs: undefined,
  };
  const hasPassword = credential.passwordHash !== undefined;
  const stored = { ...user, ...stamp, hasPassword, lastLogInAtMs, tokensEndedAtMs };
  state.users.set(user.id, { user: stored, credential });
  return note(state, moment, { kind: "user", id: user.id });
}

function putApiKey(state: State, change: Change<"put_api_key">, moment: Moment): Refused | undefined {
  const { apiKey, seen } = change;
  const before = state.apiKeys.get(apiKey.id);
  const stamp = stamped(before?.apiKey, seen, moment);
  if (typeof stamp === "string") return stamp;
  const owner = apiKey.userId === undefined ? apiKey : state.users.get(apiKey.userId)?.user;
  if (!state.tenants.has(apiKey.tenantId) || owner?.tenantId !== apiKey.tenantId) return "no_owner";
  const credential = change.credential ??
    before?.credential ?? { hash: undefined, previousHash: undefined, bcryptHash: undefined };
  const hashes = new Set(hashesOf(credential));
  for (const [id, { credential: others }] of state.apiKeys) {
    if (id === apiKey.id) continue;
    const isSame = credential.bcryptHash !== undefined && others.bcryptHash === credential.bcryptHash;
    if (isSame || hashesOf(others).some((hash) => hashes.has(hash))) return "exists";
  }
  const { lastUsedAtMs } = before?.apiKey ?? { lastUsedAtMs: undefined };
  state.apiKeys.set(apiKey.id, { apiKey: { ...apiKey, ...stamp, lastUsedAtMs }, credential });
  state.hadKeys = true;
  return note(state, moment, { kind: "api_key", id: apiKey.id });
}

export const hashesOf = ({ hash, previousHash }: ApiKeyCredential): readonly string[] =>
  [hash, previousHash].flatMap((each) => each?.hash ?? []);

function boundImports(state: State, { tenantId, prefixes }: Change<"bound_imports">): Refused | undefined {
  const waiting = [...state.apiKeys.values()]
    .filter(({ apiKey, credential }) => apiKey.tenantId === tenantId && credential.bcryptHash !== undefined)
    .map(({ apiKey }) => ({ prefix: apiKey.prefix, keys: 1 }));
  const { tooManyWait, alike } = importExcess(waiting, new Set(prefixes));
  return tooManyWait || alike.size > 0 ? "changed_meanwhile" : undefined;
}

function putSsoConfig(state: State, change: Change<"put_sso_config">, moment: Moment): Refused | undefined {
  const { ssoConfig, seen } = change;
  const before = state.ssoConfigs.get(ssoConfig.tenantId);
  const stamp = stamped(before?.config, seen, moment);
  if (typeof stamp === "string") return stamp;
  if (!state.tenants.has(ssoConfig.tenantId)) return "no_owner";
  const credential = change.credential ?? before?.credential ?? { clientSecret: undefined };
  const hasClientSecret = credential.clientSecret !== undefined;
  state.ssoConfigs.set(ssoConfig.tenantId, {
    config: { ...ssoConfig, ...stamp, hasClientSecret },
    credential,
  });
  return undefined;
}

function deleteTenant(
  state: State,
  { id, seen }: Change<"delete_tenant">,
  moment: Moment,
): Refused | undefined {
  if (state.tenants.get(id)?.version !== seen) return "changed_meanwhile";
  state.tenants.delete(id);
  state.usedNames.add(id);
  state.ssoConfigs.delete(id);
  note(state, moment, { kind: "tenant", id });
  for (const { user } of state.users.values()) {
    if (user.tenantId !== id) continue;
    state.users.delete(user.id);
    note(state, moment, { kind: "user", id: user.id });
  }
  for (const { apiKey } of state.apiKeys.values()) {
    if (apiKey.tenantId !== id) continue;
    state.apiKeys.delete(apiKey.id);
    note(state, moment, { kind: "api_key", id: apiKey.id });
  }
  for (const { session } of state.sessions.values()) {
    if (session.tenantId !== id) continue;
    state.sessions.delete(session.id);
    note(state, moment, { kind: "session", id: session.id });
  }
  return undefined;
}

function deleteUser(state: State, { id, seen }: Change<"delete_user">, moment: Moment): Refused | undefined {
  if (state.users.get(id)?.user.version !== seen) return "changed_meanwhile";
  state.users.delete(id);
  note(state, moment, { kind: "user", id });
  for (const [keyId, stored] of state.apiKeys) {
    const { apiKey } = stored;
    if (apiKey.userId !== id || apiKey.revokedAtMs !== undefined) continue;
    const { nowMs, version } = moment;
    const revoked = { ...apiKey, revokedAtMs: nowMs, updatedAtMs: nowMs, version };
    state.apiKeys.set(keyId, { ...stored, apiKey: revoked });
    note(state, moment, { kind: "api_key", id: keyId });
  }
  endSessions(state, moment, { atMs: moment.nowMs, isMeant: ({ userId }) => userId === id });
  return undefined;
}

function startSession(state: State, change: Change<"start_session">, moment: Moment): Refused | undefined {
  const { session, refreshHash, passwordHash } = change;
  if (state.sessions.has(session.id)) return "exists";
  if (state.users.get(session.userId)?.user.tenantId !== session.tenantId) return "no_owner";
  const isSame = state.users.get(session.userId)?.credential.passwordHash === passwordHash;
  if (passwordHash !== undefined && !isSame) return "changed_meanwhile";
  for (const [id, { session: other }] of state.sessions) {
    if (other.userId === session.userId && other.expiresAtMs < session.createdAtMs) state.sessions.delete(id);
  }
  const stored = { session, refreshHash, previousHash: undefined, refreshedAtMs: session.createdAtMs };
  state.sessions.set(session.id, stored);
  return note(state, moment, { kind: "session", id: session.id });
}

function endSessionsOfUser(
  state: State,
  { userId, atMs, except }: Change<"end_sessions_of_user">,
  moment: Moment,
): undefined {
  endSessions(state, moment, {
    atMs,
    isMeant: (session) => session.userId === userId && session.id !== except,
  });
  const stored = state.users.get(userId);
  if (stored === undefined || (stored.user.tokensEndedAtMs ?? -1) >= atMs) return undefined;
  state.users.set(userId, { ...stored, user: { ...stored.user, tokensEndedAtMs: atMs } });
  return note(state, moment, { kind: "user", id: userId });
}

export function endSessions(
  state: State,
  moment: Moment,
  meant: {
    readonly atMs: number;
    readonly isMeant: (session: { readonly id: string; readonly userId: string }) => boolean;
  },
): void {
  for (const [id, stored] of state.sessions) {
    if (stored.session.endedAtMs !== undefined || !meant.isMeant(stored.session)) continue;
    state.sessions.set(id, { ...stored, session: { ...stored.session, endedAtMs: meant.atMs } });
    note(state, moment, { kind: "session", id });
  }
}
