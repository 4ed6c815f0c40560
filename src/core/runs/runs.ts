// The stage that joins calls to runs: one that comes with an idempotency key for the first time, or is resumable, is run
// with a log; another one with the same key reads that log, or the reply that was kept of it.

import { heldToTargets } from "../access/allowed-targets.ts";
import type { KnownTenants } from "../access/known-tenants.ts";
import type { Call } from "../call.ts";
import type { Digest } from "../cache/answer-key.ts";
import { canonicalJson } from "../canonical-json.ts";
import { type ErrorCode, GatewayError, type ReportFault, toGatewayError } from "../errors.ts";
import type { Utf8Bytes } from "../limits/token-estimate.ts";
import type { EventJson } from "../operation.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler } from "../pipeline.ts";
import type { Numbered, Reply } from "../reply.ts";
import { untilAborted } from "../until-aborted.ts";
import type { IdempotencyStore, KeyStanding } from "./idempotency-store.ts";
import { KeySettling, type OwnRun } from "./key-settling.ts";
import { writeReply } from "./kept-reply.ts";
import { type KnownKey, KnownKeys, type Whereabouts } from "./known-keys.ts";
import { KnownRuns } from "./known-runs.ts";
import { heardBy, readRun } from "./reader-call.ts";
import { type AskedRest, resumeRun } from "./resume-run.ts";
import { Run, type RunEnd, type RunPorts } from "./run.ts";
import { otherRequest, replyNotKept } from "./run-errors.ts";
import type { KeptLimits } from "./run-settings.ts";
import { readStoredRun, type StoredStanding } from "./stored-run.ts";

export interface RunsPorts extends RunPorts {
  /** Absent: idempotency keys are known as long as this gateway remembers their runs. */
  readonly keys?: IdempotencyStore | undefined;
  /** This process. */
  readonly nodeId: string;
  readonly digest: Digest;
  readonly utf8Bytes: Utf8Bytes;
  readonly reportFault: ReportFault;
  /** Hears of each call that reads no run and begins none. */
  readonly refused: (code: ErrorCode) => void;
  readonly kept: KeptLimits;
  /** Absent: no tenants are kept. */
  readonly tenants?: KnownTenants | undefined;
}

type NumberedReply<S extends OperationShape> = Promise<Reply<Numbered<S["event"]>>>;

interface AskedByKey {
  readonly key: string;
  readonly place: string;
  readonly requestHash: string;
}

interface ByKey<S extends OperationShape> {
  readonly own: OwnRun;
  readonly known: KnownKey<S>;
}

interface EndedByKey<S extends OperationShape> {
  readonly end: RunEnd;
  readonly byKey: ByKey<S>;
  readonly json: EventJson<S["event"]>;
}

/** With these a call's own caller has left it, or may not have it: another one that came with its key may. */
const callersOwn: ReadonlySet<ErrorCode> = new Set([
  "cancelled",
  "deadline_exceeded",
  "unauthenticated",
  "permission_denied",
]);

/** Of one operation. */
export class Runs<S extends OperationShape> {
  readonly #ports: RunsPorts;
  readonly #known: KnownRuns<S>;
  readonly #keys = new KnownKeys<S>();
  readonly #settling: KeySettling | undefined;

  constructor(ports: RunsPorts) {
    this.#ports = ports;
    this.#known = new KnownRuns({ endedMaxBytes: ports.kept.endedMaxBytes, clock: ports.clock });
    this.#settling = ports.keys === undefined ? undefined : new KeySettling({ ...ports, store: ports.keys });
  }

