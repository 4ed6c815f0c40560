// When keys were last used: gathered here and written once a minute, so that a call costs no writing.

import type { Clock, Timer } from "../../core/clock.ts";
import type { DirectoryStore } from "../../core/directory/directory-store.ts";
import type { ReportFault } from "../../core/errors.ts";
import type { KnownKey } from "./known-key.ts";

export interface KeyUsesParts {
  readonly store: Pick<DirectoryStore, "touchKeys">;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
}

const writeEveryMs = 60_000;
const gatheredMax = 10_000;

export class KeyUses {
  readonly #parts: KeyUsesParts;
  #gathered = new Set<KnownKey>();
  #timer: Timer | undefined;
  #isClosed = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: KeyUsesParts) {
    this.#parts = parts;
  }

  used(key: KnownKey, atMs: number): void {
    key.usedAtMs = atMs;
    if (key.isGathered) return;
    // More keys than that in a minute: of some it is not known.
    if (this.#isClosed || this.#gathered.size >= gatheredMax) return;
    key.isGathered = true;
    this.#gathered.add(key);
    this.#timer ??= this.#parts.clock.setTimer(writeEveryMs, () => this.#write());
  }

  /** Writes what is gathered, and gathers no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#write();
    await this.#writing;
  }

  #write(): void {
    this.#timer = undefined;
    if (this.#gathered.size === 0) return;
    const latest = new Map<string, number>();
    for (const key of this.#gathered) {
      key.isGathered = false;
      const { id } = key.apiKey;
      latest.set(id, Math.max(latest.get(id) ?? 0, key.usedAtMs));
    }
    this.#gathered = new Set();
    const used = Array.from(latest, ([id, atMs]) => ({ id, atMs }));
    const { store, reportFault } = this.#parts;
    this.#writing = Promise.all([this.#writing, store.touchKeys(used)]).then(
      () => undefined,
      // Of a minute in which nothing could be written, nobody needs to know it later.
      (error: unknown) => reportFault(error, {}),
    );
  }
}
