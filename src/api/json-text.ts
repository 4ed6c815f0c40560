// The text of a JSON body, once it is known that its parsing takes memory and time in proportion.

import { invalidRequest } from "../core/errors.ts";
import { decodeUtf8 } from "./read-body.ts";

/**
 * More than the longest conversation has: 10 000 messages take about 100 000. Thirty megabytes of `[]` would take
 * a gigabyte and hold up everybody for seconds.
 */
export const maxJsonEntries = 250_000;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openingBrace = 0x7b;
const openingBracket = 0x5b;

/** @throws GatewayError `invalid_request` */
export function jsonText(bytes: Buffer): string {
  // Each takes a byte at least: most bodies are not looked at.
  if (bytes.length > maxJsonEntries && hasTooManyEntries(bytes)) {
    throw invalidRequest("body", `has more than ${maxJsonEntries} objects, lists and members; send fewer`);
  }
  return decodeUtf8(bytes);
}

/** Whether they are too many, outside of texts. */
function hasTooManyEntries(bytes: Buffer): boolean {
  let entries = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at);
    else if (byte === colon || byte === openingBrace || byte === openingBracket) entries += 1;
    if (entries > maxJsonEntries) return true;
  }
  return false;
}

/** Where the text that begins at `start` has its closing quote; the last byte's place when it has none. */
function endOfText(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end !== -1; end = bytes.indexOf(quote, end + 1)) {
    let backslashes = 0;
    while (bytes[end - 1 - backslashes] === backslash) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return bytes.length;
}
