// The parts of one reply while they are being read: gives out indices, knows what is open, collects the events.

import type { PartFinished, PartStart, ProviderChatEvent } from "../core/chat/events.ts";
import { fieldLimits } from "../core/field-rules.ts";
import type { JsonValue } from "../core/json.ts";
import { brokenReply } from "./broken-reply.ts";
import { isShallow } from "./vendor-json.ts";

export type WrittenKind = "text" | "reasoning" | "refusal";

export interface PartWriter {
  /** More of a written part. It goes on with the open one of its kind, or closes that and begins a new one. */
  write(kind: WrittenKind, text: string, logprobs?: JsonValue): void;
  /** Proof of the reasoning that is open, or of reasoning without a text. */
  prove(proof: Proof): void;
  /** Closes the open written part, if there is one. */
  closeWritten(): void;
  /** A part that goes on beside others, to its own finish or to the end of the reply. Gives its index. */
  open(part: PartStart): number;
  more(index: number, text: string): void;
  finish(index: number, proof?: Proof): void;
  /** A part that is told in one go; what is open stays open. */
  whole(part: PartStart): void;
  opaque(type: string, json: JsonValue): void;
  /** Closes all that is open. */
  close(): void;
  /** Whether a part of this kind was begun. */
  held(kind: PartStart["kind"]): boolean;
  count(): number;
  /** The events since the last time. */
  take(): readonly ProviderChatEvent[];
}

/** That a part is the model's own; given back with it. */
export interface Proof {
  readonly signature?: string | undefined;
  readonly redactedData?: string | undefined;
  /** Whose proof it is; absent: the vendor's that answers. */
  readonly vendor?: string | undefined;
}

interface WrittenPart {
  readonly kind: WrittenKind;
  readonly index: number;
  signature: string | undefined;
  redactedData: string | undefined;
  vendor: string | undefined;
}

/** `vendor` stands in opaque parts and beside proofs. */
export const createPartWriter = (vendor: string): PartWriter => new ReplyParts(vendor);

class ReplyParts implements PartWriter {
  readonly #vendor: string;
  #events: ProviderChatEvent[] = [];
  #count = 0;
  #written: WrittenPart | undefined;
  readonly #openBeside: number[] = [];
  /** Mostly one: no set, which would cost more than it finds. */
  readonly #kinds: PartStart["kind"][] = [];

  constructor(vendor: string) {
    this.#vendor = vendor;
  }

  write(kind: WrittenKind, text: string, logprobs?: JsonValue): void {
    const written = this.#written;
    // Reasoning that has its proof is complete: more of it is another piece, with a proof of its own.
    if (written?.signature !== undefined || written?.redactedData !== undefined) this.closeWritten();
    const { index } = this.#writtenOf(kind);
    this.#events.push(
      logprobs === undefined
        ? { type: "part_delta", index, text }
        : { type: "part_delta", index, text, logprobs },
    );
  }

  prove({ signature, redactedData, vendor: prover }: Proof): void {
    const before = this.#written;
    const taken =
      (signature !== undefined && before?.signature !== undefined) ||
      (redactedData !== undefined && before?.redactedData !== undefined);
    if (taken) this.closeWritten();
    const part = this.#writtenOf("reasoning");
    part.signature ??= signature;
    part.redactedData ??= redactedData;
    part.vendor ??= prover;
  }

  closeWritten(): void {
    const written = this.#written;
    if (written === undefined) return;
    this.#events.push(this.#finished(written.index, written));
    this.#written = undefined;
  }

  open(part: PartStart): number {
    this.closeWritten();
    const index = this.#start(part);
    this.#openBeside.push(index);
    return index;
  }

  more(index: number, text: string): void {
    this.#events.push({ type: "part_delta", index, text });
  }

  finish(index: number, proof: Proof = {}): void {
    const at = this.#openBeside.indexOf(index);
    if (at === -1) return;
    this.#openBeside.splice(at, 1);
    this.#events.push(this.#finished(index, proof));
  }

  whole(part: PartStart): void {
    const index = this.#start(part);
    this.#events.push({ type: "part_finished", index });
  }

  opaque(type: string, json: JsonValue): void {
    this.whole({ kind: "opaque", vendor: this.#vendor, type, json: checkDepth(json) });
  }

  close(): void {
    this.closeWritten();
    for (const index of this.#openBeside) this.#events.push({ type: "part_finished", index });
    this.#openBeside.length = 0;
  }

  held(kind: PartStart["kind"]): boolean {
    return this.#kinds.includes(kind);
  }

  count(): number {
    return this.#count;
  }

  take(): readonly ProviderChatEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  #start(part: PartStart): number {
    const index = this.#count;
    this.#count += 1;
    if (!this.#kinds.includes(part.kind)) this.#kinds.push(part.kind);
    this.#events.push({ type: "part_started", index, part });
    return index;
  }

  #writtenOf(kind: WrittenKind): WrittenPart {
    if (this.#written?.kind === kind) return this.#written;
    this.closeWritten();
    this.#written = {
      kind,
      index: this.#start({ kind }),
      signature: undefined,
      redactedData: undefined,
      vendor: undefined,
    };
    return this.#written;
  }

  #finished(index: number, { signature, redactedData, vendor: prover }: Proof): PartFinished {
    return signature === undefined && redactedData === undefined
      ? { type: "part_finished", index }
      : { type: "part_finished", index, signature, redactedData, vendor: prover ?? this.#vendor };
  }
}

/**
 * JSON that is handed on is written again later.
 * @throws ProviderError `broken_reply`
 */
export function checkDepth(json: JsonValue): JsonValue {
  if (isShallow(json)) return json;
  throw brokenReply(`it is nested more than ${fieldLimits.jsonDepth} deep`);
}
