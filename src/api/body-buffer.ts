// A body as it comes in, in one piece: a buffer for each chunk would let a client that sends single bytes take a
// hundred times the memory that its body has.

export interface BodyBuffer {
  readonly add: (chunk: Buffer) => void;
  /** What was added, as one; it shares memory with the chunk where there was but one. */
  readonly whole: () => Buffer;
}

const empty = Buffer.alloc(0);

export function createBodyBuffer(maxBytes: number): BodyBuffer {
  let bytes: Buffer = empty;
  let length = 0;
  return {
    add(chunk) {
      const end = length + chunk.length;
      if (length === 0) bytes = chunk;
      else {
        if (end > bytes.length)
          bytes = grown(bytes, { length, to: Math.max(end, Math.min(2 * end, maxBytes)) });
        chunk.copy(bytes, length);
      }
      length = end;
    },
    whole: () => (length === bytes.length ? bytes : bytes.subarray(0, length)),
  };
}

function grown(bytes: Buffer, { length, to }: { readonly length: number; readonly to: number }): Buffer {
  const larger = Buffer.allocUnsafeSlow(to);
  bytes.copy(larger, 0, 0, length);
  return larger;
}
