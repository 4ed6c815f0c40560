// AWS's binary event streams out of bytes, however they are cut.
// Source: docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html (event stream encoding) and
// smithy.io/2.0/aws/amazon-eventstream.html

import { crc32 } from "node:zlib";
import { ProviderError } from "../../core/provider-error.ts";
import type { FrameParser, Framing } from "./upstream.ts";

/** One message. */
export interface AwsEventFrame {
  /** Those whose values are texts, as `:message-type` and `:event-type`; others are not used by JSON services. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A message that the body's end cuts is not handed out: whether the reply is whole all the same, its decoder knows. */
export const awsEventStreamFraming: Framing<AwsEventFrame> = {
  contentType: /^application\/vnd\.amazon\.eventstream\b/i,
  createParser: ({ maxFrameBytes }) => createAwsEventParser({ maxMessageBytes: maxFrameBytes }),
};

/** Total length, length of the headers, and a checksum of these two: 4 bytes each, big endian. */
const preludeBytes = 12;
const checksumBytes = 4;

const noFrames: readonly AwsEventFrame[] = [];
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a message announces is checked before it is waited for. */
export function createAwsEventParser({
  maxMessageBytes,
}: {
  readonly maxMessageBytes: number;
}): FrameParser<AwsEventFrame> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let neededBytes = preludeBytes;

  function keep(rest: Uint8Array): void {
    waiting = rest.length === 0 ? [] : [rest];
    waitingBytes = rest.length;
  }

  return {
    push(chunk) {
      if (chunk.length === 0) return noFrames;
      waiting.push(chunk);
      waitingBytes += chunk.length;
      // Joined only when that completes something: many small pieces cost no more than one.
      if (waitingBytes < neededBytes) return noFrames;
      const bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting);
      const frames: AwsEventFrame[] = [];
      neededBytes = preludeBytes;
      let from = 0;
      while (bytes.length - from >= preludeBytes) {
        const total = messageBytes(bytes.subarray(from, from + preludeBytes), maxMessageBytes);
        if (bytes.length - from < total) {
          neededBytes = total;
          break;
        }
        frames.push(readMessage(bytes.subarray(from, from + total)));
        from += total;
      }
      keep(bytes.subarray(from));
      return frames;
    },
    end: () => noFrames,
  };
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function messageBytes(prelude: Uint8Array, maxMessageBytes: number): number {
  const view = viewOf(prelude);
  const total = view.getUint32(0);
  if (crc32(prelude.subarray(0, 8)) !== view.getUint32(8)) throw broken("has a wrong checksum");
  if (total > maxMessageBytes) throw broken(`announces a message of more than ${maxMessageBytes} bytes`);
  if (total < preludeBytes + view.getUint32(4) + checksumBytes) throw broken("announces impossible lengths");
  return total;
}

function readMessage(message: Uint8Array): AwsEventFrame {
  const view = viewOf(message);
  const bodyEnd = message.length - checksumBytes;
  if (crc32(message.subarray(0, bodyEnd)) !== view.getUint32(bodyEnd)) throw broken("has a wrong checksum");
  const bodyStart = preludeBytes + view.getUint32(4);
  return {
    headers: readHeaders(message.subarray(preludeBytes, bodyStart)),
    body: decode(message.subarray(bodyStart, bodyEnd)),
  };
}

/** Bytes of a value, by the number of its type; -1: two bytes before it tell. */
const valueBytes: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const textType = 7;

function readHeaders(bytes: Uint8Array): Readonly<Record<string, string>> {
  const view = viewOf(bytes);
  const headers: [string, string][] = [];
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + view.getUint8(at);
    if (nameEnd >= bytes.length) throw cutHeader();
    const name = decode(bytes.subarray(at + 1, nameEnd));
    const type = view.getUint8(nameEnd);
    const fixed = valueBytes[type];
    if (fixed === undefined) throw broken(`has a header of the unknown type ${type}`);
    const start = nameEnd + (fixed === -1 ? 3 : 1);
    if (start > bytes.length) throw cutHeader();
    const end = start + (fixed === -1 ? view.getUint16(nameEnd + 1) : fixed);
    if (end > bytes.length) throw cutHeader();
    if (type === textType) headers.push([name, decode(bytes.subarray(start, end))]);
    at = end;
  }
  // Not by assignment: a name may be `__proto__`.
  return Object.fromEntries(headers);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw broken("is not UTF-8", cause);
  }
}

const cutHeader = (): ProviderError => broken("has a header that is longer than it may be");

const broken = (detail: string, cause?: unknown): ProviderError =>
  new ProviderError({
    failure: "broken_reply",
    message: `The provider's event stream ${detail}.`,
    ownWords: true,
    cause,
  });
