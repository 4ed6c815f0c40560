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
  readonly forgotten: () => void;
}

/** What an ended run takes beside its events. */
const runBytes = 2_048;

export class KnownRuns<S extends OperationShape> {
  readonly #options: KnownRunsOptions;
  readonly #underWay = new Map<string, Run<S>>();
  /** The one that ended first stands first. */
  readonly #ended = new Map<string, Ended<S>>();
  #endedBytes = 0;

  constructor(options: KnownRunsOptions) {
    this.#options = options;
  }

  begin(run: Run<S>): void {
    this.#underWay.set(run.call.id, run);
  }

  find(id: string): Run<S> | undefined {
    this.#sweep();
    return this.#underWay.get(id) ?? this.#ended.get(id)?.run;
  }

  all(): readonly Run<S>[] {
    return [...this.#underWay.values()];
  }

  /** `forgotten` hears once, when it is known no more. */
  end(run: Run<S>, keepMs: number, forgotten: () => void): void {
    const { id } = run.call;
    this.#underWay.delete(id);
    const bytes = runBytes + (run.execution.log?.bytes ?? 0);
    const keepUntilMs = this.#options.clock.monotonicMs() + keepMs;
    this.#ended.set(id, { run, bytes, keepUntilMs, forgotten });
    this.#endedBytes += bytes;
    this.#sweep();
  }

  /** Of one that nobody can read: nothing of it was sent. */
  remove(run: Run<S>): void {
    this.#underWay.delete(run.call.id);
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, ended] of this.#ended) {
      if (this.#endedBytes <= this.#options.endedMaxBytes && nowMs < ended.keepUntilMs) break;
      this.#ended.delete(id);
      this.#endedBytes -= ended.bytes;
      ended.forgotten();
    }
  }
}
