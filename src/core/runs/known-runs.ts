// The runs that this gateway can let others read: those under way, and of those that have ended the latest ones, as
// many as fit.

import type { Clock } from "../clock.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Run } from "./run.ts";

export interface KnownRunsOptions {
  /** Of the logs of ended runs, together. */
  readonly endedMaxBytes: number;
  readonly clock: Clock;
}

interface Ended<S extends OperationShape> {
  readonly run: Run<S>;
  readonly bytes: number;
  readonly keepUntilMs: number;
  /** Counts all that have ended: the lower, the earlier. */
  readonly ordinal: number;
  readonly forgotten: (() => void) | undefined;
}

/** What an ended run takes beside its events. */
const runBytes = 2_048;

export class KnownRuns<S extends OperationShape> {
  readonly #options: KnownRunsOptions;
  readonly #underWay = new Map<string, Run<S>>();
  /** Apart, for in each of them the one that ended first, which stands first, is also the first that expires. */
  readonly #ended = { keyed: new Map<string, Ended<S>>(), resumable: new Map<string, Ended<S>>() };
  #endedBytes = 0;
  #endedCount = 0;

  constructor(options: KnownRunsOptions) {
    this.#options = options;
  }

  begin(run: Run<S>): void {
    this.#underWay.set(run.id, run);
  }

  find(id: string): Run<S> | undefined {
    this.sweep();
    const { keyed, resumable } = this.#ended;
    return this.#underWay.get(id) ?? (keyed.get(id) ?? resumable.get(id))?.run;
  }

  all(): readonly Run<S>[] {
    return [...this.#underWay.values()];
  }

  /** `forgotten`, which those with a key have, is told once that it is known no more. */
  end(run: Run<S>, keepMs: number, forgotten?: () => void): void {
    this.#underWay.delete(run.id);
    const bytes = runBytes + (run.execution.log?.bytes ?? 0);
    const keepUntilMs = this.#options.clock.monotonicMs() + keepMs;
    const ordinal = this.#endedCount++;
    const ended = forgotten === undefined ? this.#ended.resumable : this.#ended.keyed;
    ended.set(run.id, { run, bytes, keepUntilMs, ordinal, forgotten });
    this.#endedBytes += bytes;
    this.sweep();
  }

  /** Of one that nobody can read: nothing of it was sent. */
  remove(run: Run<S>): void {
    this.#underWay.delete(run.id);
  }

  /** Forgets those that are over, and where there are too many, those that ended first. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { keyed, resumable } = this.#ended;
    for (const ended of [keyed, resumable]) {
      for (const first of ended.values()) {
        if (nowMs < first.keepUntilMs) break;
        this.#forget(ended, first);
      }
    }
    while (this.#endedBytes > this.#options.endedMaxBytes) {
      const [oneKeyed] = keyed.values();
      const [other] = resumable.values();
      const isKeyed = oneKeyed !== undefined && (other === undefined || oneKeyed.ordinal < other.ordinal);
      const oldest = isKeyed ? oneKeyed : other;
      if (oldest === undefined) return;
      this.#forget(isKeyed ? keyed : resumable, oldest);
    }
  }

  #forget(ended: Map<string, Ended<S>>, { run, bytes, forgotten }: Ended<S>): void {
    ended.delete(run.id);
    this.#endedBytes -= bytes;
    forgotten?.();
  }
}