  /** Rejects as the run does before its first event; `conflict`, `idempotency_mismatch`, `unavailable` by its key. */
  async join(call: Call<S>, next: Handler<Call<S>, S["event"]>): NumberedReply<S> {
    const { idempotencyKey: key, principal } = call;
    if (key === undefined) return this.#begin(call, next, undefined).reply;
    const asked = { key, place: `${principal.tenantId}/${key}`, requestHash: this.#hashOf(call) };
    this.#known.sweep();
    for (;;) {
      const known = this.#keys.find(asked.place);
      if (known === undefined) {
        const claimed = this.#claim(call, next, asked);
        this.#settling?.heedClaimant(claimed);
        return claimed;
      }
      const reply = await this.#reading(call, () => this.#readOrWait(call, asked, known));
      if (reply !== undefined) return reply;
    }
  }

  /** The rest of a resumable run. Rejects with `not_found`, `invalid_request`, `conflict`, and as the run does. */
  resume(call: Call<S>, asked: AskedRest): NumberedReply<S> {
    const { shared, clock, tenants } = this.#ports;
    return this.#reading(call, () => resumeRun(call, asked, { known: this.#known, shared, clock, tenants }));
  }

  /** Ends those under way. */
  stop(reason: GatewayError): void {
    for (const run of this.#known.all()) run.stop(reason);
  }

  /** Settles when what became of them has been told, as far as the store can be reached. */
  async close(): Promise<void> {
    await this.#settling?.close();
  }

  /** Who is held to certain models may not be given an answer of others, nor a test key one of a live target. */
  #hashOf({ operation, request, labels, principal }: Call<S>): string {
    const { digest } = this.#ports;
    const body = operation.requestBody(request);
    return digest(canonicalJson([operation.name, body, labels, heldToTargets(principal)]));
  }

  async #claim(call: Call<S>, next: Handler<Call<S>, S["event"]>, asked: AskedByKey): NumberedReply<S> {
    // The store of keys may be closing with the gateway that has ended it.
    if (call.signal.aborted) throw this.#refusedWith(call, call.signal.reason);
    const { clock, kept } = this.#ports;
    const known = this.#keys.claim(asked.place, clock.monotonicMs() + kept.keyMs);
    const own: OwnRun = { tenantId: call.principal.tenantId, key: asked.key, runId: call.id };
    const claiming = this.#standing(own, asked.requestHash);
    let standing: KeyStanding;
    try {
      standing = await untilAborted(claiming, call.signal);
    } catch (error) {
      if (call.signal.aborted) {
        known.isGivenBack(this.#settling?.giveBack(claiming, own) ?? Promise.resolve());
      } else {
        known.isOutOfReach(error);
      }
      throw this.#refusedWith(call, error);
    }
    if (standing.state !== "claimed") {
      known.isElsewhere(standing);
      const found = standing;
      return this.#reading(call, () => this.#readStored(call, asked, found));
    }
    const { run, reply } = this.#begin(call, next, { own, known });
    known.isBegun(run, asked.requestHash);
    return reply;
  }

  async #standing(run: OwnRun, requestHash: string): Promise<KeyStanding> {
    if (this.#settling === undefined) return { state: "claimed" };
    const { nodeId, clock, kept } = this.#ports;
    const createdAtMs = clock.epochMs();
    const expiresAtMs = createdAtMs + kept.keyMs;
    return this.#settling.claim({ ...run, requestHash, nodeId, createdAtMs, expiresAtMs });
  }

  #begin(
    call: Call<S>,
    next: Handler<Call<S>, S["event"]>,
    byKey: ByKey<S> | undefined,
  ): { readonly run: Run<S>; readonly reply: NumberedReply<S> } {
    const { operation } = call;
    const run: Run<S> = new Run(
      {
        call,
        ended: (end) => {
          if (end === undefined) this.#givenUp(run, byKey);
          else if (byKey === undefined) this.#known.end(run, this.#ports.kept.resumeMs);
          else this.#ended(run, { end, byKey, json: operation.events });
        },
      },
      this.#ports,
    );
    this.#known.begin(run);
    const seat = run.begin(next);
    return { run, reply: seat.opened.then((meta) => ({ meta, events: seat })) };
  }

  /** Nothing of it was sent: whoever asks again is answered anew. */
  #givenUp(run: Run<S>, byKey: ByKey<S> | undefined): void {
    this.#known.remove(run);
    byKey?.known.freeAfter(this.#settling?.release(byKey.own) ?? Promise.resolve());
  }

  #ended(run: Run<S>, { end: { error }, byKey: { own, known }, json }: EndedByKey<S>): void {
    const { kept, clock, utf8Bytes } = this.#ports;
    let told = Promise.resolve();
    if (this.#settling !== undefined) {
      const events = run.execution.log?.eventsIfWhole();
      const maxBytes = kept.replyMaxBytes;
      const reply = events && writeReply({ events, error }, json, { maxBytes, utf8Bytes });
      told = this.#settling.finish({ ...own, reply });
      if (reply === undefined) {
        // What is given again now would not be after a restart: the store says the same at any time.
        known.freeAfter(told);
        if (run.resumable) this.#known.end(run, kept.resumeMs);
        else this.#known.remove(run);
        return;
      }
    }
    // Until the store has been told, it would say that the run is under way.
    this.#known.end(run, known.freeAtMs - clock.monotonicMs(), () => known.freeAfter(told));
  }

  /** Undefined: the key may be free by now. */
  async #readOrWait(
    call: Call<S>,
    asked: AskedByKey,
    known: KnownKey<S>,
  ): Promise<Reply<Numbered<S["event"]>> | undefined> {
    const { freed } = known;
    const found = await untilAborted<Whereabouts<S> | void>(freed ?? known.whereabouts, call.signal);
    if (!found) return undefined;
    if (found.state !== "here") return this.#readStored(call, asked, found);
    const { run, requestHash } = found;
    if (requestHash !== asked.requestHash) throw otherRequest(run.id);
    const seat = run.join(0);
    if (typeof seat === "string") throw replyNotKept(run.id);
    try {
      return await readRun(call, run, seat);
    } catch (error) {
      const isItsCallersOwn =
        run.execution.meta === undefined && error instanceof GatewayError && callersOwn.has(error.code);
      if (!isItsCallersOwn) throw error;
      // It says nothing of this call, which asks anew unless it has ended itself.
      call.signal.throwIfAborted();
      return undefined;
    }
  }

  async #readStored(call: Call<S>, { requestHash }: AskedByKey, found: StoredStanding): NumberedReply<S> {
    if (found.requestHash !== requestHash) throw otherRequest(found.runId);
    return readStoredRun(call, found, this.#ports);
  }

  /** A call that only reads is over when it may not. */
  async #reading<T>(call: Call<S>, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#refusedWith(call, error);
    }
  }

  #refusedWith(call: Call<S>, error: unknown): GatewayError {
    call.release();
    const known = toGatewayError(error);
    if (known !== error) this.#ports.reportFault(error, { requestId: call.id });
    this.#ports.refused(known.code);
    return heardBy(call, known);
  }
}
