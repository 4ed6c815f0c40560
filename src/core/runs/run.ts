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
import { Publishing } from "./publishing.ts";
import type { Seat } from "./seat.ts";
import { nobodyReads, SharedExecution } from "./shared-execution.ts";
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
  /** That of its first call. */
  readonly id: string;
  readonly owner: string;
  /** For which it calls. */
  readonly tenantId: string;
  readonly resumable: boolean;
  readonly execution: SharedExecution<Numbered<S["event"]>>;
  readonly #ports: RunPorts;
  /** Let go when it is over, with the request and all that the call remembers: the log may be kept for a day. */
  #running: RunOptions<S> | undefined;
  #publisher: RunPublisher | undefined;
  #away: Timer | undefined;
  /** Whoever began it may not call any more. */
  #ownerIsRefused = false;
  #stopped = false;

  constructor(options: RunOptions<S>, ports: RunPorts) {
    const { id, principal, resumable, operation } = options.call;
    this.id = id;
    this.owner = ownerOf(principal);
    this.tenantId = principal.tenantId;
    this.resumable = resumable;
    this.#ports = ports;
    this.#running = options;
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
    const { execution } = this;
    const call = this.#running?.call;
    const seat = execution.join();
    if (call === undefined || typeof seat === "string") throw new Error("A run was begun twice.");
    call.keptBy((reason) => {
      if (this.#goesOnWithout(seat, reason)) {
        seat.endWith(reason);
        return true;
      }
      // The call may go on all the same, where others follow its flight. First they hear why it ends.
      queueMicrotask(() => this.#end(call, reason));
      return false;
    });
    // Its events may not be asked for any more, nor its upstream heed the signal.
    call.signal.addEventListener("abort", () => this.#end(call, toGatewayError(call.signal.reason)), {
      once: true,
    });
    // At once: who comes with the same key to another gateway finds it there.
    this.#publish(call);
    execution.begin(next(call).then((reply) => this.#numbered(call, reply)));
    return seat;
  }

  join(fromSequence: number): ReturnType<SharedExecution<Numbered<S["event"]>>["join"]> {
    const seat = this.execution.join(fromSequence);
    if (typeof seat !== "string") this.#isReadAgain();
    return seat;
  }

  /** One of its readers waits until then. */
  isReadUntil(deadlineMs: number): void {
    const call = this.#running?.call;
    if (call !== undefined) call.deadlineMs = Math.max(call.deadlineMs, deadlineMs);
  }

  /** Ends it, whoever reads. */
  stop(reason: GatewayError): void {
    const call = this.#running?.call;
    if (call === undefined) return;
    this.#stopped = true;
    call.abort(reason);
    // The call may go on, where others follow its flight; its own run does not.
    this.#end(call, reason);
  }

  #end(call: Call<S>, reason: GatewayError): void {
    if (!this.execution.over) this.execution.end(reason.withMeta(call.account.wholeMeta()));
  }

  #goesOnWithout(seat: Seat<Numbered<S["event"]>>, { code }: GatewayError): boolean {
    if (this.execution.over || this.#stopped) return false;
    if (code === "unauthenticated" || code === "permission_denied") this.#ownerIsRefused = true;
    return this.execution.others(seat) > 0 || (this.#waitsForReaders() && code === "cancelled");
  }

  #waitsForReaders(): boolean {
    return this.resumable && !this.#ownerIsRefused && this.#ports.limits.awayMs > 0;
  }

  #numbered(call: Call<S>, { meta, events }: Reply<S["event"]>): Reply<Numbered<S["event"]>> {
    const numbered = watchEvents(events, new Numbering<S["event"]>());
    const publisher = this.#publisher;
    if (publisher === undefined) return { meta, events: numbered };
    return { meta, events: watchEvents(numbered, new Publishing(publisher, call.operation.events)) };
  }

  #publish({ operation }: Call<S>): void {
    const { id, owner, tenantId, resumable } = this;
    this.#publisher = this.#ports.shared?.publish({
      id,
      owner,
      resumable,
      tenantId,
      operation: operation.name,
    });
  }

  #abandoned(): void {
    if (this.#stopped || !this.#waitsForReaders()) {
      this.stop(nobodyReads());
      return;
    }
    this.execution.keepGoing();
    // All of it may have been there.
    if (this.execution.over) return;
    const { clock, limits } = this.#ports;
    this.#away ??= clock.setTimer(limits.awayMs, () => this.stop(nobodyResumed(limits.awayMs)));
  }

  #isReadAgain(): void {
    this.#away?.cancel();
    this.#away = undefined;
  }

  #over(failure: { readonly error: unknown } | undefined): void {
    this.#isReadAgain();
    const error = failure === undefined ? undefined : toGatewayError(failure.error);
    this.#publisher?.end(error === undefined ? undefined : JSON.stringify(writeError(error)));
    this.#publisher = undefined;
    const running = this.#running;
    this.#running = undefined;
    running?.ended(this.execution.meta === undefined ? undefined : { error });
  }
}

const nobodyResumed = (awayMs: number): GatewayError =>
  new GatewayError({
    code: "cancelled",
    message:
      `Nobody resumed the stream within ${awayMs / 1_000} s (RESUME_AWAY_SECONDS), so it was ended. ` +
      "Send the call again.",
  });
