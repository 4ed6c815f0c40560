// Finds where HTTP/1.1 messages end in what comes over one connection without pipelining, and looks at
// nothing else: the load generator and the upstream must cost less than what they measure.

/** Where a message that was announced as chunked ends; then nothing follows until the other side is asked. */
const lastChunk = Buffer.from("\r\n0\r\n\r\n");
const headEnd = Buffer.from("\r\n\r\n");

export class HttpMessages {
  readonly #onMessage: (message: Buffer) => void;
  #pieces: Buffer[] = [];
  #length = 0;
  /** Of the whole message; undefined until its head is whole, infinite when it is chunked. */
  #wanted: number | undefined;

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  feed(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#wanted === undefined) this.#readHead();
    const whole = this.#wanted === Infinity ? this.#endsChunked() : this.#length === this.#wanted;
    if (whole) this.#finish();
    else if (this.#wanted !== undefined && this.#length > this.#wanted) {
      throw new Error("More came than the message's content-length.");
    }
  }

  #readHead(): void {
    const start = this.#joined();
    const end = start.indexOf(headEnd);
    if (end < 0) return;
    const head = start.subarray(0, end).toString("latin1");
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) this.#wanted = end + headEnd.length + Number(length);
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#wanted = Infinity;
    else throw new Error(`A message without a length: ${head.slice(0, 200)}`);
  }

  #endsChunked(): boolean {
    const last = this.#pieces.at(-1);
    if (last === undefined) return false;
    const tail = last.length >= lastChunk.length ? last : this.#joined();
    return tail.subarray(-lastChunk.length).equals(lastChunk);
  }

  #joined(): Buffer {
    const [only = Buffer.alloc(0)] = this.#pieces;
    if (this.#pieces.length <= 1) return only;
    const whole = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [whole];
    return whole;
  }

  #finish(): void {
    const message = this.#joined();
    this.#pieces = [];
    this.#length = 0;
    this.#wanted = undefined;
    this.#onMessage(message);
  }
}
