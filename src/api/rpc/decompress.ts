// Unpacking what callers have compressed. A few kilobytes unpack to the longest body: one at a time, so that many
// together take the memory of one.

import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { invalidRequest } from "../../core/errors.ts";
import { tooLarge } from "../read-body.ts";

/** @throws GatewayError `invalid_request`, `payload_too_large` */
export type Decompress = (bytes: Uint8Array, encoding: string) => Promise<Buffer>;

const decompressors = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
} as const;

export interface DecompressOptions {
  /** Those that are taken. */
  readonly encodings: readonly (keyof typeof decompressors)[];
  /** Of what was unpacked. */
  readonly maxBytes: number;
}

export function createDecompress({ encodings, maxBytes }: DecompressOptions): Decompress {
  let before: Promise<unknown> = Promise.resolve();
  return async (bytes, encoding) => {
    const name = encodings.find((each) => each === encoding);
    if (name === undefined) {
      throw invalidRequest("body", `must be compressed by ${encodings.join(", ")} or not at all`);
    }
    const unpacked = before.then(() => decompressors[name](bytes, { maxOutputLength: maxBytes }));
    before = unpacked.catch(() => {});
    try {
      return await unpacked;
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge(maxBytes);
      throw invalidRequest("body", `is not what its encoding, ${name}, says`);
    }
  };
}
