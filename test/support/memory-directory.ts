// A directory in memory that keeps all that its port promises, for tests of what is built upon the port.

import type { Clock } from "../../src/core/clock.ts";
import type {
  DirectoryStore,
  DirectoryWrite,
  DirectoryWritten,
} from "../../src/core/directory/directory-store.ts";
import { type EndedWith, withEnded } from "../../src/core/directory/ended-with.ts";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import { applyChange, endSessions } from "./memory-directory/apply-change.ts";
import { appendEntries } from "./memory-directory/audit-chain.ts";
import { endedWith } from "./memory-directory/ended-with.ts";
import { copyOf, emptyState, foundSession, type State } from "./memory-directory/state.ts";
import { createReadings } from "./memory-directory/readings.ts";

export interface MemoryDirectoryOptions {
  readonly clock: Clock;
  /** How many changes are remembered. */
  readonly changesMax?: number;
  /** The first is what new entries are made with. */
  readonly auditKeys?: readonly [AuditKey, ...(readonly AuditKey[])];
}

const testKey: AuditKey = { id: "test", key: new Uint8Array(32) };

export function createMemoryDirectory(options: MemoryDirectoryOptions): DirectoryStore {
  const { clock, changesMax = 1_000, auditKeys = [testKey] } = options;
  let state = emptyState();
  /** The last version whose changes are not all remembered. */
  let forgotten = 0;

  function remember(next: State): void {
    const tooMany = next.changes.splice(0, Math.max(0, next.changes.length - changesMax));
    forgotten = tooMany.at(-1)?.version ?? forgotten;
    state = next;
  }

  function write({ changes, audit }: DirectoryWrite): DirectoryWritten {
    if (changes.length === 0) throw new RangeError("A write has at least one change.");
    const next = copyOf(state);
    if (changes.some(({ type }) => type !== "audit_only")) next.version += 1;
    const moment = { nowMs: clock.epochMs(), version: next.version };
    const ended: EndedWith[] = [];
    for (const [at, change] of changes.entries()) {
      ended.push(...endedWith(next, change));
      const refused = applyChange(next, change, moment);
      if (refused === "exists") return { outcome: refused, at };
      if (refused !== undefined) return { outcome: refused };
    }
    appendEntries(
      next,
      audit.map((entry) => withEnded(entry, ended)),
      auditKeys[0],
    );
    remember(next);
    return { outcome: "written", version: next.version };
  }

  return {
    ...createReadings({
      state: () => state,
      forgotten: () => forgotten,
      auditKeys,
    }),
    write: async (asked) => write(asked),
    async refreshSession({ sessionId, presented, next, atMs, raceMs, reuse }) {
      const stored = state.sessions.get(sessionId);
      if (stored === undefined || presented.length === 0) return { outcome: "unknown" };
      const { session, refreshHash, previousHash } = stored;
      const found = foundSession(state, stored);
      if (found === undefined || session.expiresAtMs <= atMs) return { outcome: "over", session };
      if (presented.includes(refreshHash.hash)) {
        const refreshed = { ...stored, refreshHash: next, previousHash: refreshHash, refreshedAtMs: atMs };
        state.sessions.set(sessionId, refreshed);
        return { outcome: "refreshed", found };
      }
      const isLast = presented.includes(previousHash?.hash ?? "");
      if (isLast && atMs - stored.refreshedAtMs <= raceMs) return { outcome: "raced" };
      const ending = copyOf(state);
      ending.version += 1;
      const moment = { nowMs: clock.epochMs(), version: ending.version };
      endSessions(ending, moment, { atMs, isMeant: ({ id }) => id === sessionId });
      appendEntries(ending, [{ ...reuse, tenantId: session.tenantId }], auditKeys[0]);
      remember(ending);
      return { outcome: "reused", session: { ...session, endedAtMs: atMs } };
    },
    async rehashKey(id, from, to) {
      const stored = state.apiKeys.get(id);
      if (stored === undefined || JSON.stringify(stored.credential) !== JSON.stringify(from)) return false;
      state.apiKeys.set(id, { ...stored, credential: to });
      return true;
    },
    async touchKeys(used) {
      for (const { id, atMs } of used) {
        const stored = state.apiKeys.get(id);
        if (stored === undefined || (stored.apiKey.lastUsedAtMs ?? 0) >= atMs) continue;
        state.apiKeys.set(id, { ...stored, apiKey: { ...stored.apiKey, lastUsedAtMs: atMs } });
      }
    },
    async touchUser(id, atMs) {
      const stored = state.users.get(id);
      if (stored === undefined || (stored.user.lastLogInAtMs ?? 0) >= atMs) return;
      state.users.set(id, { ...stored, user: { ...stored.user, lastLogInAtMs: atMs } });
    },
    async rehashPassword(id, from, to) {
      const stored = state.users.get(id);
      if (stored?.credential.passwordHash !== from) return false;
      state.users.set(id, { ...stored, credential: { passwordHash: to } });
      return true;
    },
  };
}
