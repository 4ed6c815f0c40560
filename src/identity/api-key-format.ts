// An API key's form: `slc_live_` or `slc_test_`, 256 random bits, and a checksum by which a mistyped one is known
// without asking anybody. Pure.

import { crc32 } from "node:zlib";
import { base62, base62Digits } from "./base62.ts";

export interface ParsedApiKey {
  readonly environment: "live" | "test";
  /** By which people tell keys apart: `slc_live_` and six characters. */
  readonly prefix: string;
}

export const apiKeyBytes = 32;

/** 62^43 is the first power of 62 above 2^256, and 62^6 above 2^32. */
const randomChars = 43;
const checksumChars = 6;
const headChars = "slc_live_".length;
const shownChars = headChars + 6;
const checkedChars = headChars + randomChars;
const form = /^slc_(?:live|test)_[0-9A-Za-z]{49}$/;

/** @throws RangeError for another number of bytes than `apiKeyBytes` */
export function formatApiKey(environment: ParsedApiKey["environment"], random: Uint8Array): string {
  if (random.length !== apiKeyBytes) throw new RangeError(`An API key has ${apiKeyBytes} random bytes.`);
  const checked = `slc_${environment}_${base62(random)}`;
  return checked + checksumOf(checked);
}

/** Whether it is meant to be one of ours, well-formed or not. */
export const isOfOurForm = (text: string): boolean => text.startsWith("slc_");

/** Undefined: it is none, or was mistyped. */
export function parseApiKey(text: string): ParsedApiKey | undefined {
  if (!form.test(text) || checksumOf(text.slice(0, checkedChars)) !== text.slice(checkedChars))
    return undefined;
  return { environment: text.startsWith("slc_live_") ? "live" : "test", prefix: prefixOf(text) };
}

/** The one of a whole key. */
export const prefixOf = (key: string): string => key.slice(0, shownChars);

/** CRC-32 finds each change that lies within four characters next to each other, and of others all but one in 2^32. */
function checksumOf(checked: string): string {
  let rest = crc32(checked);
  let text = "";
  for (let i = 0; i < checksumChars; i += 1) {
    text = base62Digits.charAt(rest % base62Digits.length) + text;
    rest = Math.floor(rest / base62Digits.length);
  }
  return text;
}
