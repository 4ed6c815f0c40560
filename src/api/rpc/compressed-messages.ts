// Messages that gRPC's clients have compressed. grpc-js would unpack those of all calls at once and keep them for
// as long as a client does not end its request: a megabyte from one client would become gigabytes here.

import { GatewayError, invalidRequest } from "../../core/errors.ts";
import type { KnownError } from "../known-error.ts";
import { createDecompress } from "./decompress.ts";
import { toGrpcStatus } from "./error-status.ts";

/** In messages of the longest kind: what calls whose requests have not ended may hold together. */
const heldMessages = 4;
/** A byte of flags and four of length. */
const envelopeBytes = 5;

export interface CompressedMessages {
  /** Sees to those of one call. Gives what is to be called when its request, or it itself, has ended. */
  unpack(call: object): () => void;
}

export function createCompressedMessages(options: {
  readonly maxBytes: number;
  readonly known: KnownError;
}): CompressedMessages {
  const { maxBytes, known } = options;
  const decompress = createDecompress({ encodings: ["gzip", "deflate"], maxBytes });
  let heldBytes = 0;
  return {
    unpack(call) {
      let ofCall = 0;
      let isFirst = true;
      let ended = false;
      async function unpacked(message: Buffer, encoding: string): Promise<Uint8Array> {
        try {
          if (!isFirst) throw invalidRequest("body", "must hold one message");
          isFirst = false;
          const bytes = await decompress(message, encoding);
          if (ended) return bytes;
          if (heldBytes + bytes.length > heldMessages * maxBytes) throw tooManyHeld();
          heldBytes += bytes.length;
          ofCall += bytes.length;
          return bytes;
        } catch (error) {
          throw toGrpcStatus(known(error));
        }
      }
      replaceUnpacking(call, unpacked);
      return () => {
        heldBytes -= ofCall;
        ofCall = 0;
        ended = true;
      };
    },
  };
}

const tooManyHeld = () =>
  new GatewayError({
    code: "overloaded",
    message:
      "Too many compressed messages wait for the end of their requests. Send it uncompressed, or later.",
    retryAfterMs: 1_000,
  });

/** For calls that have no use for it. */
export const refuseCompressed = (call: object): void =>
  replaceUnpacking(call, () =>
    Promise.reject(toGrpcStatus(invalidRequest("body", "must not be compressed for this method"))),
  );

type Unpack = (message: Buffer, encoding: string) => Promise<Uint8Array>;

// grpc-js has no option for it, and interceptors see messages when they are unpacked.
function replaceUnpacking(call: object, unpack: Unpack): void {
  Object.assign(call, {
    decompressMessage(framed: Buffer, encoding: string) {
      const message = framed.subarray(envelopeBytes);
      return encoding === "identity" ? message : unpack(message, encoding);
    },
  });
}
