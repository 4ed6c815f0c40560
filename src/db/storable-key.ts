// Keys that callers choose, as every database keeps them apart: whatever its encoding, and however long they are.

import { createHash } from "node:crypto";

const hashed = "sha256:";
const plain = /^[ -~]{1,256}$/;

/**
 * The key itself where no database can take it for another one; else its hash. Texts that a database changes, as
 * those with NUL characters or halves of surrogate pairs, would become the same key.
 */
export function storableKey(key: string): string {
  if (plain.test(key) && !key.startsWith(hashed)) return key;
  // Not as UTF-8, in which all halves of surrogate pairs are one.
  return hashed + createHash("sha256").update(Buffer.from(key, "utf16le")).digest("hex");
}
