// The directory as the core knows it, over a database that is asked method by method.

import type { Clock } from "../../core/clock.ts";
import type { DirectoryStore } from "../../core/directory/directory-store.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import { storableValue } from "../storable-text.ts";
import type { CallMethod } from "../thread-calls.ts";
import type { AuditProgress, DirectoryCalls, DirectoryReadings } from "./directory-calls.ts";

export interface StoredDirectoryOptions {
  readonly call: CallMethod<keyof DirectoryCalls>;
  readonly read: CallMethod<keyof DirectoryReadings>;
  readonly clock: Clock;
  readonly auditKeys: () => readonly AuditKey[];
}

export function createStoredDirectory(options: StoredDirectoryOptions): DirectoryStore {
  const { clock, auditKeys } = options;
  // What is written is made storable, and what is asked for has to be the same.
  const call: typeof options.call =
    (method) =>
    (...args) =>
      options.call(method)(...storableValue(args));
  const read: typeof options.read =
    (method) =>
    (...args) =>
      options.read(method)(...storableValue(args));
  return {
    changesSince: call("changesSince"),
    hasApiKeys: call("hasApiKeys"),
    keyByHash: call("keyByHash"),
    keyById: call("keyById"),
    importedKeys: call("importedKeys"),
    importedPrefixes: call("importedPrefixes"),
    rehashKey: call("rehashKey"),
    touchKeys: call("touchKeys"),
    userById: call("userById"),
    usersByEmail: call("usersByEmail"),
    activeUser: call("activeUser"),
    userByExternalId: call("userByExternalId"),
    touchUser: call("touchUser"),
    rehashPassword: call("rehashPassword"),
    session: call("session"),
    refreshSession: async (refresh) => call("refreshSession")({ ...refresh, auditKeys: auditKeys() }),
    ssoConfig: call("ssoConfig"),
    tenants: read("tenants"),
    users: read("users"),
    apiKeys: read("apiKeys"),
    tenantsById: call("tenantsById"),
    tenantsAfter: call("tenantsAfter"),
    retentionsAfter: call("retentionsAfter"),
    usersById: call("usersById"),
    apiKeysById: call("apiKeysById"),
    audit: read("audit"),
    async write({ changes, audit }) {
      return call("writeDirectory")({
        changes,
        audit,
        epochMs: clock.epochMs(),
        // Whoever gives them may make them only now.
        auditKeys: audit.length === 0 ? [] : auditKeys(),
      });
    },
    async verifyAudit(tenantId) {
      let progress: AuditProgress = {
        tenantId,
        auditKeys: auditKeys(),
        after: undefined,
        unchecked: undefined,
      };
      for (;;) {
        const answer = await read("verifyAuditPage")(progress);
        if ("entries" in answer) return answer;
        progress = answer;
      }
    },
    async underOtherKeys(keyIds) {
      return call("underOtherKeysAt")(keyIds, clock.epochMs());
    },
  };
}
