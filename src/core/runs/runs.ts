// The stage that joins calls to runs: one that comes with an idempotency key for the first time, or is resumable, is run
// with a log; another one with the same key reads that log, or the reply that was kept of it.

import type { Call } from "../call.ts";
import type { Digest } from "../cache/answer-key.ts";
import { canonicalJson } from "../canonical-json.ts";
import { type ErrorCode, type GatewayError, type ReportFault, toGatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler } from "../pipeline.ts";
import type { Numbered, Reply } from "../reply.ts";
import type { IdempotencyStore, KeyStanding } from "./idempotency-store.ts";
import { KeySettling } from "./key-settling.ts";
import { GivenReply, readReply, writeReply } from "./kept-reply.ts";
import { KnownRuns } from "./known-runs.ts";
import { readRun, releasedAfter } from "./reader-call.ts";
import { readRemoteRun } from "./remote-run.ts";
import { Run, type RunEnd, type RunPorts } from "./run.ts";
import {
  metaOfRun,
  noLongerKept,
  noSuchRun,
  notThereYet,
  otherRequest,
  replyTooLarge,
  runOutOfReach,
} from "./run-errors.ts";
import { ownerOf } from "./run-owner.ts";

export interface RunsPorts extends RunPorts {
  /** Absent: idempotency keys are known as long as this gateway remembers their runs. */
  readonly keys?: IdempotencyStore | undefined;
  /** This process. */
  readonly nodeId: string;
  readonly digest: Digest;
  readonly reportFault: ReportFault;
  /** Hears of each call that reads no run and begins none. */
  readonly refused: (code: ErrorCode) => void;
  readonly kept: KeptLimits;
}

export interface KeptLimits {
  /** The longest reply that is kept for its idempotency key. */
  readonly replyMaxBytes: number;
  /** How long an idempotency key is known. */
  readonly keyMs: number;
  /** How long an ended run can be resumed. */
  readonly resumeMs: number;
  /** Of the logs of ended runs, together. */
  readonly endedMaxBytes: number;
}

type NumberedReply<S extends OperationShape> = Promise<Reply<Numbered<S["event"]>>>;

/** Where the run of a key is. */
type Whereabouts<S extends OperationShape> =
  | { readonly state: "here"; readonly run: Run<S>; readonly requestHash: string }
  | Exclude<KeyStanding, { readonly state: "claimed" }>;

interface KnownKey<S extends OperationShape> {
  readonly whereabouts: Promise<Whereabouts<S>>;
  /** The key is being given back; settles when it can be claimed anew. */
  freed?: Promise<void>;
}

/** Events that a run under way may be ahead of what other gateways know of it. */
const mostAhead = 1_000;

/** Of one operation. */
export class Runs<S extends OperationShape> {
  readonly #ports: RunsPorts;
  readonly #known: KnownRuns<S>;
  readonly #settling: KeySettling | undefined;
  /** By the tenant's slug, a slash and the key. */
  readonly #byKey = new Map<string, KnownKey<S>>();

  constructor(ports: RunsPorts) {
    this.#ports = ports;
    this.#known = new KnownRuns({ endedMaxBytes: ports.kept.endedMaxBytes, clock: ports.clock });
    this.#settling = ports.keys === undefined ? undefined : new KeySettling({ ...ports, store: ports.keys });
  }

  /** Rejects as the run does before its first event; `conflict`, `idempotency_mismatch`, `unavailable` by its key. */
  async join(call: Call<S>, next: Handler<Call<S>, S["event"]>): NumberedReply<S> {
    if (call.idempotencyKey === undefined) return this.#begin(call, next, undefined).reply;
    const place = `${call.principal.tenantId}/${call.idempotencyKey}`;
    const requestHash = this.#hashOf(call);
    let known = this.#byKey.get(place);
    while (known?.freed !== undefined) {
      await known.freed;
      known = this.#byKey.get(place);
    }
    if (known === undefined) return this.#claim(call, next, { place, requestHash });
    return this.#reading(call, () => this.#readBy(call, requestHash, known.whereabouts));
  }

