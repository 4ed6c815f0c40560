// What can be asked of a directory in memory.

import type { DirectoryStore, Page } from "../../../src/core/directory/directory-store.ts";
import type { AuditKey } from "../../../src/core/directory/secrets.ts";
import { hashesOf } from "./apply-change.ts";
import { matching, verifyTrail } from "./audit-chain.ts";
import { foundKey, foundSession, type State, type StoredUser } from "./state.ts";

export interface ReadingParts {
  readonly state: () => State;
  /** The last version whose changes are not all remembered. */
  readonly forgotten: () => number;
  readonly auditKeys: readonly AuditKey[];
}

type Writing = "write" | "refreshSession" | "rehashKey" | "rehashPassword" | "touchKeys" | "touchUser";

export const createReadings = ({
  state,
  forgotten,
  auditKeys,
}: ReadingParts): Omit<DirectoryStore, Writing> => ({
  async changesSince(version) {
    if (version < forgotten() || version > state().version)
      return { version: state().version, changed: "unknown" };
    const later = state().changes.filter((change) => change.version > version);
    const entries = new Map(later.map(({ kind, id }) => [`${kind} ${id}`, { kind, id }]));
    return { version: state().version, changed: [...entries.values()] };
  },
  hasApiKeys: async () => state().hadKeys,
  async keyByHash(hashes) {
    const has = new Set(hashes);
    const keys = [...state().apiKeys.values()];
    return foundKey(
      state(),
      keys.find(({ credential }) => hashesOf(credential).some((hash) => has.has(hash))),
    );
  },
  keyById: async (id) => foundKey(state(), state().apiKeys.get(id)),
  async importedKeys(prefixes, { ofTenant, limit }) {
    const asked = new Set(prefixes);
    const keys = [...state().apiKeys.values()]
      .filter(({ apiKey, credential }) => credential.bcryptHash !== undefined && asked.has(apiKey.prefix))
      .flatMap((stored) => foundKey(state(), stored) ?? [])
      .toSorted((a, b) => b.apiKey.prefix.length - a.apiKey.prefix.length || byId(a.apiKey, b.apiKey));
    const ofEach = [...Map.groupBy(keys, ({ apiKey }) => apiKey.tenantId).values()];
    return Array.from({ length: Math.min(ofTenant, keys.length) }, (_, place) =>
      keys.filter((key) => ofEach.some((some) => some[place] === key)),
    )
      .flat()
      .slice(0, limit);
  },
  async importedPrefixes(tenantId, limit) {
    const prefixes = [...state().apiKeys.values()]
      .filter(({ apiKey, credential }) => credential.bcryptHash !== undefined && apiKey.tenantId === tenantId)
      .map(({ apiKey }) => apiKey.prefix);
    return Array.from(
      Map.groupBy(prefixes, (prefix) => prefix),
      ([prefix, { length: keys }]) => ({ prefix, keys }),
    ).slice(0, limit);
  },
  userById: async (id) => foundUsers(state(), ({ user }) => user.id === id)[0],
  usersByEmail: async (email, tenantId) =>
    foundUsers(
      state(),
      ({ user }) => user.email === email && (tenantId === undefined || user.tenantId === tenantId),
    ).slice(0, 10),
  userByExternalId: async (tenantId, externalId) =>
    foundUsers(state(), ({ user }) => user.tenantId === tenantId && user.externalId === externalId)[0],
  async session(id) {
    const stored = state().sessions.get(id);
    return stored === undefined ? undefined : foundSession(state(), stored);
  },
  ssoConfig: async (tenantId) => state().ssoConfigs.get(tenantId),
  activeUser: async ({ tenantId, roles, except, hasPassword }) =>
    [...state().users.values()]
      .map(({ user }) => user)
      .filter((user) => user.active && user.tenantId === tenantId && user.id !== except)
      .find((user) => roles.includes(user.role) && (hasPassword !== true || user.hasPassword)),
  tenants: async ({ search, active, ...page }) =>
    pageOf(
      [...state().tenants.values()].filter(
        (tenant) =>
          isSearched(search, tenant.id, tenant.name, tenant.contactEmail) && isAsked(active, tenant.active),
      ),
      page,
    ),
  users: async ({ tenantId, search, active, ...page }) =>
    pageOf(
      [...state().users.values()]
        .map(({ user }) => user)
        .filter((user) => isAsked(tenantId, user.tenantId) && isAsked(active, user.active))
        .filter((user) => isSearched(search, user.name, user.email)),
      page,
    ),
  apiKeys: async ({ tenantId, search, active, userId, ...page }) =>
    pageOf(
      [...state().apiKeys.values()]
        .map(({ apiKey }) => apiKey)
        .filter((key) => isAsked(tenantId, key.tenantId) && isAsked(active, key.active))
        .filter((key) => isAsked(userId, key.userId) && isSearched(search, key.name, key.prefix)),
      page,
    ),
  tenantsById: async (ids) => ids.flatMap((id) => state().tenants.get(id) ?? []),
  tenantsAfter: async (id = "", limit) =>
    [...state().tenants.values()]
      .filter((tenant) => tenant.id > id)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit),
  // Of those that were deleted nothing is held.
  retentionsAfter: async (id = "", limit) =>
    [...state().tenants.values()]
      .flatMap(({ id: tenantId, logging }) => {
        const { retentionDays } = logging ?? {};
        return tenantId > id && retentionDays !== undefined ? [{ id: tenantId, retentionDays }] : [];
      })
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit),
  usersById: async (ids) => ids.flatMap((id) => state().users.get(id)?.user ?? []),
  apiKeysById: async (ids) => ids.flatMap((id) => state().apiKeys.get(id)?.apiKey ?? []),
  async audit(query) {
    const found = matching(state().audit, query);
    const from = query.after === undefined ? 0 : found.findIndex(({ id }) => id === query.after) + 1;
    const entries = found.slice(from, from + query.first);
    return { entries, hasMore: from + entries.length < found.length };
  },
  verifyAudit: async (tenantId) => verifyTrail(state().audit, { tenantId, keys: auditKeys }),
  async underOtherKeys(keyIds) {
    const isOther = (keyId: string | undefined) => keyId !== undefined && !keyIds.includes(keyId);
    const keys = [...state().apiKeys.values()].filter(
      ({ credential: { hash, previousHash } }) => isOther(hash?.keyId) || isOther(previousHash?.keyId),
    );
    const sso = [...state().ssoConfigs.values()].filter(({ credential }) =>
      isOther(credential.clientSecret?.keyId),
    );
    return { apiKeys: keys.length, ssoConfigs: sso.map(({ config }) => config.tenantId) };
  },
});

const foundUsers = ({ users, tenants }: State, isMeant: (stored: StoredUser) => boolean) =>
  [...users.values()].filter(isMeant).flatMap((stored) => {
    const tenant = tenants.get(stored.user.tenantId);
    return tenant === undefined ? [] : [{ ...stored, tenant }];
  });

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

function pageOf<T extends { readonly id: string }>(
  entries: readonly T[],
  { first, after }: { readonly first: number; readonly after: string | undefined },
): Page<T> {
  const rest = entries.filter(({ id }) => after === undefined || id > after).toSorted(byId);
  return { entries: rest.slice(0, first), hasMore: rest.length > first };
}

const isAsked = <T>(asked: T | undefined, found: T): boolean => asked === undefined || asked === found;

const isSearched = (search: string | undefined, ...texts: readonly (string | undefined)[]): boolean =>
  search === undefined || texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()) === true);
