// JSON texts, one a line, out of bytes, however they are cut. Source: github.com/ndjson/ndjson-spec

import { ProviderError } from "../../core/provider-error.ts";
import type { FrameParser, Framing } from "./upstream.ts";

/** A frame is a line without its end; lines of white space alone are none. */
export const ndjsonFraming: Framing<string> = {
  contentType: /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines)\b/i,
  createParser: ({ maxFrameBytes }) => createNdjsonParser({ maxLineBytes: maxFrameBytes }),
};

const lineFeed = 10;
const noLines: readonly string[] = [];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The last line may lack its end: it is handed out when the body ends. */
export function createNdjsonParser({ maxLineBytes }: { readonly maxLineBytes: number }): FrameParser<string> {
  let tail: Uint8Array[] = [];
  let tailBytes = 0;
  let atStart = true;

  function keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    tailBytes += rest.length;
    if (tailBytes > maxLineBytes) {
      // Where the error is kept, its stack keeps this parser: what it holds must not be kept with it.
      tail = [];
      throw tooLong(maxLineBytes);
    }
    tail.push(rest);
  }

  function withTail(bytes: Uint8Array): Uint8Array {
    if (tailBytes === 0) return bytes;
    tail.push(bytes);
    const all = Buffer.concat(tail);
    tail = [];
    tailBytes = 0;
    return all;
  }

  // A character has no line feed among its bytes: none is cut here.
  function linesOf(bytes: Uint8Array): readonly string[] {
    if (bytes.length > maxLineBytes) checkLines(bytes, maxLineBytes);
    let text = decode(bytes);
    if (atStart && text !== "") {
      atStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    const lines: string[] = [];
    for (let from = 0; from < text.length;) {
      const found = text.indexOf("\n", from);
      const to = found === -1 ? text.length : found;
      const line = text.slice(from, to).trim();
      if (line !== "") lines.push(line);
      from = to + 1;
    }
    return lines;
  }

  return {
    push(chunk) {
      const end = chunk.lastIndexOf(lineFeed) + 1;
      if (end === 0) {
        keep(chunk);
        return noLines;
      }
      const lines = linesOf(withTail(end === chunk.length ? chunk : chunk.subarray(0, end)));
      keep(chunk.subarray(end));
      return lines;
    },
    end: () => (tailBytes === 0 ? noLines : linesOf(withTail(new Uint8Array()))),
  };
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ProviderError({
      failure: "broken_reply",
      message: "The provider's stream is not UTF-8.",
      ownWords: true,
      cause,
    });
  }
}

function checkLines(bytes: Uint8Array, maxLineBytes: number): void {
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(lineFeed, from);
    const to = found === -1 ? bytes.length : found;
    if (to - from > maxLineBytes) throw tooLong(maxLineBytes);
    from = to + 1;
  }
}

const tooLong = (maxLineBytes: number): ProviderError =>
  new ProviderError({
    failure: "broken_reply",
    message: `The provider's stream has a line of more than ${maxLineBytes} bytes.`,
    ownWords: true,
  });
