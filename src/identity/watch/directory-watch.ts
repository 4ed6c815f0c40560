// Follows the directory where this gateway and others change it: whoever holds something of it forgets what has changed,
// and calls end whose callers may not call any more.

import type { KnownTenants } from "../../core/access/known-tenants.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import type {
  ChangedEntry,
  ChangeMarker,
  DirectoryChanges,
  DirectoryFollower,
  DirectoryStore,
} from "../../core/directory/directory-store.ts";
import type { ReportFault } from "../../core/errors.ts";
import type { OpenCalls } from "../../core/open-calls.ts";
import { EndedCallers } from "./ended-callers.ts";
import { entriesOf, readStandings, type StandingsStore } from "./read-standings.ts";
import { TenantCache } from "./tenant-cache.ts";

export interface DirectoryWatchParts {
  readonly store: StandingsStore & Pick<DirectoryStore, "changesSince" | "hasApiKeys" | "tenantsAfter">;
  readonly clock: Clock;
  readonly openCalls: Pick<OpenCalls, "endWhere" | "all">;
  /** Hears once of a database that cannot be asked. */
  readonly reportFault: ReportFault;
}

export const createDirectoryWatch = (parts: DirectoryWatchParts): DirectoryWatch => new DirectoryWatch(parts);

const pollMs = 2_000;
/** How long what is held is believed while the database does not answer. */
const believedMs = 600_000;

/** Made by `createDirectoryWatch`. */
export class DirectoryWatch {
  readonly #store: DirectoryWatchParts["store"];
  readonly #clock: Clock;
  readonly #openCalls: DirectoryWatchParts["openCalls"];
  readonly #reportFault: ReportFault;
  readonly #tenants: TenantCache;
  readonly #ended: EndedCallers;
  readonly #followers: DirectoryFollower[] = [];
  #marker: ChangeMarker | undefined;
  #version = 0;
  #hasApiKeys = true;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #isDeaf = false;
  #timer: Timer | undefined;
  #isStopped = false;
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor({ store, clock, openCalls, reportFault }: DirectoryWatchParts) {
    this.#reportFault = reportFault;
    this.#store = store;
    this.#clock = clock;
    this.#openCalls = openCalls;
    this.#tenants = new TenantCache(store);
    this.#ended = new EndedCallers(clock);
  }

  get tenants(): KnownTenants {
    return this.#tenants;
  }

  /** Whether there ever was a key, when it was looked last. Before the start: as if there were. */
  hasApiKeys(): boolean {
    return this.#hasApiKeys;
  }

  /** Whether what is held of the directory may still be believed. */
  hearsChanges(): boolean {
    return this.#clock.monotonicMs() - this.#heardAtMs < believedMs;
  }

  /** Of the directory: each change by it is heeded. */
  version(): number {
    return this.#version;
  }

  /** For operators, in general words: whoever reaches the port may ask. */
  problems(): readonly string[] {
    return this.#isDeaf ? ["Changes of tenants, users and keys cannot be read: the log says why."] : [];
  }

  /** Tells it of changes from now on. */
  follow(follower: DirectoryFollower): void {
    this.#followers.push(follower);
  }

  /** Has changes marked from now on, before whoever made one here hears that it is in force. */
  markBy(marker: ChangeMarker): void {
    this.#marker = marker;
  }

  /** Reads what has to be known before the first call. Rejects with what the store says. */
  async start(): Promise<void> {
    const beganAtMs = this.#clock.monotonicMs();
    ({ version: this.#version } = await this.#store.changesSince(this.#version));
    this.#hasApiKeys = await this.#store.hasApiKeys();
    await this.#tenants.load();
    this.#heardAtMs = beganAtMs;
    this.#pollLater();
  }

  /**
   * At once, as after a change that was made here; never rejects: what fails is tried again with the next poll. One look
   * after the other; who asks while one is under way gets the next, which sees what was changed before it.
   */
  look(): Promise<void> {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      this.#looking = this.#lookOnce();
      return this.#looking;
    });
    return this.#next;
  }

  /** Settles when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#looking;
    await this.#next;
  }

  #pollLater(): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(pollMs, () => void this.look().then(() => this.#pollLater()));
  }

  async #lookOnce(): Promise<void> {
    if (this.#isStopped) return;
    const beganAtMs = this.#clock.monotonicMs();
    try {
      const { version, changed } = await this.#store.changesSince(this.#version);
      if (changed === "unknown" || changed.length > 0) await this.#heed(changed, version);
      this.#version = version;
      this.#heardAtMs = beganAtMs;
      this.#isDeaf = false;
    } catch (error) {
      if (!this.#isDeaf) this.#reportFault(error, {});
      this.#isDeaf = true;
    }
    this.#ended.sweep();
  }

  async #heed(changed: DirectoryChanges["changed"], version: number): Promise<void> {
    const marked = this.#marker?.mark(changed, version);
    for (const follower of this.#followers) follower.forget(changed);
    if (changed === "unknown" || changed.some(({ kind }) => kind !== "session")) {
      this.#hasApiKeys = await this.#store.hasApiKeys();
    }
    if (changed === "unknown") await this.#tenants.load();
    await this.#endCalls(changed);
    await marked;
  }

  async #endCalls(changed: DirectoryChanges["changed"]): Promise<void> {
    const open = this.#openCalls.all().map(({ principal }) => principal);
    const entries: readonly ChangedEntry[] = changed === "unknown" ? open.flatMap(entriesOf) : changed;
    const { all, tenants, users } = await readStandings(entries, {
      store: this.#store,
      nowMs: this.#clock.epochMs(),
      inUse: new Set(open.flatMap(({ sessionId = [] }) => sessionId)),
    });
    this.#tenants.put(tenants);
    for (const standing of all) this.#ended.note(standing, !standing.isGood);
    for (const [id, user] of users) this.#ended.noteTokens(id, user?.tokensEndedAtMs);
    this.#openCalls.endWhere(this.#ended.endOf);
  }
}
