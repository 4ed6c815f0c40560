// One run on its way to Redis: what it has given and was not sent yet.

import type { RunHead, RunPublisher } from "../../core/runs/shared-runs.ts";
import { KeptPart } from "./runs-kept.ts";
import { headText, type RunEnding } from "./runs-wire.ts";

export interface RunChunk {
  /** Where the run begins. */
  readonly head: string | undefined;
  readonly firstSequence: number;
  readonly events: readonly string[];
  readonly bytes: number;
  /** So many of the newest events are kept from then on; undefined: as many as before. */
  readonly kept: number | undefined;
  readonly ending: RunEnding | undefined;
}

/** What sends it. */
export interface Outbox {
  /** False: there is no room for so much. */
  takes(bytes: number): boolean;
  changed(run: PublishedRun): void;
  /** Nothing more of it is sent; so much that waited is not either. */
  lost(run: PublishedRun, waitingBytes: number): void;
}

interface PublishedRunOptions {
  readonly head: RunHead;
  readonly maxBytes: number;
  readonly outbox: Outbox;
}

/** Redis is busy with a chunk for less than a millisecond. */
const maxChunkBytes = 131_072;
const maxChunkEvents = 500;
/** No answer of Redis may take too long for the others. */
const maxEventBytes = 1_048_576;
/** What Redis needs for an event beside its text, about. */
const bytesBesides = 64;

export class PublishedRun implements RunPublisher {
  readonly #options: PublishedRunOptions;
  readonly #kept: KeptPart;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #nextSequence = 0;
  #ending: RunEnding | undefined;
  #state: "open" | "ended" | "lost" = "open";
  #begun = false;
  /** Of which it is not known whether Redis has it. */
  #untold: RunChunk | undefined;

  constructor(options: PublishedRunOptions) {
    this.#options = options;
    this.#kept = new KeptPart(options.maxBytes);
  }

  get id(): string {
    return this.#options.head.id;
  }

  /** Redis may know of it. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  append(event: string): void {
    if (this.#state !== "open") return;
    const bytes = bytesOf(event);
    const { maxBytes, outbox } = this.#options;
    if (bytes > Math.min(maxBytes, maxEventBytes) || !outbox.takes(bytes)) {
      this.lose();
      return;
    }
    this.#waiting.push(event);
    this.#waitingBytes += bytes;
    outbox.changed(this);
  }

  end(error: string | undefined): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#ending = error === undefined ? { type: "ended" } : { type: "failed", error };
    this.#options.outbox.changed(this);
  }

  /** Nobody is to wait for it any more. */
  lose(): void {
    if (this.#state === "lost") return;
    const waitingBytes = this.#waitingBytes + (this.#untold?.bytes ?? 0);
    this.#untold = undefined;
    this.#state = "lost";
    this.#ending = undefined;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#options.outbox.lost(this, waitingBytes);
  }

  hasMore(): boolean {
    const isNew = this.#state === "open" && !this.#begun;
    return isNew || this.#untold !== undefined || this.#waiting.length > 0 || this.#ending !== undefined;
  }

  /** What is sent next. */
  takeChunk(): RunChunk {
    const untold = this.#untold;
    this.#untold = undefined;
    return untold ?? this.#newChunk();
  }

  /** It is sent again, as it was. False: nothing more of the run is sent. */
  takeBack(chunk: RunChunk): boolean {
    if (this.#state === "lost") return false;
    this.#untold = chunk;
    return true;
  }

  #newChunk(): RunChunk {
    const head = this.#begun ? undefined : headText(this.#options.head);
    const firstSequence = this.#nextSequence;
    const count = this.#nextCount();
    const events = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    let bytes = 0;
    let kept: number | undefined;
    for (const event of events) {
      const size = bytesOf(event);
      bytes += size;
      kept = this.#kept.add(size) ?? (kept === undefined ? undefined : kept + 1);
    }
    this.#waitingBytes -= bytes;
    this.#nextSequence += count;
    this.#begun = true;
    const isLast = this.#waiting.length === 0;
    const ending = isLast ? this.#ending : undefined;
    if (isLast) this.#ending = undefined;
    return { head, firstSequence, events, bytes, kept, ending };
  }

  #nextCount(): number {
    let bytes = 0;
    for (const [at, event] of this.#waiting.entries()) {
      bytes += event.length;
      if (at === maxChunkEvents || (at > 0 && bytes > maxChunkBytes)) return at;
    }
    return this.#waiting.length;
  }
}

const bytesOf = (event: string): number => Buffer.byteLength(event) + bytesBesides;
