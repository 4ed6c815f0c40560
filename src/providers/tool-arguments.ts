// The arguments of a tool call for a vendor that takes a JSON object alone: the core has the text that a model wrote.

import type { ToolCallPart } from "../core/chat/request.ts";
import type { JsonObject } from "../core/json.ts";
import type { LossList } from "./loss-list.ts";
import { isJsonObject, isShallow, parseJson } from "./vendor-json.ts";

export interface ArgumentsContext {
  readonly vendorName: string;
  /** Where the part stands in the request. */
  readonly field: string;
  readonly losses: LossList;
}

/**
 * Text that is no object, or one that could not be written again, becomes a member of one, as a loss; whole numbers
 * that lose digits on the way are one too.
 */
export function argumentsObject(
  { argumentsJson }: ToolCallPart,
  { vendorName, field, losses }: ArgumentsContext,
): JsonObject {
  if (argumentsJson.trim() === "") return {};
  const given = parseJson(argumentsJson);
  if (isJsonObject(given) && isShallow(given)) {
    if (losesDigits(argumentsJson)) {
      losses.add(`${field}.argumentsJson`, "Whole numbers beyond 2^53 were rounded. Send such ids as texts.");
    }
    return given;
  }
  losses.add(
    `${field}.argumentsJson`,
    `Sent as the member \`arguments\` of an object: ${vendorName} takes a JSON object of moderate depth alone.`,
  );
  return { arguments: argumentsJson };
}

/** Texts, to pass over them, and long whole numbers. */
const textOrLongNumber = /"(?:[^"\\]|\\.)*"|(?<![.\d])-?\d{16,}(?![.\deE])/g;

function losesDigits(json: string): boolean {
  if (!/\d{16}/.test(json)) return false;
  const found = json.match(textOrLongNumber) ?? [];
  return found.some((token) => !token.startsWith('"') && !Number.isSafeInteger(Number(token)));
}
