// The events of a committed stream. Where it breaks, its route says what follows: an error, or a seam and another
// target's answer.

import type { Timer } from "../clock.ts";
import { type GatewayError, toGatewayError } from "../errors.ts";
import type { Progress, SeamFacts, Sequel } from "../mid-stream.ts";
import type { OperationShape } from "../operation-shape.ts";
import { failureActions, ProviderError } from "../provider-error.ts";
import { type EventReader, leave, over, PulledEvents, pullNext } from "../pulled-events.ts";
import type { AttemptUnderWay, Committed } from "./attempt.ts";
import { policyOf } from "./default-policies.ts";
import type { RouteRun } from "./route-run.ts";

export class RunEvents<S extends OperationShape> extends PulledEvents<S["event"]> {
  readonly #run: RouteRun<S>;
  /** Absent where the route ends a stream that breaks. */
  readonly #progress: Progress<S> | undefined;
  #source: Source<S>;
  /** What has come and was not read. */
  #come: readonly S["event"][] | undefined;
  #nextCome = 0;
  #sequel: Sequel<S> | undefined;
  /** Usage that may be followed by a break. */
  #deferred: S["event"] | undefined;
  #reader: EventReader<S["event"]> | undefined;
  #failure: GatewayError | undefined;
  #over = false;
  /** Since when a reader waits for the source; undefined: none does. */
  #waitsSinceMs: number | undefined;
  #timer: Timer | undefined;

  constructor(run: RouteRun<S>, { attempt, held, rest }: Committed<S>) {
    super();
    const { midStream } = run.call.operation;
    this.#run = run;
    this.#progress = run.policy.midStream === "fail" ? undefined : midStream?.follow();
    this.#come = held;
    this.#source = new Source(this, attempt, rest);
    this.#listen();
  }

  pull(reader: EventReader<S["event"]>): void {
    const event = this.#come?.[this.#nextCome];
    if (event !== undefined) {
      this.#nextCome += 1;
      this.#hand(reader, event);
      return;
    }
    // Let go when they have been read: the rest may stream for long.
    this.#come = undefined;
    // After its terminal event, what an adapter still does or throws is no part of the answer.
    if (this.#source.attempt.isComplete()) this.#finish();
    if (this.#over) {
      this.#end(reader);
      return;
    }
    this.#reader = reader;
    this.#waitsSinceMs = this.#run.ports.clock.monotonicMs();
    this.#source.pull();
  }

  async return(): Promise<IteratorResult<S["event"]>> {
    this.#come = undefined;
    this.#deferred = undefined;
    this.#finish();
    this.#wake();
    return over;
  }

  /** Of the source. */
  event(event: S["event"]): void {
    if (this.#sequel !== undefined) {
      this.#handAll(this.#sequel.rewrite(event));
      return;
    }
    this.#handOn(event);
  }

  /** Of the source. */
  ended(): void {
    this.#finish();
    this.#handAll([]);
  }

  /** Of the source, or of its attempt while nobody reads. */
  failed(error: unknown): void {
    this.#source.detach();
    if (error instanceof ProviderError) {
      void this.#broke(error);
      return;
    }
    this.#fail(toGatewayError(error));
  }

  /** The usual way: one event, nothing held back. */
  #handOn(event: S["event"]): void {
    if (this.#deferred !== undefined || this.#progress?.defers(event) === true) {
      this.#handAll([event]);
      return;
    }
    const reader = this.#reader;
    this.#waitsSinceMs = undefined;
    this.#reader = undefined;
    if (reader !== undefined) this.#hand(reader, event);
  }

