// A text that comes in pieces of a few characters each. Where they are only added, V8 keeps every piece, and a node
// for it, until somebody reads the text: of a long answer that is nine times its length, for as long as it streams.

const piecesTogether = 64;

export class GrowingText {
  #joined = "";
  readonly #pieces: string[] = [];

  add(piece: string): void {
    this.#pieces.push(piece);
    if (this.#pieces.length === piecesTogether) this.#join();
  }

  whole(): string {
    if (this.#pieces.length > 0) this.#join();
    return this.#joined;
  }

  #join(): void {
    this.#joined += this.#pieces.join("");
    this.#pieces.length = 0;
  }
}
