// About how many tokens a call will use, for what is reserved before it: from lengths alone. A tokenizer would be
// another one for each model, and slower than all else that is done for a call.

import type { JsonValue } from "../json.ts";

export interface TokenEstimate {
  readonly input: number;
  /** Undefined: as many as the model gives. */
  readonly output: number | undefined;
}

/** How long a text is in UTF-8. */
export type Utf8Bytes = (text: string) => number;

export const bytesPerToken = 4;

export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / bytesPerToken);

/** Of JSON as text, without writing it. */
export function jsonBytes(value: JsonValue | undefined, utf8Bytes: Utf8Bytes): number {
  if (typeof value === "string") return utf8Bytes(value) + 2;
  if (typeof value !== "object" || value === null) return 4;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const each of value) bytes += jsonBytes(each, utf8Bytes) + 1;
    return bytes;
  }
  for (const [key, each] of Object.entries(value)) bytes += utf8Bytes(key) + 4 + jsonBytes(each, utf8Bytes);
  return bytes;
}