  /** Gives the reader the first of them, keeps the others; asks on where there is none. */
  #handAll(events: readonly S["event"][]): void {
    if (events.length === 0 && !this.#over) {
      this.#source.pull();
      return;
    }
    const ready = this.#deferred === undefined ? [...events] : [this.#deferred, ...events];
    const last = events.at(-1);
    this.#deferred = last !== undefined && this.#progress?.defers(last) === true ? ready.pop() : undefined;
    if (ready.length === 0 && !this.#over) {
      this.#source.pull();
      return;
    }
    this.#come = [...(this.#come?.slice(this.#nextCome) ?? []), ...ready];
    this.#nextCome = 0;
    this.#wake();
  }

  #wake(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    this.#waitsSinceMs = undefined;
    this.pull(reader);
  }

  #hand(reader: EventReader<S["event"]>, event: S["event"]): void {
    this.#progress?.add(event);
    reader.event(event);
  }

  #end(reader: EventReader<S["event"]>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) reader.end();
    else reader.fail(failure);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#waitsSinceMs = undefined;
    this.#timer?.cancel();
    this.#source.leave();
  }

  #fail(error: GatewayError): void {
    if (this.#over) return;
    this.#failure = error;
    this.#finish();
    this.#handAll([]);
  }

  async #broke(error: ProviderError): Promise<void> {
    const { attempt } = this.#source;
    const { midStream: policy } = this.#run.policy;
    const stops = failureActions[error.failure] === "stop";
    const sequel = stops ? undefined : this.#planned();
    if (policy === "fail" || sequel === undefined) {
      this.#fail(this.#run.broken({ target: attempt.target, error }, stops ? undefined : this.#obstacle()));
      return;
    }
    this.#timer?.cancel();
    try {
      const committed = await this.#run.goOn({ policy, request: sequel.request }, { attempt, error });
      this.#takeOver(committed, sequel, policy);
    } catch (failure) {
      this.#fail(toGatewayError(failure));
    }
  }

  /** Undefined: the stream ends here. */
  #planned(): Sequel<S> | undefined {
    const { request } = this.#run.call;
    const progress = this.#progress;
    return this.#run.policy.midStream === "continue"
      ? progress?.continuation(request, this.#deferred)
      : progress?.restart(request);
  }

  #obstacle(): string | undefined {
    if (this.#run.policy.midStream !== "continue") return undefined;
    return this.#progress?.obstacle(this.#run.call.request);
  }

  #takeOver({ attempt, held, rest }: Committed<S>, sequel: Sequel<S>, policy: SeamFacts["policy"]): void {
    if (this.#over) {
      if (rest !== undefined) void leave(rest);
      return;
    }
    this.#deferred = undefined;
    this.#sequel = sequel;
    this.#source = new Source(this, attempt, rest);
    const { provider, model, losses } = attempt.answering;
    const seam = this.#run.call.operation.midStream?.seam({ provider, model, policy, losses });
    const events = held.flatMap((event) => sequel.rewrite(event));
    this.#handAll(seam === undefined ? events : [seam, ...events]);
    // A reader that takes them all at once may have come to the end.
    if (!this.#over) this.#listen();
  }

  #listen(): void {
    const source = this.#source;
    this.#watchIdle();
    source.attempt.whenEnded((reason) => source.fail(reason));
  }

  /** Ends an attempt that sends nothing while a reader waits; one that nobody reads may be silent. */
  #watchIdle(): void {
    const { clock } = this.#run.ports;
    const { attempt } = this.#source;
    const { betweenTokensMs } = policyOf(attempt.target);
    const look = (): void => {
      const waitsMs = this.#waitsSinceMs === undefined ? 0 : clock.monotonicMs() - this.#waitsSinceMs;
      if (attempt.isComplete()) return;
      if (waitsMs < betweenTokensMs) this.#timer = clock.setTimer(betweenTokensMs - waitsMs, look);
      else attempt.cancel(tooQuiet(betweenTokensMs));
    };
    this.#timer = clock.setTimer(betweenTokensMs, look);
  }
}

/** One target's events, as long as they are the stream's. */
class Source<S extends OperationShape> implements EventReader<S["event"]> {
  readonly attempt: AttemptUnderWay<S>;
  readonly #iterator: AsyncIterator<S["event"]> | undefined;
  #owner: RunEvents<S> | undefined;

  constructor(
    owner: RunEvents<S>,
    attempt: AttemptUnderWay<S>,
    iterator: AsyncIterator<S["event"]> | undefined,
  ) {
    this.attempt = attempt;
    this.#owner = owner;
    this.#iterator = iterator;
  }

  pull(): void {
    if (this.#iterator === undefined) this.end();
    else pullNext(this.#iterator, this);
  }

  /** What it ends with is not the stream's end. */
  detach(): void {
    this.#owner = undefined;
  }

  leave(): void {
    this.#owner = undefined;
    if (this.#iterator !== undefined) void leave(this.#iterator);
  }

  event(event: S["event"]): void {
    this.#owner?.event(event);
  }

  end(): void {
    this.#owner?.ended();
  }

  fail(error: unknown): void {
    this.#owner?.failed(error);
  }
}

const tooQuiet = (betweenTokensMs: number): ProviderError =>
  new ProviderError({
    failure: "timeout",
    message: `The provider sent nothing more for ${betweenTokensMs} ms.`,
    ownWords: true,
  });
