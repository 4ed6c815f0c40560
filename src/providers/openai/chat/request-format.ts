// The wish for JSON. Vendors that hold no answer to a schema are told it in words.

import type { ResponseFormat } from "../../../core/chat/request.ts";
import type { LossList } from "../../loss-list.ts";
import type { FamilyMember } from "./family-member.ts";
import type { WireMessage, WireResponseFormat } from "./wire.ts";

interface Context {
  readonly member: FamilyMember;
  readonly losses: LossList;
}

export function responseFormatOf(
  format: ResponseFormat | undefined,
  { member, losses }: Context,
): WireResponseFormat | undefined {
  if (format?.type === "json") return { type: "json_object" };
  if (format?.type !== "json_schema") return undefined;
  if (member.schemaAs === "instruction") {
    losses.add(
      "responseFormat",
      `The schema was sent as an instruction: ${member.name} makes sure of JSON, not of a schema.`,
    );
    return { type: "json_object" };
  }
  const { name, description, schema, strict } = format;
  return { type: "json_schema", json_schema: { name, description, schema, strict } };
}

/** The message that tells the schema, where the member takes it in no other way. */
export function schemaInstruction(
  format: ResponseFormat | undefined,
  member: FamilyMember,
): readonly WireMessage[] {
  if (format?.type !== "json_schema" || member.schemaAs !== "instruction") return [];
  const { description, schema } = format;
  const purpose = description === undefined ? "" : ` ${description}`;
  const content = `Answer with JSON alone that holds to this JSON Schema.${purpose}\n${JSON.stringify(schema)}`;
  return [{ role: "system", content }];
}
