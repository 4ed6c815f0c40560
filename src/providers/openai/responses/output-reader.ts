// The output items of one answer, by their index: their ids are not the same in every event of some servers.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { PartWriter } from "../../part-writer.ts";
import { isJsonObject, textIn } from "../../vendor-json.ts";
import { createFunctionReader } from "./function-item.ts";
import type { ItemReader, PieceKey } from "./item-reader.ts";
import { createMessageReader } from "./message-item.ts";
import type { Writing } from "./message-item.ts";
import { createOpaqueReader } from "./opaque-item.ts";
import { createReasoningReader } from "./reasoning-item.ts";

/** Undefined where an event does not tell it: then it is about the newest item. */
export type OutputIndex = number | undefined;

export interface OutputReader {
  added(index: OutputIndex, item: JsonObject): void;
  delta(index: OutputIndex, key: PieceKey, told: Told): void;
  whole(index: OutputIndex, key: PieceKey, told: Told): void;
  annotate(index: OutputIndex, at: number, annotation: JsonValue): void;
  done(index: OutputIndex, item: JsonObject): void;
  /** All items as the last event has them: what was not told yet is written. */
  all(output: readonly JsonValue[]): void;
  /** The reply has ended. @throws ProviderError `broken_reply` for a function call that never got a name */
  end(): void;
}

export interface Told {
  readonly text: string;
  readonly logprobs?: JsonValue | undefined;
}

interface Held {
  readonly reader: ItemReader;
  done: boolean;
}

export interface OutputContext {
  readonly parts: PartWriter;
  /** Whose proof of reasoning it is where an item does not say. */
  readonly maker: string;
  /** The vendor's id of the answer. */
  readonly answerId: () => string;
}

const typeOfPiece = {
  text: "message",
  refusal: "message",
  summary: "reasoning",
  reasoning: "reasoning",
  arguments: "function_call",
} as const satisfies Record<PieceKey["kind"], string>;

const pieceTypes: ReadonlySet<string> = new Set(Object.values(typeOfPiece));

export function createOutputReader({ parts, maker, answerId }: OutputContext): OutputReader {
  const byIndex = new Map<number, Held>();
  const inOrder: Held[] = [];
  const writing: Writing = { piece: undefined };
  let newest = -1;
  let highest = -1;

  function readerOf(type: string): ItemReader {
    if (type === "message") return createMessageReader(parts, writing);
    if (type === "reasoning") return createReasoningReader(parts, maker);
    if (type === "function_call") return createFunctionReader(parts, answerId);
    return createOpaqueReader(parts, type);
  }

  function create(type: string): Held {
    const held: Held = { reader: readerOf(type), done: false };
    inOrder.push(held);
    return held;
  }

  function hold(index: number, type: string): Held {
    const before = byIndex.get(index);
    if (before !== undefined && !before.done) finish(before);
    const held = create(type);
    byIndex.set(index, held);
    newest = index;
    highest = Math.max(highest, index);
    return held;
  }

  function finish(held: Held): void {
    held.done = true;
    held.reader.abandon();
  }

  /**
   * The item that a piece belongs to; undefined when it has ended already. What only the vendor knows gets pieces
   * of any kind, and tells them at its end.
   */
  function itemOf(index: OutputIndex, kind: PieceKey["kind"]): ItemReader | undefined {
    const at = index ?? Math.max(newest, 0);
    const type = typeOfPiece[kind];
    const held = byIndex.get(at) ?? hold(at, type);
    if (held.done) return undefined;
    return held.reader.type === type || !pieceTypes.has(held.reader.type)
      ? held.reader
      : hold(at, type).reader;
  }

  function end(held: Held, item: JsonObject): void {
    if (held.done) return;
    held.done = true;
    held.reader.done(item);
  }

  return {
    added(index, item) {
      const at = index ?? highest + 1;
      const before = byIndex.get(at);
      const type = typeOf(item);
      const again = before !== undefined && !before.done && before.reader.type === type;
      (again ? before : hold(at, type)).reader.begin(item);
    },
    delta(index, key, { text, logprobs }) {
      itemOf(index, key.kind)?.delta(key, text, logprobs);
    },
    whole(index, key, { text, logprobs }) {
      itemOf(index, key.kind)?.whole(key, text, logprobs);
    },
    annotate(index, at, annotation) {
      itemOf(index, "text")?.annotate(at, annotation);
    },
    done(index, item) {
      const at = index ?? Math.max(newest, 0);
      const before = byIndex.get(at);
      const type = typeOf(item);
      const same = before !== undefined && before.reader.type === type;
      end(same ? before : hold(at, type), item);
    },
    // By their order: not every server counts from 0. From the first that differs on nothing can be said.
    all(output) {
      for (const [i, item] of output.entries()) {
        if (!isJsonObject(item)) {
          if (i >= inOrder.length) parts.opaque("output", item);
          continue;
        }
        const held = inOrder[i] ?? create(typeOf(item));
        if (held.reader.type !== typeOf(item)) return;
        end(held, item);
      }
    },
    end() {
      for (const held of inOrder) if (!held.done) finish(held);
    },
  };
}

const typeOf = (item: JsonObject): string => textIn(item["type"]) ?? "output";
