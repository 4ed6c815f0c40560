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
export function createPartWriter(vendor: string): PartWriter {
  let events: ProviderChatEvent[] = [];
  let count = 0;
  let written: WrittenPart | undefined;
  const openBeside: number[] = [];
  const kinds = new Set<PartStart["kind"]>();

  function start(part: PartStart): number {
    const index = count;
    count += 1;
    kinds.add(part.kind);
    events.push({ type: "part_started", index, part });
    return index;
  }

  const finished = (index: number, { signature, redactedData, vendor: prover }: Proof): PartFinished =>
    signature === undefined && redactedData === undefined
      ? { type: "part_finished", index }
      : { type: "part_finished", index, signature, redactedData, vendor: prover ?? vendor };

  function closeWritten(): void {
    if (written === undefined) return;
    const { index } = written;
    events.push(finished(index, written));
    written = undefined;
  }

  function writtenOf(kind: WrittenKind): WrittenPart {
    if (written?.kind === kind) return written;
    closeWritten();
    written = {
      kind,
      index: start({ kind }),
      signature: undefined,
      redactedData: undefined,
      vendor: undefined,
    };
    return written;
  }

  function whole(part: PartStart): void {
    const index = start(part);
    events.push({ type: "part_finished", index });
  }

  return {
    write(kind, text, logprobs) {
      // Reasoning that has its proof is complete: more of it is another piece, with a proof of its own.
      if (written?.signature !== undefined || written?.redactedData !== undefined) closeWritten();
      const { index } = writtenOf(kind);
      events.push(
        logprobs === undefined
          ? { type: "part_delta", index, text }
          : { type: "part_delta", index, text, logprobs },
      );
    },
    prove({ signature, redactedData, vendor: prover }) {
      const before = written;
      const taken =
        (signature !== undefined && before?.signature !== undefined) ||
        (redactedData !== undefined && before?.redactedData !== undefined);
      if (taken) closeWritten();
      const part = writtenOf("reasoning");
      part.signature ??= signature;
      part.redactedData ??= redactedData;
      part.vendor ??= prover;
    },
    closeWritten,
    open(part) {
      closeWritten();
      const index = start(part);
      openBeside.push(index);
      return index;
    },
    more(index, text) {
      events.push({ type: "part_delta", index, text });
    },
    finish(index, proof = {}) {
      const at = openBeside.indexOf(index);
      if (at === -1) return;
      openBeside.splice(at, 1);
      events.push(finished(index, proof));
    },
    whole,
    opaque(type, json) {
      whole({ kind: "opaque", vendor, type, json: checkDepth(json) });
    },
    close() {
      closeWritten();
      for (const index of openBeside.splice(0)) events.push({ type: "part_finished", index });
    },
    held: (kind) => kinds.has(kind),
    count: () => count,
    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

/**
 * JSON that is handed on is written again later.
 * @throws ProviderError `broken_reply`
 */
export function checkDepth(json: JsonValue): JsonValue {
  if (isShallow(json)) return json;
  throw brokenReply(`it is nested more than ${fieldLimits.jsonDepth} deep`);
}
