// Looks for all readers of this gateway together whether their runs have given more, and reads it for them, a few at a
// time.

import type { Clock, Timer } from "../../core/clock.ts";
import type { RedisScripts } from "./redis-scripts.ts";
import { runScripts } from "./runs-scripts.ts";
import { RunSteps, type StepSource } from "./runs-steps.ts";
import { keysOfRun, readIn, type RunStanding, standingsIn } from "./runs-wire.ts";

export interface RunWatchOptions {
  readonly scripts: RedisScripts;
  readonly clock: Clock;
}

const lookMs = 50;
const runsAtOnce = 100;
/** Redis has little to do for each, and answers all of them in time. */
const readsAtOnce = 4;
const readBytes = 32_768;
/** Then nobody waits any more for what was there. */
const longestAwayMs = 2_000;

export class RunWatch implements StepSource {
  readonly #options: RunWatchOptions;
  readonly #waiting = new Set<RunSteps>();
  readonly #toRead = new Set<RunSteps>();
  #reading = 0;
  #timer: Timer | undefined;
  #looking = false;
  #awaySinceMs: number | undefined;
  #closed = false;

  constructor(options: RunWatchOptions) {
    this.#options = options;
  }

  steps(run: { readonly id: string; readonly fromSequence: number; readonly signal: AbortSignal }): RunSteps {
    const { id, fromSequence, signal } = run;
    return new RunSteps({ runId: id, fromSequence, signal, source: this });
  }

  read(steps: RunSteps): void {
    this.#waiting.delete(steps);
    this.#toRead.add(steps);
    this.#readNext();
  }

  wait(steps: RunSteps): void {
    if (this.#closed) {
      steps.lose();
      return;
    }
    this.#waiting.add(steps);
    this.#lookLater();
  }

  leave(steps: RunSteps): void {
    this.#waiting.delete(steps);
    this.#toRead.delete(steps);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const steps of [...this.#waiting, ...this.#toRead]) this.#lose(steps);
  }

  /** Whoever hears that a run has given more may call this: the timer is for those who hear nothing. */
  look(): void {
    void this.#look();
  }

  #lookLater(): void {
    if (this.#closed || this.#looking || this.#waiting.size === 0) return;
    this.#timer ??= this.#options.clock.setTimer(lookMs, () => this.look());
  }

  async #look(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#closed || this.#looking) return;
    this.#looking = true;
    const ids = [...new Set([...this.#waiting].map(({ runId }) => runId))];
    for (let from = 0; from < ids.length; from += runsAtOnce) {
      await this.#lookAt(ids.slice(from, from + runsAtOnce));
    }
    this.#looking = false;
    this.#lookLater();
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const keys = ids.map((id) => keysOfRun(id)[0]);
    const { scripts } = this.#options;
    let reply: unknown;
    try {
      reply = await (scripts.evalScript(runScripts.standing, { keys, args: [] }) ?? away());
    } catch {
      this.#isAway();
      return;
    }
    this.#awaySinceMs = undefined;
    const standings = standingsIn(reply, ids.length);
    this.#tell(new Map(ids.map((id, at) => [id, standings[at]])));
  }

  #tell(standings: ReadonlyMap<string, RunStanding | undefined>): void {
    for (const steps of this.#waiting) {
      if (!standings.has(steps.runId)) continue;
      const standing = standings.get(steps.runId);
      if (standing === undefined) this.#lose(steps);
      else steps.stands(standing);
    }
  }

  #readNext(): void {
    for (const steps of this.#toRead) {
      if (this.#reading >= readsAtOnce) return;
      this.#toRead.delete(steps);
      void this.#readFor(steps);
    }
  }

  async #readFor(steps: RunSteps): Promise<void> {
    const { runId, nextSequence } = steps;
    this.#reading += 1;
    const args = [String(nextSequence), String(readBytes)];
    const { scripts } = this.#options;
    try {
      const asked = scripts.evalScript(runScripts.read, { keys: keysOfRun(runId), args }) ?? away();
      const read = readIn(await asked, nextSequence);
      this.#awaySinceMs = undefined;
      if (read === undefined) steps.lose();
      else steps.come(read);
    } catch {
      // Its reader may have left meanwhile.
      if (!steps.isOver) this.#waiting.add(steps);
      this.#isAway();
      this.#lookLater();
    }
    this.#reading -= 1;
    this.#readNext();
  }

  /** Who waits goes on waiting for a while: it may come back. */
  #isAway(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#awaySinceMs ??= nowMs;
    if (nowMs - this.#awaySinceMs < longestAwayMs && !this.#closed) return;
    for (const steps of this.#waiting) this.#lose(steps);
  }

  #lose(steps: RunSteps): void {
    this.leave(steps);
    steps.lose();
  }
}

const away = (): Promise<never> => Promise.reject(new Error("Redis is away."));
