// Sends what the runs of this gateway give to Redis: together what comes within a moment, so much at once as Redis
// answers in time, and never more waiting than a bound. While Redis is away it waits for a moment, as those do who read
// the runs. A run that this cannot be done for is given up.

import type { Clock, Timer } from "../../core/clock.ts";
import type { ReportFault } from "../../core/errors.ts";
import type { RunHead, RunPublisher } from "../../core/runs/shared-runs.ts";
import { withinTime } from "../within-time.ts";
import type { RedisScripts } from "./redis-scripts.ts";
import { type Outbox, PublishedRun, type RunChunk } from "./runs-published.ts";
import { runScripts } from "./runs-scripts.ts";
import { keysOfRun } from "./runs-wire.ts";

export interface RunOutboxOptions {
  readonly scripts: RedisScripts;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
  /** Of a run that Redis keeps. */
  readonly maxBytes: number;
  /** Of all runs together: what Redis has not taken yet. */
  readonly maxWaitingBytes: number;
  /** After a run's end. */
  readonly keepMs: number;
  /** A run is gone after so long, unless its gateway says that it still runs. */
  readonly leaseMs: number;
  /** Redis did not take what it was sent, as when it is full; undefined: it takes it again. */
  readonly refused: (said: string | undefined) => void;
}

/** What comes within that time is sent together. */
const gatherMs = 2;
/** Without an answer yet. */
const maxUnansweredBytes = 1_048_576;
const maxUnansweredCalls = 200;
const runsAtOnce = 100;
/** Runs that were given up and that Redis still has to hear of; the others' leases end by themselves. */
const maxGivenUp = 1_000;
const renewalsInALease = 3;
const closeMs = 1_000;
/** For so long it is waited for a Redis that takes nothing. */
const longestAwayMs = 2_000;

export class RunOutbox implements Outbox {
  readonly #options: RunOutboxOptions;
  /** With something to send, those first that have waited longest; none of which a chunk is under way. */
  readonly #ready = new Set<PublishedRun>();
  readonly #underWay = new Set<PublishedRun>();
  /** What Redis knows, and has not ended. */
  readonly #live = new Set<PublishedRun>();
  readonly #givenUp = new Set<string>();
  #waitingBytes = 0;
  #unansweredBytes = 0;
  #gathering: Timer | undefined;
  #renewal: Timer | undefined;
  /** Runs since Redis took nothing, until it does. */
  #patience: Timer | undefined;
  /** Redis was away for too long, and still is. */
  #waitsNoMore = false;
  #whenIdle: (() => void) | undefined;
  #closing = false;
  #closed = false;

  constructor(options: RunOutboxOptions) {
    this.#options = options;
    options.scripts.whenBack(() => {
      this.#waitsNoMore = this.#closing;
      this.#send();
    });
  }

  publish(head: RunHead): RunPublisher {
    const run = new PublishedRun({ head, maxBytes: this.#options.maxBytes, outbox: this });
    this.changed(run);
    return run;
  }

  takes(bytes: number): boolean {
    if (this.#closed || this.#waitingBytes + bytes > this.#options.maxWaitingBytes) return false;
    this.#waitingBytes += bytes;
    return true;
  }

  changed(run: PublishedRun): void {
    if (this.#closed) return;
    if (!this.#underWay.has(run)) this.#ready.add(run);
    this.#sendSoon();
  }

  lost(run: PublishedRun, waitingBytes: number): void {
    this.#waitingBytes -= waitingBytes;
    this.#ready.delete(run);
    this.#live.delete(run);
    if (!run.hasBegun || this.#givenUp.size >= maxGivenUp) return;
    this.#givenUp.add(run.id);
    this.#sendSoon();
  }

  /** Sends what there is; then nobody waits for the runs that have not ended. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#waitNoMore();
    this.#send();
    await this.#idle();
    this.#closed = true;
    for (const run of [...this.#live, ...this.#ready]) run.lose();
    this.#send();
    await this.#idle();
    this.#gathering?.cancel();
    this.#renewal?.cancel();
  }

  #sendSoon(): void {
    this.#gathering ??= this.#options.clock.setTimer(gatherMs, () => this.#send());
  }

  #send(): void {
    this.#gathering?.cancel();
    this.#gathering = undefined;
    this.#removeGivenUp();
    if (this.#options.scripts.failure() !== undefined) this.#isAway();
    else this.#sendReady();
    if (this.#underWay.size === 0 && this.#ready.size === 0) this.#whenIdle?.();
  }

  #sendReady(): void {
    for (const run of this.#ready) {
      if (this.#unansweredBytes >= maxUnansweredBytes || this.#underWay.size >= maxUnansweredCalls) break;
      this.#ready.delete(run);
      if (run.hasMore()) void this.#sendChunk(run);
    }
  }

  #isAway(): void {
    if (this.#waitsNoMore) for (const run of this.#ready) run.lose();
    else this.#waitAWhile();
  }

  /** Redis may come back. */
  #waitAWhile(): void {
    this.#patience ??= this.#options.clock.setTimer(longestAwayMs, () => {
      this.#waitNoMore();
      this.#send();
    });
  }

  #waitNoMore(): void {
    this.#waitsNoMore = true;
    this.#patience?.cancel();
    this.#patience = undefined;
  }

  #hasTaken(): void {
    this.#waitsNoMore = this.#closing;
    this.#patience?.cancel();
    this.#patience = undefined;
  }

  async #sendChunk(run: PublishedRun): Promise<void> {
    const chunk = run.takeChunk();
    this.#underWay.add(run);
    this.#unansweredBytes += chunk.bytes;
    if (chunk.ending === undefined) this.#keepAlive(run);
    else this.#live.delete(run);
    const isSentAgain = await this.#isSentAgain(run, chunk);
    if (!isSentAgain) this.#waitingBytes -= chunk.bytes;
    this.#unansweredBytes -= chunk.bytes;
    this.#underWay.delete(run);
    if (run.hasMore()) this.#ready.add(run);
    this.#send();
  }

