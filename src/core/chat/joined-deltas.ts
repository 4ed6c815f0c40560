// Deltas of one part that follow each other, as few larger ones.

import type { PartDelta } from "./events.ts";
import { GrowingText } from "./growing-text.ts";

/** In UTF-16 units: what one event of a replayed answer holds at most. */
export const longestDelta = 16_384;

/** Gives what it has joined to `take`, in order. */
export class JoinedDeltas {
  readonly #take: (delta: PartDelta) => void;
  #index = 0;
  #text = new GrowingText();
  #length = 0;

  constructor(take: (delta: PartDelta) => void) {
    this.#take = take;
  }

  add(index: number, text: string): void {
    if (index !== this.#index) this.end();
    this.#index = index;
    this.#text.add(text);
    this.#length += text.length;
    if (this.#length > longestDelta) this.#cut();
  }

  /** No more follows what was added last. */
  end(): void {
    if (this.#length === 0) return;
    const text = this.#text.whole();
    this.forget();
    this.#take({ type: "part_delta", index: this.#index, text });
  }

  forget(): void {
    this.#text = new GrowingText();
    this.#length = 0;
  }

  #cut(): void {
    const text = this.#text.whole();
    let at = 0;
    while (text.length - at > longestDelta) {
      const end = endOfPiece(text, at + longestDelta);
      this.#take({ type: "part_delta", index: this.#index, text: text.slice(at, end) });
      at = end;
    }
    this.forget();
    this.#text.add(text.slice(at));
    this.#length = text.length - at;
  }
}

/** Never between the halves of a character. */
const endOfPiece = (text: string, end: number): number =>
  isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;

const isHighSurrogate = (unit: number): boolean => unit >= 0xd8_00 && unit <= 0xdb_ff;
