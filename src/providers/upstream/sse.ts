// Server-sent events out of bytes, however they are cut. Source: HTML standard, 9.2.5 and 9.2.6.
// Bytes are decoded up to the last line end in hand: a character is never cut there, and one call decodes all.

import { ProviderError } from "../../core/provider-error.ts";
import type { FrameParser, Framing } from "./upstream.ts";

/** An event of a `text/event-stream` (HTML standard, 9.2.6). */
export interface SseFrame {
  /** The `event:` field; absent: "message". */
  readonly event: string | undefined;
  /** The `data:` lines, joined by line feeds. */
  readonly data: string;
}

/** An event whose closing blank line never came is not handed out. */
export const sseFraming: Framing<SseFrame> = {
  contentType: /^text\/event-stream\b/i,
  createParser: ({ maxFrameBytes }) => createSseParser({ maxLineBytes: maxFrameBytes }),
};

const lineFeed = 10;
const carriageReturn = 13;
const noFrames: readonly SseFrame[] = [];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `maxLineBytes` holds for a line, and for the data of an event in characters. */
export function createSseParser({ maxLineBytes }: { readonly maxLineBytes: number }): FrameParser<SseFrame> {
  let tail: Uint8Array[] = [];
  let tailBytes = 0;
  // A carriage return ended the last line: a line feed right behind it belongs to it.
  let afterReturn = false;
  let atStart = true;
  let event = "";
  let data: string | undefined;
  let frames: SseFrame[] = [];
  // JSON that stands bare between or behind the events: some servers report an error in mid-stream so.
  let bare: string | undefined;

  function push(chunk: Uint8Array): readonly SseFrame[] {
    if (chunk.length === 0) return noFrames;
    const from = afterReturn && chunk[0] === lineFeed ? 1 : 0;
    afterReturn = false;
    const end = lastLineEnd(chunk) + 1;
    if (end <= from) {
      keep(chunk.subarray(from));
      return noFrames;
    }
    const lines = withTail(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end));
    if (end < chunk.length) keep(chunk.subarray(end));
    else afterReturn = chunk[end - 1] === carriageReturn;
    if (lines.length > maxLineBytes) checkLines(lines, maxLineBytes);
    readLines(decode(lines));
    const complete = frames;
    frames = [];
    return complete;
  }

  function keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    tailBytes += rest.length;
    if (tailBytes > maxLineBytes) refuse();
    tail.push(rest);
  }

  function withTail(lines: Uint8Array): Uint8Array {
    if (tailBytes === 0) return lines;
    tail.push(lines);
    const all = Buffer.concat(tail);
    tail = [];
    tailBytes = 0;
    return all;
  }

  function decode(lines: Uint8Array): string {
    let text: string;
    try {
      text = decoder.decode(lines);
    } catch (cause) {
      throw new ProviderError({
        failure: "broken_reply",
        message: "The provider's stream is not UTF-8.",
        ownWords: true,
        cause,
      });
    }
    if (atStart) {
      atStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
  }

  // `text` ends with a line feed, or is empty.
  function readLines(text: string): void {
    let from = 0;
    while (from < text.length) {
      const to = text.indexOf("\n", from);
      if (to === from) dispatch();
      else readLine(text, from, to);
      from = to + 1;
    }
  }

  function readLine(text: string, from: number, to: number): void {
    if (text.startsWith("data:", from)) {
      addData(text.slice(valueStart(text, from + 5), to));
      return;
    }
    if (text.startsWith("event:", from)) {
      event = text.slice(valueStart(text, from + 6), to);
      return;
    }
    const line = text.slice(from, to);
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(valueStart(line, colon + 1));
    // Comments have an empty field; `id` and `retry` are for readers that connect again.
    if (field === "data") addData(value);
    else if (field === "event") event = value;
    else if (bare !== undefined || /^\s*[{[]/.test(line)) addBare(line);
  }

  function addBare(line: string): void {
    bare = bare === undefined ? line : `${bare}\n${line}`;
    if (bare.length > maxLineBytes) refuse();
  }

  function end(): readonly SseFrame[] {
    const rest = tailBytes === 0 ? "" : decode(withTail(new Uint8Array()));
    if (rest !== "") readLine(rest, 0, rest.length);
    return bare === undefined ? noFrames : [{ event: undefined, data: bare }];
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`;
    if (data.length > maxLineBytes) refuse();
  }

  /** Where the error is kept, its stack keeps this parser: what it holds must not be kept with it. */
  function refuse(): never {
    tail = [];
    data = undefined;
    bare = undefined;
    throw tooLong(maxLineBytes);
  }

  function dispatch(): void {
    if (data !== undefined) frames.push({ event: event === "" ? undefined : event, data });
    data = undefined;
    event = "";
  }

  return { push, end };
}

const valueStart = (line: string, at: number): number => (line.charCodeAt(at) === 32 ? at + 1 : at);

function lastLineEnd(chunk: Uint8Array): number {
  const last = chunk.length - 1;
  return chunk[last] === lineFeed
    ? last
    : Math.max(chunk.lastIndexOf(lineFeed), chunk.lastIndexOf(carriageReturn));
}

function checkLines(lines: Uint8Array, maxLineBytes: number): void {
  let from = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const byte = lines[at];
    if (byte !== lineFeed && byte !== carriageReturn) continue;
    if (at - from > maxLineBytes) throw tooLong(maxLineBytes);
    from = at + 1;
  }
}

const tooLong = (maxLineBytes: number): ProviderError =>
  new ProviderError({
    failure: "broken_reply",
    message: `The provider's stream has an event of more than ${maxLineBytes} bytes.`,
    ownWords: true,
  });
