// What every kind of output item can be told, in pieces and whole. Each piece comes up to four times: as deltas, in
// its own `done`, in the item's `done` and in the last event; it is written once.

import type { JsonObject, JsonValue } from "../../../core/json.ts";

/** Text of an item: which one of its pieces, counted from 0 within its kind. */
export interface PieceKey {
  readonly kind: "text" | "refusal" | "summary" | "reasoning" | "arguments";
  readonly at: number;
}

export interface ItemReader {
  /** The item's `type`. */
  readonly type: string;
  /** The item as it began. */
  begin(item: JsonObject): void;
  /** More of a piece. */
  delta(key: PieceKey, text: string, logprobs?: JsonValue): void;
  /** A piece as it stands at its end: what the deltas did not tell is written. */
  whole(key: PieceKey, text: string, logprobs?: JsonValue): void;
  /** An annotation of a text. */
  annotate(at: number, annotation: JsonValue): void;
  /** The item at its end. */
  done(item: JsonObject): void;
  /** The reply has ended, and the item has not. */
  abandon(): void;
}

/** What of a whole text has not been told. A whole that is another text than the deltas changes nothing. */
export const untold = (told: string, whole: string): string =>
  whole.startsWith(told) ? whole.slice(told.length) : "";

/** Members of an item that are not known: handed on, never dropped. */
export function unknownMembers(
  item: JsonObject,
  known: ReadonlySet<string>,
): readonly (readonly [string, JsonValue])[] {
  return Object.entries(item).filter(([name]) => !known.has(name));
}

export const ignored = (): void => undefined;
