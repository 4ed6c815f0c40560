// Ids of tool calls in the vendor's characters and lengths.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html

import { createHash } from "node:crypto";
import { wordId } from "../word-id.ts";
import type { ModelTraits } from "./model-traits.ts";

const longest = 64;
const keptOfLong = 40;

/** The same id always becomes the same, so that call and result still meet. */
export function toolUseId(id: string, { shortIds }: Pick<ModelTraits, "shortIds">): string {
  if (shortIds) return /^[a-zA-Z0-9]{9}$/.test(id) ? id : digestOf(id).toString("hex").slice(0, 9);
  const word = wordId(id);
  if (word.length <= longest) return word;
  return `${word.slice(0, keptOfLong)}_${digestOf(id).toString("base64url").slice(0, 22)}`;
}

const digestOf = (id: string): Buffer => createHash("sha256").update(id).digest();
