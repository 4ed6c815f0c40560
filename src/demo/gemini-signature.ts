/**
 * The signatures on what the model said after it had thought (ai.google.dev/gemini-api/docs/thought-signatures). They
 * are made from what they sign, so that none has to be remembered.
 */
import { hash } from "node:crypto";

import { refuse } from "./gemini-error.ts";
import { asText, isRecord, type JsonRecord } from "./json-value.ts";

/** What the vendor takes for a call that it did not make itself. */
const placeholders: ReadonlySet<string> = new Set([
  "skip_thought_signature_validator",
  "context_engineering_is_the_way_to_go",
]);

/** Text may come back in other pieces than it went out, so that its signature does not depend on it. */
export const textSignature: string = sign("text");

export function signCall(name: string, args: unknown): string {
  return sign(JSON.stringify([name, sorted(args)]));
}

function sign(content: string): string {
  return hash("sha512", `demo thoughts\n${content}`, "base64");
}

/** Clients may change the order of an object's keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

/** @throws {Refusal} when the part has a signature, and it is neither its own nor a placeholder. */
export function checkSignature(part: JsonRecord): void {
  const signature = part["thoughtSignature"];
  if (typeof signature !== "string" || placeholders.has(signature)) return;
  const call = part["functionCall"];
  const own = isRecord(call) ? signCall(asText(call["name"]), call["args"] ?? {}) : textSignature;
  if (plain(signature) !== plain(own)) throw refuse("Corrupted thought signature.");
}

/** Base64 of either alphabet, padded or not, is the same. */
function plain(base64: string): string {
  return base64.replaceAll("-", "+").replaceAll("_", "/").replaceAll("=", "");
}

/**
 * In the current turn, the first call of each of the model's steps has to come back with its signature.
 * @throws {Refusal} when one does not.
 */
export function requireSignatures(contents: readonly JsonRecord[]): void {
  const start = contents.findLastIndex(
    (content) =>
      content["role"] !== "model" && partsOf(content).some((part) => part["functionResponse"] === undefined),
  );
  for (const [offset, content] of contents.slice(start + 1).entries()) {
    const first = partsOf(content).find((part) => part["functionCall"] !== undefined);
    if (first === undefined || first["thoughtSignature"] !== undefined) continue;
    const name = isRecord(first["functionCall"]) ? asText(first["functionCall"]["name"]) : "";
    throw refuse(
      "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. " +
        `Additional data, function call \`default_api:${name}\` , position ${start + 2 + offset}. ` +
        "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.",
    );
  }
}

export function partsOf(content: JsonRecord): JsonRecord[] {
  return Array.isArray(content["parts"]) ? content["parts"].filter(isRecord) : [];
}
