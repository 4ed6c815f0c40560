// What is known of a provider at run time, for all its targets.

import type { Clock } from "../../clock.ts";
import type { BreakerPolicy } from "../../snapshot.ts";
import { type BreakerState, CircuitBreaker } from "./circuit-breaker.ts";
import { Doors } from "./doors.ts";
import type { ProviderError } from "../../provider-error.ts";

/** What went wrong last and was the provider's doing: no secret, no address. */
export interface LastError {
  readonly atMs: number;
  readonly failure: ProviderError["failure"];
  /** Absent where the reader may not see what a vendor said of others' calls. */
  readonly message: string | undefined;
}

export interface ProviderStateParts {
  readonly clock: Clock;
  readonly policy: BreakerPolicy;
  readonly onChange: (from: BreakerState, to: BreakerState) => void;
}

export class ProviderState {
  /** Of failures that all its targets share: a refused connection, a refused key. */
  readonly breaker: CircuitBreaker;
  /** Credentials that were refused, where there are others. */
  readonly refused: Doors;
  lastError: LastError | undefined;
  readonly #inFlight: number[] = [];
  #policy: BreakerPolicy;

  constructor({ clock, policy, onChange }: ProviderStateParts) {
    this.#policy = policy;
    this.breaker = new CircuitBreaker({ policy: () => this.#policy, clock, onChange });
    this.refused = new Doors(clock);
  }

  heed(policy: BreakerPolicy): void {
    this.#policy = policy;
  }

  /** Attempts under way by a credential. */
  inFlight(index: number): number {
    return this.#inFlight[index] ?? 0;
  }

  begin(index: number): void {
    this.#inFlight[index] = this.inFlight(index) + 1;
  }

  end(index: number): void {
    this.#inFlight[index] = this.inFlight(index) - 1;
  }
}
