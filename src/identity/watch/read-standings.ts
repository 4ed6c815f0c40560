// Which of the tenants, users, keys and sessions are good now.

import type { Principal } from "../../core/access/principal.ts";
import type { ChangedEntry, DirectoryStore } from "../../core/directory/directory-store.ts";
import type { ApiKey, Tenant, User } from "../../core/directory/entries.ts";

export type StandingsStore = Pick<DirectoryStore, "tenantsById" | "usersById" | "apiKeysById" | "session">;

export interface Standing extends ChangedEntry {
  /** It is there, active, not revoked, not expired. */
  readonly isGood: boolean;
}

export interface Standings {
  readonly all: readonly Standing[];
  /** Those that were asked for; undefined: it is gone. */
  readonly tenants: ReadonlyMap<string, Tenant | undefined>;
  readonly users: ReadonlyMap<string, User | undefined>;
}

const atATime = 200;
/** Those of whom no call is open are read too, but not without end: each is a query. */
const idleSessionsMax = 100;

/** What a caller stands on in the directory: what it was granted comes from there, a configured key does not. */
export function entriesOf({ grants, sessionId, actingFrom }: Principal): readonly ChangedEntry[] {
  const entries: readonly { readonly kind: ChangedEntry["kind"]; readonly id: string | undefined }[] = [
    { kind: "tenant", id: grants?.tenant.id },
    { kind: "tenant", id: actingFrom },
    { kind: "api_key", id: grants?.key?.id },
    { kind: "user", id: grants?.user?.id },
    { kind: "session", id: sessionId },
  ];
  return entries.flatMap(({ kind, id }) => (id === undefined ? [] : [{ kind, id }]));
}

export async function readStandings(
  entries: readonly ChangedEntry[],
  asked: {
    readonly store: StandingsStore;
    readonly nowMs: number;
    /** Sessions that calls are open of. */
    readonly inUse: ReadonlySet<string>;
  },
): Promise<Standings> {
  const { store, nowMs, inUse } = asked;
  const idsOf = (kind: ChangedEntry["kind"]) => [
    ...new Set(entries.filter((entry) => entry.kind === kind).map(({ id }) => id)),
  ];
  const tenants = await byId(idsOf("tenant"), (ids) => store.tenantsById(ids));
  const users = await byId(idsOf("user"), (ids) => store.usersById(ids));
  const apiKeys = await byId(idsOf("api_key"), (ids) => store.apiKeysById(ids));
  const isGoodKey = ({ active, revokedAtMs, expiresAtMs = Number.POSITIVE_INFINITY }: ApiKey) =>
    active && revokedAtMs === undefined && nowMs < expiresAtMs;
  const all = [
    ...standingsOf("tenant", tenants, ({ active }) => active),
    ...standingsOf("user", users, ({ active }) => active),
    ...standingsOf("api_key", apiKeys, isGoodKey),
  ];
  const sessions: Standing[] = [];
  for (const id of sessionsToRead(idsOf("session"), inUse)) {
    const session = (await store.session(id))?.session;
    const isGood = session !== undefined && session.endedAtMs === undefined && nowMs < session.expiresAtMs;
    sessions.push({ kind: "session", id, isGood });
  }
  return { all: [...all, ...sessions], tenants, users };
}

const standingsOf = <T>(
  kind: ChangedEntry["kind"],
  found: ReadonlyMap<string, T | undefined>,
  isGood: (entry: T) => boolean,
): Standing[] =>
  Array.from(found, ([id, entry]) => ({ kind, id, isGood: entry !== undefined && isGood(entry) }));

function sessionsToRead(ids: readonly string[], inUse: ReadonlySet<string>): readonly string[] {
  const used = ids.filter((id) => inUse.has(id));
  return [...used, ...ids.filter((id) => !inUse.has(id)).slice(0, idleSessionsMax)];
}

async function byId<T extends { readonly id: string }>(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly T[]>,
): Promise<ReadonlyMap<string, T | undefined>> {
  const found = new Map<string, T | undefined>(ids.map((id) => [id, undefined]));
  for (let from = 0; from < ids.length; from += atATime) {
    for (const entry of await read(ids.slice(from, from + atATime))) found.set(entry.id, entry);
  }
  return found;
}