  /** Sends it. True: it is not known whether Redis has it, and it may come back. */
  async #isSentAgain(run: PublishedRun, chunk: RunChunk): Promise<boolean> {
    try {
      const said = await this.#append(run, chunk);
      this.#hasTaken();
      if (said !== "") this.#refused(run, said);
      else this.#options.refused(undefined);
      return false;
    } catch {
      if (this.#waitsNoMore || !run.takeBack(chunk)) {
        run.lose();
        return false;
      }
      this.#waitAWhile();
      return true;
    }
  }

  async #append(run: PublishedRun, chunk: RunChunk): Promise<unknown> {
    const { head, firstSequence, events, kept, ending } = chunk;
    const { scripts, keepMs, leaseMs } = this.#options;
    const error = ending?.type === "failed" ? ending.error : "";
    const args = [
      head ?? "",
      String(firstSequence),
      kept === undefined ? "" : String(kept),
      ending?.type ?? "",
      error,
      String(ending === undefined ? leaseMs : keepMs),
      ...events,
    ];
    const asked = scripts.evalScript(runScripts.append, { keys: keysOfRun(run.id), args });
    if (asked === undefined) throw new Error("Redis is away.");
    return asked;
  }

  #refused(run: PublishedRun, said: unknown): void {
    run.lose();
    if (typeof said !== "string") {
      this.#options.reportFault(new Error("The script of runs gave something else than a text."), {
        requestId: run.id,
      });
    } else if (said !== "gone") {
      this.#options.refused(said);
    }
  }

  #removeGivenUp(): void {
    const { scripts } = this.#options;
    const ids = [...this.#givenUp];
    for (let from = 0; from < ids.length; from += runsAtOnce) {
      const some = ids.slice(from, from + runsAtOnce);
      const asked = scripts.evalScript(runScripts.remove, { keys: some.flatMap(keysOfRun), args: [] });
      if (asked === undefined) return;
      for (const id of some) this.#givenUp.delete(id);
      // What is not removed now ends with its lease.
      asked.catch(() => undefined);
    }
  }

  #keepAlive(run: PublishedRun): void {
    this.#live.add(run);
    this.#renewLater();
  }

  #renewLater(): void {
    const { clock, leaseMs } = this.#options;
    if (this.#closed) return;
    this.#renewal ??= clock.setTimer(leaseMs / renewalsInALease, () => {
      this.#renewal = undefined;
      this.#renew();
      if (this.#live.size > 0) this.#renewLater();
    });
  }

  #renew(): void {
    const { scripts, leaseMs } = this.#options;
    const ids = [...this.#live].map(({ id }) => id);
    for (let from = 0; from < ids.length; from += runsAtOnce) {
      const keys = ids.slice(from, from + runsAtOnce).flatMap(keysOfRun);
      scripts.evalScript(runScripts.renew, { keys, args: [String(leaseMs)] })?.catch(() => undefined);
    }
  }

  async #idle(): Promise<void> {
    if (this.#underWay.size === 0 && this.#ready.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    await withinTime(idle, { clock: this.#options.clock, patienceMs: closeMs }).catch(() => undefined);
  }
}
