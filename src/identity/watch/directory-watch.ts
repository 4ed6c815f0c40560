// Follows the directory where this gateway and others change it: whoever holds something of it forgets what has changed,
// and calls end whose callers may not call any more.

import type { KnownTenants } from "../../core/access/known-tenants.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import type {
  ChangedEntry,
  DirectoryChanges,
  DirectoryFollower,
  DirectoryStore,
} from "../../core/directory/directory-store.ts";
import type { OpenCalls } from "../../core/open-calls.ts";
import { EndedCallers } from "./ended-callers.ts";
import { entriesOf, readStandings, type StandingsStore } from "./read-standings.ts";
import { createTenantCache } from "./tenant-cache.ts";

export interface DirectoryWatch {
  /** Reads what has to be known before the first call. Rejects with what the store says. */
  start(): Promise<void>;
  /** At once, as after a change that was made here; never rejects: what fails is tried again with the next poll. */
  look(): Promise<void>;
  /** Tells it of changes from now on. */
  follow(follower: DirectoryFollower): void;
  readonly tenants: KnownTenants;
  /** Whether there was a key that is not revoked when it was looked last. Before the start: as if there were. */
  hasApiKeys(): boolean;
  /** Whether what is held of the directory may still be believed. */
  hearsChanges(): boolean;
  /** For operators. */
  problems(): readonly string[];
  /** Settles when nothing is under way any more. */
  stop(): Promise<void>;
}

export interface DirectoryWatchParts {
  readonly store: StandingsStore & Pick<DirectoryStore, "changesSince" | "hasApiKeys" | "tenants">;
  readonly clock: Clock;
  readonly openCalls: Pick<OpenCalls, "endWhere" | "all">;
}

export const pollMs = 2_000;
/** How long what is held is believed while the database does not answer. */
const believedMs = 600_000;

export function createDirectoryWatch({ store, clock, openCalls }: DirectoryWatchParts): DirectoryWatch {
  const tenants = createTenantCache(store);
  const ended = new EndedCallers(clock);
  const followers: DirectoryFollower[] = [];
  let version = 0;
  let hasApiKeys = true;
  let heardAtMs = Number.NEGATIVE_INFINITY;
  let problem: string | undefined;
  let timer: Timer | undefined;
  let isStopped = false;
  let looking: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function heed(changed: DirectoryChanges["changed"]): Promise<void> {
    for (const follower of followers) follower.forget(changed);
    if (changed === "unknown" || changed.some(({ kind }) => kind !== "session")) {
      hasApiKeys = await store.hasApiKeys();
    }
    if (changed === "unknown") await tenants.load();
    await endCalls(changed);
  }

  async function endCalls(changed: DirectoryChanges["changed"]): Promise<void> {
    const open = openCalls.all().map(({ principal }) => principal);
    const entries: readonly ChangedEntry[] = changed === "unknown" ? open.flatMap(entriesOf) : changed;
    const inUse = new Set(open.flatMap(({ sessionId = [] }) => sessionId));
    const read = await readStandings(entries, { store, nowMs: clock.epochMs(), inUse });
    tenants.put(read.tenants);
    for (const standing of read.all) ended.note(standing, !standing.isGood);
    openCalls.endWhere(ended.endOf);
  }

  async function lookOnce(): Promise<void> {
    if (isStopped) return;
    const beganAtMs = clock.monotonicMs();
    try {
      const changes = await store.changesSince(version);
      if (changes.changed === "unknown" || changes.changed.length > 0) await heed(changes.changed);
      ({ version } = changes);
      heardAtMs = beganAtMs;
      problem = undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problem = `Changes of tenants, users and keys cannot be read: ${why}`;
    }
    ended.sweep();
  }

  /** One after the other; who asks while one is under way gets the next, which sees what was changed before it. */
  function look(): Promise<void> {
    next ??= looking.then(() => {
      next = undefined;
      looking = lookOnce();
      return looking;
    });
    return next;
  }

  function pollLater(): void {
    if (!isStopped) timer = clock.setTimer(pollMs, () => void look().then(pollLater));
  }

  return {
    async start() {
      const beganAtMs = clock.monotonicMs();
      ({ version } = await store.changesSince(version));
      hasApiKeys = await store.hasApiKeys();
      await tenants.load();
      heardAtMs = beganAtMs;
      pollLater();
    },
    look,
    follow: (follower) => void followers.push(follower),
    tenants,
    hasApiKeys: () => hasApiKeys,
    hearsChanges: () => clock.monotonicMs() - heardAtMs < believedMs,
    problems: () => (problem === undefined ? [] : [problem]),
    async stop() {
      isStopped = true;
      timer?.cancel();
      await looking;
      await next;
    },
  };
}
