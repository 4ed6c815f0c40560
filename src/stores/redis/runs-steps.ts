// The steps of a run that Redis keeps, for one reader at its own pace: a part at a time, and nothing ahead of it.

import { type EventReader, over, PulledEvents } from "../../core/pulled-events.ts";
import type { SharedRunStep } from "../../core/runs/shared-runs.ts";
import type { ReadRun, RunEnding, RunStanding } from "./runs-wire.ts";

/** Where they come from. */
export interface StepSource {
  /** Calls `come` or `lose` later. */
  read(steps: RunSteps): void;
  /** Calls `stands` or `lose` when there may be more. */
  wait(steps: RunSteps): void;
  leave(steps: RunSteps): void;
}

interface RunStepsOptions {
  readonly runId: string;
  readonly fromSequence: number;
  readonly source: StepSource;
  readonly signal: AbortSignal;
}

export class RunSteps extends PulledEvents<SharedRunStep> {
  readonly runId: string;
  readonly #source: StepSource;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#abort();
  /** Of the event that comes next. */
  #sequence: number;
  /** What has been read and not asked for. */
  #events: readonly string[] = [];
  #nextEvent = 0;
  #ending: RunEnding | undefined;
  /** As far as it is known what the run has given; undefined: that is not known. */
  #runsNext: number | undefined;
  #lost = false;
  #asking: EventReader<SharedRunStep> | undefined;
  #isWaiting = false;
  #handing = false;
  #over = false;
  /** And nobody was told. */
  #wasAborted = false;

  constructor({ runId, fromSequence, source, signal }: RunStepsOptions) {
    super();
    this.runId = runId;
    this.#sequence = fromSequence;
    this.#source = source;
    this.#signal = signal;
    if (!signal.aborted) signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** The first that it has not got. */
  get nextSequence(): number {
    return this.#sequence;
  }

  pull(reader: EventReader<SharedRunStep>): void {
    this.#asking = reader;
    if (this.#signal.aborted) this.#abort();
    this.#handOut();
  }

  async return(): Promise<IteratorResult<SharedRunStep>> {
    const asking = this.#asking;
    this.#finish();
    asking?.end();
    return over;
  }

  come({ events, ending, nextSequence }: ReadRun): void {
    if (this.#over) return;
    this.#events = events;
    this.#nextEvent = 0;
    this.#runsNext = nextSequence;
    this.#ending = ending;
    this.#isWaiting = false;
    this.#handOut();
  }

  /** False: there is nothing new. */
  stands({ nextSequence, hasEnded }: RunStanding): boolean {
    const isNew = hasEnded || this.#runsNext === undefined || nextSequence > this.#sequence;
    if (isNew) this.#source.read(this);
    return isNew;
  }

  lose(): void {
    if (this.#over) return;
    this.#lost = true;
    this.#isWaiting = false;
    this.#handOut();
  }

  /** One loop, whatever the depth: it may be asked again as soon as it has given one. */
  #handOut(): void {
    if (this.#handing) return;
    this.#handing = true;
    while (this.#asking !== undefined && !this.#isWaiting) this.#next(this.#asking);
    this.#handing = false;
  }

  #next(reader: EventReader<SharedRunStep>): void {
    const event = this.#events[this.#nextEvent];
    if (this.#over) {
      this.#asking = undefined;
      const wasAborted = this.#wasAborted;
      this.#wasAborted = false;
      if (wasAborted) reader.fail(this.#signal.reason);
      else reader.end();
    } else if (event !== undefined) {
      this.#asking = undefined;
      this.#nextEvent += 1;
      this.#sequence += 1;
      reader.event({ type: "event", sequence: this.#sequence - 1, event });
    } else if (this.#lost) {
      this.#finish();
      reader.event({ type: "lost" });
    } else if (this.#ending !== undefined && this.#sequence === this.#runsNext) {
      const error = this.#ending.type === "failed" ? this.#ending.error : undefined;
      this.#finish();
      reader.event({ type: "end", error });
    } else {
      this.#waitForMore();
    }
  }

  #waitForMore(): void {
    this.#events = [];
    this.#isWaiting = true;
    const isThere = this.#runsNext === undefined || this.#sequence < this.#runsNext;
    if (isThere) this.#source.read(this);
    else this.#source.wait(this);
  }

  #abort(): void {
    if (this.#over) return;
    const asking = this.#asking;
    this.#finish();
    this.#asking = asking;
    this.#wasAborted = true;
    this.#handOut();
  }

  #finish(): void {
    this.#asking = undefined;
    if (this.#over) return;
    this.#over = true;
    this.#events = [];
    this.#isWaiting = false;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#source.leave(this);
  }
}
