// How many of a run's newest events are kept: those that fit into a number of bytes. Counted in pieces, so that a run
// of a million events takes no more room here than one of twenty.

interface Piece {
  events: number;
  bytes: number;
}

const piecesOfAll = 16;

export class KeptPart {
  readonly #maxBytes: number;
  readonly #pieces: Piece[] = [];
  #events = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Of an event that fits. Gives how many events are kept where older ones had to go. */
  add(bytes: number): number | undefined {
    this.#count(bytes);
    if (this.#bytes <= this.#maxBytes) return undefined;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#pieces.shift();
      if (oldest === undefined) break;
      this.#events -= oldest.events;
      this.#bytes -= oldest.bytes;
    }
    return this.#events;
  }

  #count(bytes: number): void {
    const last = this.#pieces.at(-1);
    this.#events += 1;
    this.#bytes += bytes;
    if (last === undefined || last.bytes + bytes > this.#maxBytes / piecesOfAll) {
      this.#pieces.push({ events: 1, bytes });
      return;
    }
    last.events += 1;
    last.bytes += bytes;
  }
}
