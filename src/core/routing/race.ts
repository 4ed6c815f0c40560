// Two attempts of one call, the second begun when the first is slow: the first to commit wins, the other is ended
// and still accounted. Source: Dean, Barroso: "The Tail at Scale", CACM 56 (2013).

import type { Clock, Timer } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import { failureActions, ProviderError } from "../provider-error.ts";
import type { Target } from "../snapshot.ts";
import type { AttemptUnderWay, Committed } from "./attempt.ts";

export interface RaceOptions<S extends OperationShape> {
  readonly clock: Clock;
  readonly delayMs: number;
  readonly first: AttemptUnderWay<S>;
  /** Called when the delay is over; may let a second one in, at once or later. */
  readonly second: (race: Entrants<S>) => void;
  /** Hears of each whose failure the race does not throw; without an error it was slower. */
  readonly lost: (target: Target, error: ProviderError | undefined) => void;
}

export interface Entrants<S extends OperationShape> {
  /** Whether its end is decided: nobody enters any more. */
  isOver(): boolean;
  enter(attempt: AttemptUnderWay<S>): void;
}

export class Race<S extends OperationShape> {
  readonly #options: RaceOptions<S>;
  readonly #running = new Set<AttemptUnderWay<S>>();
  #timer: Timer | undefined;
  #over = false;
  /** Of the first. */
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
        attempt.whenCommitted(() => this.#endOthers(attempt));
        attempt.untilCommit().then(
          (committed) => this.#committed(committed, resolve),
          (error: unknown) => this.#failed({ attempt, error, reject }),
        );
      };
      const entrants: Entrants<S> = { isOver: () => this.#over, enter: follow };
      this.#timer = clock.setTimer(delayMs, () => second(entrants));
      follow(first);
    });
  }

  #committed(committed: Committed<S>, resolve: (committed: Committed<S>) => void): void {
    this.#endOthers(committed.attempt);
    resolve(committed);
  }

  /** At the moment in which the winner commits: its last event tells what the other one cost, too. */
  #endOthers(winner: AttemptUnderWay<S>): void {
    const { first, lost } = this.#options;
    this.#over = true;
    this.#timer?.cancel();
    if (winner !== first && this.#failure instanceof ProviderError) lost(first.target, this.#failure);
    this.#failure = undefined;
    for (const other of this.#running) {
      if (other === winner) continue;
      this.#running.delete(other);
      other.cancel(notNeeded());
      lost(other.target, undefined);
    }
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
    if (isFirst && endsCall(error)) this.#endOthers(attempt);
    if (this.#running.size > 0) return;
    this.#over = true;
    this.#timer?.cancel();
    reject(this.#failure ?? error);
  }
}

/** The second one's answer could only be the same. */
const endsCall = (error: unknown): boolean =>
  error instanceof ProviderError && failureActions[error.failure] === "stop";

const notNeeded = (): GatewayError =>
  new GatewayError({ code: "cancelled", message: "Another target's answer came first." });
