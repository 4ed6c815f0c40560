// Answers what is asked of the directory by statements on its database.

import type { DatabaseAccess } from "../database-access.ts";
import { changesSince } from "./changes-feed.ts";
import type { DirectoryCalls } from "./directory-calls.ts";
import {
  hasApiKeys,
  importedKeys,
  importedPrefixes,
  keyByHash,
  keyById,
  rehashKey,
  touchKeys,
  underOtherKeys,
} from "./find-keys.ts";
import {
  activeUser,
  rehashPassword,
  ssoConfig,
  touchUser,
  userByExternalId,
  userById,
  usersByEmail,
} from "./find-users.ts";
import { apiKeysById, retentionsAfter, tenantsAfter, tenantsById, usersById } from "./find-by-id.ts";
import { findSession, refreshSession } from "./user-sessions.ts";
import { writeDirectory } from "./write-directory.ts";

export function createDirectoryCalls(access: DatabaseAccess): DirectoryCalls {
  const { run } = access;
  return {
    changesSince: (version) => changesSince(run, version),
    hasApiKeys: () => hasApiKeys(run),
    keyByHash: (hashes) => keyByHash(run, hashes),
    keyById: (id) => keyById(run, id),
    importedKeys: (prefixes, limits) => importedKeys(run, prefixes, limits),
    importedPrefixes: (tenantId, limit) => importedPrefixes(run, tenantId, limit),
    rehashKey: (id, from, to) => rehashKey(run, id, { from, to }),
    touchKeys: (used) => touchKeys(access, used),
    userById: (id) => userById(run, id),
    usersByEmail: (email, tenantId) => usersByEmail(run, email, tenantId),
    activeUser: (wanted) => activeUser(run, wanted),
    userByExternalId: (tenantId, externalId) => userByExternalId(run, tenantId, externalId),
    touchUser: (id, atMs) => touchUser(run, id, atMs),
    rehashPassword: (id, from, to) => rehashPassword(run, id, { from, to }),
    session: (id) => findSession(run, id),
    refreshSession: (refresh) => refreshSession(access, refresh),
    tenantsById: (ids) => tenantsById(run, ids),
    tenantsAfter: (id, limit) => tenantsAfter(run, id, limit),
    retentionsAfter: (id, limit) => retentionsAfter(run, id, limit),
    usersById: (ids) => usersById(run, ids),
    apiKeysById: (ids) => apiKeysById(run, ids),
    ssoConfig: (tenantId) => ssoConfig(run, tenantId),
    writeDirectory: (write) => writeDirectory(access, write),
    underOtherKeysAt: (keyIds, epochMs) => underOtherKeys(run, keyIds, epochMs),
  };
}
