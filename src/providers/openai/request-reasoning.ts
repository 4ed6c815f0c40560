// Reasoning of earlier turns, given back to the model that wrote it.
// Source: openrouter.ai/docs/use-cases/reasoning-tokens, "Preserving reasoning"

import type { ReasoningPart } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import type { FamilyMember } from "./family.ts";
import type { LossList } from "../loss-list.ts";

export interface ReasoningBack {
  readonly reasoning?: string | undefined;
  readonly reasoning_details?: readonly JsonObject[] | undefined;
}

interface Given {
  readonly part: ReasoningPart;
  readonly field: string;
}

interface Context {
  readonly model: string;
  readonly member: FamilyMember;
  readonly losses: LossList;
}

export function reasoningBack(given: readonly Given[], { model, member, losses }: Context): ReasoningBack {
  if (given.length === 0) return {};
  if (member.reasoningBack === "details") {
    return { reasoning_details: given.flatMap(({ part }, index) => detailsOf(part, index, formatOf(model))) };
  }
  if (member.reasoningBack === "no") {
    for (const { field } of given) {
      losses.add(field, `The reasoning was left out: ${member.name} takes none back in Chat Completions.`);
    }
    return {};
  }
  for (const { part, field } of given) {
    if (part.redactedData === undefined && part.signature === undefined) continue;
    losses.add(
      field,
      `The reasoning was sent as text alone: ${member.name} takes no signature or encrypted form.`,
    );
  }
  const text = given.map(({ part }) => part.text).join("\n\n");
  return text === "" ? {} : { reasoning: text };
}

function detailsOf(part: ReasoningPart, index: number, format: string | undefined): readonly JsonObject[] {
  const common: JsonObject = format === undefined ? { index } : { index, format };
  const { text, signature, redactedData } = part;
  const details: JsonObject[] = [];
  // Text beside an encrypted form is the summary of it.
  if (text !== "" && redactedData !== undefined)
    details.push({ type: "reasoning.summary", summary: text, ...common });
  else if (signature !== undefined) details.push({ type: "reasoning.text", text, signature, ...common });
  else if (text !== "") details.push({ type: "reasoning.text", text, ...common });
  if (redactedData !== undefined)
    details.push({ type: "reasoning.encrypted", data: redactedData, ...common });
  return details;
}

/** The model's maker decides in which format its proof is; a router has to be told. */
const formats: readonly (readonly [string, string])[] = [
  ["anthropic/", "anthropic-claude-v1"],
  ["openai/", "openai-responses-v1"],
  ["x-ai/", "xai-responses-v1"],
  ["google/", "google-gemini-v1"],
];

const formatOf = (model: string): string | undefined =>
  formats.find(([maker]) => model.startsWith(maker))?.[1];
