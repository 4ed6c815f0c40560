// One execution of a call that others may read: duplicates with its idempotency key, and whoever resumes it. It numbers
// the events and keeps their log.

import type { Call } from "../call.ts";
import type { Clock, Timer } from "../clock.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { writeError } from "../error-json.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Numbered, Reply } from "../reply.ts";
import { watchEvents } from "../watch-events.ts";
import { Numbering } from "./numbering.ts";
import { ownerOf } from "./run-owner.ts";
import type { Seat } from "./seat.ts";
import { SharedExecution } from "./shared-execution.ts";
import type { RunPublisher, SharedRuns } from "./shared-runs.ts";

export interface RunLimits {
  /** Of one run's log. */
  readonly logMaxBytes: number;
  /** How long a resumable run goes on while nobody reads it. */
  readonly awayMs: number;
}

export interface RunPorts {
  readonly limits: RunLimits;
  readonly clock: Clock;
  /** Absent: other gateways cannot read it. */
  readonly shared?: SharedRuns | undefined;
}

/** How it ended, where something had been sent. */
export interface RunEnd {
  readonly error: GatewayError | undefined;
}

export interface RunOptions<S extends OperationShape> {
  readonly call: Call<S>;
  /** Once. Undefined: it failed before anything was sent. */
  readonly ended: (end: RunEnd | undefined) => void;
}

export class Run<S extends OperationShape> {
  readonly call: Call<S>;
  readonly owner: string;
  readonly execution: SharedExecution<Numbered<S["event"]>>;
  readonly #ports: RunPorts;
  readonly #ended: RunOptions<S>["ended"];
  #publisher: RunPublisher | undefined;
  #away: Timer | undefined;
  #stopped = false;

  constructor({ call, ended }: RunOptions<S>, ports: RunPorts) {
    this.call = call;
    this.owner = ownerOf(call.principal);
    this.#ports = ports;
    this.#ended = ended;
    const { operation } = call;
    this.execution = new SharedExecution({
      maxBytes: ports.limits.logMaxBytes,
      bytesOf: (event) => operation.bytesOf(event),
      isLast: (event) => operation.ends(event),
      abandoned: () => this.#abandoned(),
      ended: (failure) => this.#over(failure),
    });
  }

  /** The place of the call's own caller. */
  begin(next: (call: Call<S>) => Promise<Reply<S["event"]>>): Seat<Numbered<S["event"]>> {
    const { call, execution } = this;
    const seat = execution.join();
    if (typeof seat === "string") throw new Error("A run was begun twice.");
    call.keptBy((reason) => {
      if (!this.#goesOnWithout(seat, reason)) return false;
      seat.endWith(reason);
      return true;
    });
    // Not by its release, which comes before its signal.
    call.signal.addEventListener("abort", () => execution.end(call.signal.reason), { once: true });
    execution.begin(next(call).then((reply) => this.#numbered(reply)));
    return seat;
  }

  join(fromSequence: number): ReturnType<SharedExecution<Numbered<S["event"]>>["join"]> {
    const seat = this.execution.join(fromSequence);
    if (typeof seat !== "string") this.#away?.cancel();
    return seat;
  }

  /** Ends it, whoever reads. */
  stop(reason: GatewayError): void {
    this.#stopped = true;
    this.call.abort(reason);
  }

  #goesOnWithout(seat: Seat<Numbered<S["event"]>>, { code }: GatewayError): boolean {
    if (this.execution.over || this.#stopped) return false;
    return this.execution.others(seat) > 0 || (this.#waitsForReaders() && code === "cancelled");
  }

  #waitsForReaders(): boolean {
    return this.call.resumable && this.#ports.limits.awayMs > 0;
  }

  #numbered({ meta, events }: Reply<S["event"]>): Reply<Numbered<S["event"]>> {
    const numbered = watchEvents(events, new Numbering<S["event"]>());
    const publisher = this.#publish();
    if (publisher === undefined) return { meta, events: numbered };
    const { operation } = this.call;
    return {
      meta,
      events: watchEvents(numbered, {
        event(event) {
          publisher.append(JSON.stringify(operation.events.write(event)));
          return event;
        },
        ended() {},
        failed: (error) => error,
        left() {},
      }),
    };
  }

  #publish(): RunPublisher | undefined {
    const { id, operation, principal, resumable } = this.call;
    this.#publisher = this.#ports.shared?.publish({
      id,
      operation: operation.name,
      tenantId: principal.tenantId,
      owner: this.owner,
      resumable,
    });
    return this.#publisher;
  }

  #abandoned(): void {
    if (this.#stopped || !this.#waitsForReaders()) {
      this.stop(nobodyReads());
      return;
    }
    this.execution.keepGoing();
    // All of it may have been there.
    if (this.execution.over) return;
    this.#away?.cancel();
    const { clock, limits } = this.#ports;
    this.#away = clock.setTimer(limits.awayMs, () => {
      if (this.execution.readers === 0) this.stop(nobodyResumed(limits.awayMs));
    });
  }

  #over(failure: { readonly error: unknown } | undefined): void {
    this.#away?.cancel();
    const error = failure === undefined ? undefined : toGatewayError(failure.error);
    this.#publisher?.end(error === undefined ? undefined : JSON.stringify(writeError(error)));
    this.#ended(this.execution.meta === undefined ? undefined : { error });
  }
}

const nobodyReads = (): GatewayError =>
  new GatewayError({ code: "cancelled", message: "Every reader left before the answer was complete." });

const nobodyResumed = (awayMs: number): GatewayError =>
  new GatewayError({
    code: "cancelled",
    message: `Nobody resumed the stream within ${awayMs / 1_000} s (RESUME_AWAY_SECONDS).`,
  });
