// The parts of one reply while they are being read: gives out indices, knows what is open, collects the events.

import type { PartStart, ProviderChatEvent } from "../../core/chat/events.ts";
import { chatLimits } from "../../core/chat/limits.ts";
import type { JsonValue } from "../../core/json.ts";
import { ProviderError } from "../../core/provider-error.ts";

export type WrittenKind = "text" | "reasoning" | "refusal";

export interface PartWriter {
  /** More of a written part. It goes on with the open one of its kind, or closes that and begins a new one. */
  write(kind: WrittenKind, text: string, logprobs?: JsonValue): void;
  /** Proof of the reasoning that is open, or of reasoning without a text. */
  prove(proof: ReasoningProof): void;
  /** Closes the open written part, if there is one. */
  closeWritten(): void;
  /** A part that goes on beside others until the end. Gives its index. */
  open(part: PartStart): number;
  more(index: number, text: string): void;
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

export interface ReasoningProof {
  readonly signature?: string | undefined;
  readonly redactedData?: string | undefined;
}

interface WrittenPart {
  readonly kind: WrittenKind;
  readonly index: number;
  signature: string | undefined;
  redactedData: string | undefined;
}

/** `vendor` stands in opaque parts. */
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

  function closeWritten(): void {
    if (written === undefined) return;
    const { index, signature, redactedData } = written;
    written = undefined;
    events.push({ type: "part_finished", index, signature, redactedData });
  }

  function writtenOf(kind: WrittenKind): WrittenPart {
    if (written?.kind === kind) return written;
    closeWritten();
    written = { kind, index: start({ kind }), signature: undefined, redactedData: undefined };
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
    prove({ signature, redactedData }) {
      const before = written;
      const taken =
        (signature !== undefined && before?.signature !== undefined) ||
        (redactedData !== undefined && before?.redactedData !== undefined);
      if (taken) closeWritten();
      const part = writtenOf("reasoning");
      part.signature ??= signature;
      part.redactedData ??= redactedData;
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
 * JSON that is handed on is written again later, and `JSON.stringify` fails on nests that `JSON.parse` reads.
 * @throws ProviderError `broken_reply`
 */
export function checkDepth(json: JsonValue): JsonValue {
  const open: { readonly value: JsonValue; readonly depth: number }[] = [{ value: json, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > chatLimits.jsonDepth) {
      throw new ProviderError({
        failure: "broken_reply",
        message: `The provider's answer is nested more than ${chatLimits.jsonDepth} deep.`,
      });
    }
    for (const member of Object.values(value)) open.push({ value: member, depth: depth + 1 });
  }
  return json;
}
