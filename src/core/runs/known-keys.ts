// The idempotency keys whose runs this gateway begins, has under way, or remembers.

import type { OperationShape } from "../operation-shape.ts";
import type { KeyStanding } from "./idempotency-store.ts";
import type { Run } from "./run.ts";

/** Where the run of a key is; the last two as the store tells it. */
export type Whereabouts<S extends OperationShape> =
  | { readonly state: "here"; readonly run: Run<S>; readonly requestHash: string }
  | Exclude<KeyStanding, { readonly state: "claimed" }>;

export class KnownKeys<S extends OperationShape> {
  readonly #byPlace = new Map<string, KnownKey<S>>();

  /** The place: the tenant's slug, a slash and the key. */
  find(place: string): KnownKey<S> | undefined {
    return this.#byPlace.get(place);
  }

  /** It is claimed from now on, until it is free at that time of the monotonic clock. */
  claim(place: string, freeAtMs: number): KnownKey<S> {
    const known: KnownKey<S> = new KnownKey(freeAtMs, () => {
      if (this.#byPlace.get(place) === known) this.#byPlace.delete(place);
    });
    this.#byPlace.set(place, known);
    return known;
  }
}

export class KnownKey<S extends OperationShape> {
  readonly freeAtMs: number;
  /** Undefined: whoever claimed it has left before the store answered. */
  readonly whereabouts: Promise<Whereabouts<S> | undefined>;
  readonly #forget: () => void;
  readonly #found: (whereabouts: Whereabouts<S> | undefined) => void;
  readonly #failed: (error: unknown) => void;
  #freed: Promise<void> | undefined;

  constructor(freeAtMs: number, forget: () => void) {
    const { promise, resolve, reject } = Promise.withResolvers<Whereabouts<S> | undefined>();
    this.freeAtMs = freeAtMs;
    this.whereabouts = promise;
    // Mostly nobody else waits for it.
    promise.catch(() => undefined);
    this.#forget = forget;
    this.#found = resolve;
    this.#failed = reject;
  }

  /** Set: its run is known here no more; settles when the key can be claimed anew. */
  get freed(): Promise<void> | undefined {
    return this.#freed;
  }

  isBegun(run: Run<S>, requestHash: string): void {
    this.#found({ state: "here", run, requestHash });
  }

  isElsewhere(whereabouts: Exclude<Whereabouts<S>, { readonly state: "here" }>): void {
    this.#forget();
    this.#found(whereabouts);
  }

  isOutOfReach(error: unknown): void {
    this.#forget();
    this.#failed(error);
  }

  isGivenBack(given: Promise<void>): void {
    this.freeAfter(given);
    this.#found(undefined);
  }

  freeAfter(told: Promise<void>): void {
    this.#freed = told.then(this.#forget);
  }
}
