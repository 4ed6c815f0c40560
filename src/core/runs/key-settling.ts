// Tells the store what became of runs with an idempotency key: again, where it cannot be reached at first. Nobody waits
// for it but those who come with the same key.

import type { Clock, Timer } from "../clock.ts";
import type { ReportFault } from "../errors.ts";
import type { IdempotencyStore, KeyOfTenant } from "./idempotency-store.ts";

export interface KeySettlingPorts {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
}

type OwnRun = KeyOfTenant & { readonly runId: string };

const againAfterMs = [1_000, 5_000, 30_000, 120_000];

export class KeySettling {
  readonly #ports: KeySettlingPorts;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #timers = new Set<Timer>();
  #closed = false;

  constructor(ports: KeySettlingPorts) {
    this.#ports = ports;
  }

  /** Settles after the first try. */
  finish(run: OwnRun & { readonly reply: string | undefined }): Promise<void> {
    return this.#try(run.runId, () => this.#ports.store.finish(run), 0);
  }

  /** Settles after the first try. */
  release(run: OwnRun): Promise<void> {
    return this.#try(run.runId, () => this.#ports.store.release(run), 0);
  }

  /** Waits for what is under way; what was to be tried again is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await Promise.all(this.#underWay);
  }

  #try(requestId: string, tell: () => Promise<void>, failed: number): Promise<void> {
    const telling = tell().catch((error: unknown) => {
      if (failed === 0) this.#ports.reportFault(error, { requestId });
      this.#tryLater(requestId, tell, failed);
    });
    this.#underWay.add(telling);
    return telling.finally(() => this.#underWay.delete(telling));
  }

  #tryLater(requestId: string, tell: () => Promise<void>, failed: number): void {
    const waitMs = againAfterMs[failed];
    if (waitMs === undefined || this.#closed) return;
    const timer = this.#ports.clock.setTimer(waitMs, () => {
      this.#timers.delete(timer);
      void this.#try(requestId, tell, failed + 1);
    });
    this.#timers.add(timer);
  }
}
