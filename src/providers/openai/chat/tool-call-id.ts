// Ids of tool calls as a vendor takes them: a conversation may have begun with another.

import { createHash } from "node:crypto";
import type { FamilyMember } from "./family-member.ts";

const idChars = 9;
const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The id itself where the member takes it; else one that is made of it, always the same. */
export function toolCallIdFor(id: string, { toolCallIds }: FamilyMember): string {
  if (toolCallIds === undefined || /^[0-9A-Za-z]{9}$/.test(id)) return id;
  const hash = createHash("sha256").update(id).digest().subarray(0, idChars);
  return Array.from(hash, (byte) => letters[byte % letters.length]).join("");
}
