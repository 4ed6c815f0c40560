// Two attempts of one call, the second begun when the first is slow: the first to commit wins, the other is ended
// and still accounted. Source: Dean, Barroso: "The Tail at Scale", CACM 56 (2013).

import type { Clock, Timer } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation.ts";
import { ProviderError } from "../provider-error.ts";
import type { Target } from "../snapshot.ts";
import type { AttemptUnderWay, Committed } from "./attempt.ts";

export interface RaceOptions<S extends OperationShape> {
  readonly clock: Clock;
  readonly delayMs: number;
  readonly first: AttemptUnderWay<S>;
  /** Called when the delay is over; undefined: there is none. */
  readonly second: () => AttemptUnderWay<S> | undefined;
  /** Hears of the second's failure. */
  readonly lost: (target: Target, error: ProviderError) => void;
}

export class Race<S extends OperationShape> {
  readonly #options: RaceOptions<S>;
  readonly #running = new Set<AttemptUnderWay<S>>();
  #timer: Timer | undefined;
  #failure: unknown;

  constructor(options: RaceOptions<S>) {
    this.#options = options;
  }

  /** @throws as the first attempt does, where neither commits */
  run(): Promise<Committed<S>> {
    const { clock, delayMs, first, second } = this.#options;
    return new Promise((resolve, reject) => {
      const follow = (attempt: AttemptUnderWay<S>): void => {
        this.#running.add(attempt);
        attempt.untilCommit().then(
          (committed) => this.#committed(committed, resolve),
          (error: unknown) => this.#failed({ attempt, error, reject }),
        );
      };
      this.#timer = clock.setTimer(delayMs, () => {
        const other = second();
        if (other !== undefined) follow(other);
      });
      follow(first);
    });
  }

  #committed(committed: Committed<S>, resolve: (committed: Committed<S>) => void): void {
    const { attempt, rest } = committed;
    if (!this.#running.delete(attempt)) {
      void rest?.return?.();
      return;
    }
    this.#timer?.cancel();
    const others = [...this.#running];
    this.#running.clear();
    for (const other of others) other.cancel(slower());
    attempt.won();
    resolve(committed);
  }

  #failed(failed: {
    readonly attempt: AttemptUnderWay<S>;
    readonly error: unknown;
    readonly reject: (error: unknown) => void;
  }): void {
    const { attempt, error, reject } = failed;
    if (!this.#running.delete(attempt)) return;
    const isFirst = attempt === this.#options.first;
    if (isFirst) this.#failure = error;
    else if (error instanceof ProviderError) this.#options.lost(attempt.target, error);
    if (this.#running.size > 0) return;
    this.#timer?.cancel();
    reject(this.#failure ?? error);
  }
}

const slower = (): GatewayError =>
  new GatewayError({ code: "cancelled", message: "Another target was faster." });
