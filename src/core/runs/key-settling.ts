// Claims keys in the store, and tells it what became of their runs: again, where it cannot be reached at first. Nobody
// waits for that but those who come with the same key.

import type { Clock, Timer } from "../clock.ts";
import type { ReportFault } from "../errors.ts";
import type { IdempotencyStore, KeyClaim, KeyOfTenant, KeyStanding } from "./idempotency-store.ts";

export interface KeySettlingPorts {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
}

export type OwnRun = KeyOfTenant & { readonly runId: string };

interface Telling {
  readonly run: OwnRun;
  readonly tell: () => Promise<void>;
}

const againAfterMs = [1_000, 5_000, 30_000, 120_000];

/** A store that does not answer holds up no gateway that closes for longer. */
const closeMaxMs = 5_000;

/** Keys that could not be freed: more than that are held until they expire. */
const maxHeld = 10_000;

const nothing = (): void => {};

export class KeySettling {
  readonly #ports: KeySettlingPorts;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #later = new Map<Timer, Telling>();
  /** By the run's id: those whose keys the store holds for nobody. */
  readonly #held = new Map<string, OwnRun>();
  #closed = false;

  constructor(ports: KeySettlingPorts) {
    this.#ports = ports;
  }

  /** A key that the store holds for nobody is freed for it. Rejects as the store does. */
  async claim(claim: KeyClaim): Promise<KeyStanding> {
    const { store } = this.#ports;
    const standing = await store.claim(claim);
    const held = standing.state === "running" ? this.#held.get(standing.runId) : undefined;
    if (held === undefined) return standing;
    await this.#release(held);
    return store.claim(claim);
  }

  /** Settles after the first try. */
  finish(run: OwnRun & { readonly reply: string | undefined }): Promise<void> {
    return this.#try({ run, tell: () => this.#ports.store.finish(run) }, 0);
  }

  /** Settles after the first try. */
  release(run: OwnRun): Promise<void> {
    this.#held.set(run.runId, run);
    const [oldest] = this.#held.keys();
    if (oldest !== undefined && this.#held.size > maxHeld) this.#held.delete(oldest);
    return this.#try({ run, tell: () => this.#release(run) }, 0);
  }

  /** Of a claim that nobody waits for any more. Settles when the key is nobody's, as far as it can be told. */
  giveBack(claiming: Promise<KeyStanding>, run: OwnRun): Promise<void> {
    return this.#during(
      claiming.then(
        ({ state }) => (state === "claimed" ? this.release(run) : undefined),
        // The store frees what it may have claimed all the same.
        () => undefined,
      ),
    );
  }

  /** Who has claimed a key may yet have to free it: a gateway that closes waits for that too. */
  heedClaimant(reply: Promise<unknown>): void {
    void this.#during(reply.then(nothing, nothing));
  }

  /** Waits a while for what is under way; what was to be tried again is tried now, for the last time. */
  async close(): Promise<void> {
    this.#closed = true;
    const later = [...this.#later];
    this.#later.clear();
    for (const [timer, telling] of later) {
      timer.cancel();
      void this.#try(telling, againAfterMs.length);
    }
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = this.#ports.clock.setTimer(closeMaxMs, () => resolve("late"));
    while (this.#underWay.size > 0) {
      if ((await Promise.race([Promise.all(this.#underWay), late])) === "late") break;
    }
    timer.cancel();
  }

  async #release(run: OwnRun): Promise<void> {
    await this.#ports.store.release(run);
    this.#held.delete(run.runId);
  }

  #try(telling: Telling, failed: number): Promise<void> {
    return this.#during(
      telling.tell().catch((error: unknown) => {
        if (failed === 0) this.#ports.reportFault(error, { requestId: telling.run.runId });
        this.#tryLater(telling, failed);
      }),
    );
  }

  #tryLater(telling: Telling, failed: number): void {
    const waitMs = againAfterMs[failed];
    if (waitMs === undefined || this.#closed) return;
    const timer = this.#ports.clock.setTimer(waitMs, () => {
      this.#later.delete(timer);
      void this.#try(telling, failed + 1);
    });
    this.#later.set(timer, telling);
  }

  async #during(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    await work;
    this.#underWay.delete(work);
  }
}