  /** The rest of a resumable run. Rejects with `not_found`, `invalid_request`, `conflict`, and as the run does. */
  resume(call: Call<S>, id: string, afterSequence: number): NumberedReply<S> {
    return this.#reading(call, async () => {
      const owner = ownerOf(call.principal);
      const run = this.#known.find(id);
      if (run === undefined) return this.#resumeElsewhere(call, id, afterSequence);
      if (run.owner !== owner || !run.call.resumable) throw noSuchRun();
      const seat = run.join(afterSequence + 1);
      if (seat === "trimmed") throw noLongerKept(id);
      if (seat === "future") throw notThereYet(afterSequence, run.execution.log?.nextIndex ?? 0);
      return readRun(call, run, seat);
    });
  }

  /** Ends those under way. */
  stop(reason: GatewayError): void {
    for (const run of this.#known.all()) run.stop(reason);
  }

  /** Settles when what became of them has been told. */
  async close(): Promise<void> {
    await this.#settling?.close();
  }

  async #resumeElsewhere(call: Call<S>, id: string, afterSequence: number): NumberedReply<S> {
    const run = await this.#ports.shared?.find(id);
    const isOwn =
      run !== undefined &&
      run.head.resumable &&
      run.head.operation === call.operation.name &&
      run.head.owner === ownerOf(call.principal);
    if (!isOwn) throw noSuchRun();
    // Its gateway may have told the caller more than it has told others by now.
    const mayCome = run.ended ? 0 : mostAhead;
    if (afterSequence >= run.nextSequence + mayCome) throw notThereYet(afterSequence, run.nextSequence);
    return readRemoteRun(call, run, afterSequence);
  }

  #hashOf({ operation, request, labels }: Call<S>): string {
    const { digest } = this.#ports;
    return digest(canonicalJson([operation.name, operation.requestBody(request), labels]));
  }

  async #claim(
    call: Call<S>,
    next: Handler<Call<S>, S["event"]>,
    { place, requestHash }: { readonly place: string; readonly requestHash: string },
  ): NumberedReply<S> {
    const { promise: whereabouts, resolve, reject } = Promise.withResolvers<Whereabouts<S>>();
    // Mostly nobody else waits for it.
    whereabouts.catch(() => undefined);
    const known: KnownKey<S> = { whereabouts };
    this.#byKey.set(place, known);
    let standing: KeyStanding;
    try {
      standing = await this.#standing(call, requestHash);
    } catch (error) {
      this.#byKey.delete(place);
      reject(error);
      throw this.#refusedWith(call, error);
    }
    if (standing.state !== "claimed") {
      this.#byKey.delete(place);
      resolve(standing);
      return this.#reading(call, () => this.#readBy(call, requestHash, whereabouts));
    }
    const { run, reply } = this.#begin(call, next, { place, known });
    resolve({ state: "here", run, requestHash });
    return reply;
  }

  async #standing(call: Call<S>, requestHash: string): Promise<KeyStanding> {
    const { keys, nodeId, clock, kept } = this.#ports;
    const { idempotencyKey: key, principal } = call;
    if (keys === undefined || key === undefined) return { state: "claimed" };
    const createdAtMs = clock.epochMs();
    return keys.claim({
      tenantId: principal.tenantId,
      key,
      requestHash,
      runId: call.id,
      nodeId,
      createdAtMs,
      expiresAtMs: createdAtMs + kept.keyMs,
    });
  }

  #begin(
    call: Call<S>,
    next: Handler<Call<S>, S["event"]>,
    byKey: { readonly place: string; readonly known: KnownKey<S> } | undefined,
  ): { readonly run: Run<S>; readonly reply: NumberedReply<S> } {
    const forget = (): void => {
      if (byKey !== undefined && this.#byKey.get(byKey.place) === byKey.known) {
        this.#byKey.delete(byKey.place);
      }
    };
    const run: Run<S> = new Run(
      {
        call,
        ended: (end) => {
          if (end === undefined) this.#givenUp(run, byKey?.known, forget);
          else this.#ended(run, end, forget);
        },
      },
      this.#ports,
    );
    this.#known.begin(run);
    const seat = run.begin(next);
    return { run, reply: seat.opened.then((meta) => ({ meta, events: seat })) };
  }

  /** Nothing of it was sent: whoever asks again is answered anew. */
  #givenUp(run: Run<S>, known: KnownKey<S> | undefined, forget: () => void): void {
    this.#known.remove(run);
    const { idempotencyKey: key, id: runId, principal } = run.call;
    if (known === undefined || key === undefined || this.#settling === undefined) {
      forget();
      return;
    }
    const released = this.#settling.release({ tenantId: principal.tenantId, key, runId });
    known.freed = released.then(forget);
  }

  #ended(run: Run<S>, { error }: RunEnd, forget: () => void): void {
    const { kept } = this.#ports;
    const { idempotencyKey: key, id: runId, principal, resumable, operation } = run.call;
    if (key !== undefined && this.#settling !== undefined) {
      const events = run.execution.log?.eventsIfWhole();
      const reply = events && writeReply({ events, error }, operation.events, kept.replyMaxBytes);
      void this.#settling.finish({ tenantId: principal.tenantId, key, runId, reply });
    }
    const keepMs = Math.max(resumable ? kept.resumeMs : 0, key === undefined ? 0 : kept.keyMs);
    this.#known.end(run, keepMs, forget);
  }

  async #readBy(call: Call<S>, requestHash: string, whereabouts: Promise<Whereabouts<S>>): NumberedReply<S> {
    const found = await whereabouts;
    const runId = found.state === "here" ? found.run.call.id : found.runId;
    if (found.requestHash !== requestHash) throw otherRequest(runId);
    switch (found.state) {
      case "here": {
        const seat = found.run.join(0);
        if (typeof seat === "string") throw replyTooLarge(runId);
        return readRun(call, found.run, seat);
      }
      case "running": {
        const run = await this.#ports.shared?.find(runId);
        if (run?.head.tenantId !== call.principal.tenantId || run.head.operation !== call.operation.name) {
          throw runOutOfReach(runId);
        }
        return readRemoteRun(call, run, -1);
      }
      case "done": {
        const reply = found.reply === undefined ? undefined : readReply(found.reply, call.operation.events);
        if (reply === undefined) throw replyTooLarge(runId);
        const [first] = reply.events;
        const meta = first === undefined ? undefined : call.operation.metaOf(first);
        return releasedAfter(call, meta ?? metaOfRun(runId), new GivenReply(reply));
      }
    }
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
    return known;
  }
}
