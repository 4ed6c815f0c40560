import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { objectIn, saysSomething, textIn } from "../../vendor-json.ts";
import { errorIn } from "../errors.ts";
import type { FamilyMember } from "./family-member.ts";

/**
 * The error inside a 200: that of a whole answer, or of a chunk in mid-stream.
 * Undefined where there is none; it runs for every chunk.
 */
export function errorInside(answer: JsonObject, member: FamilyMember): JsonValue | undefined {
  const error = answer["error"];
  if (error !== undefined && saysSomething(error)) return errorIn(answer);
  if (member.besides !== undefined) {
    const beside = objectIn(answer[member.besides])?.["error"];
    if (saysSomething(beside)) return beside;
  }
  return answer["choices"] === undefined && isBareError(answer) ? errorIn(answer) : undefined;
}

const isBareError = ({ object, detail, errors, message }: JsonObject): boolean =>
  object === "error" || saysSomething(detail) || saysSomething(errors) || textIn(message) !== undefined;
