// Reasoning of earlier turns and the proofs of tool calls, given back to the model that made them.
// Sources: openrouter.ai/docs/use-cases/reasoning-tokens, "Preserving reasoning";
// api-docs.deepseek.com/guides/thinking_mode; docs.mistral.ai/capabilities/reasoning;
// ai.google.dev/gemini-api/docs/thought-signatures, "OpenAI compatibility"

import type { ReasoningPart, ToolCallPart } from "../../../core/chat/request.ts";
import type { JsonObject } from "../../../core/json.ts";
import { givenProof } from "../../given-proof.ts";
import type { LossList } from "../../loss-list.ts";
import type { Proof } from "../../part-writer.ts";
import { formatOfVendor } from "../proof-format.ts";
import type { FamilyMember } from "./family-member.ts";
import type { ContentPart, ToolCall, WireMessage } from "./wire.ts";

interface Given<P> {
  readonly part: P;
  readonly field: string;
}

interface Context {
  readonly model: string;
  readonly member: FamilyMember;
  readonly losses: LossList;
}

export interface TurnGiven {
  readonly reasoning: readonly Given<ReasoningPart>[];
  readonly toolCalls: readonly Given<ToolCallPart>[];
}

/** What stands beside the content of an assistant's message. */
export function reasoningBack(given: TurnGiven, context: Context): Partial<WireMessage> {
  const { member, losses } = context;
  const { reasoning } = given;
  if (member.reasoningBack === "details") return detailsBack(given, context);
  if (member.reasoningBack === "no") {
    for (const { field } of reasoning) {
      losses.add(field, `The reasoning was left out: ${member.name} takes none back in Chat Completions.`);
    }
    return {};
  }
  loseProofs(reasoning, context);
  if (member.reasoningBack === "thinking pieces") return {};
  const text = reasoning.map(({ part }) => part.text).join("\n\n");
  return text === "" && member.wantsReasoning !== true ? {} : { [member.reasoningBack]: text };
}

/** Reasoning that is given back as the first pieces of the content. */
export const thinkingPieces = (
  reasoning: readonly Given<ReasoningPart>[],
  { member }: Context,
): readonly ContentPart[] =>
  member.reasoningBack !== "thinking pieces"
    ? []
    : reasoning.flatMap(({ part: { text } }) =>
        text === "" ? [] : [{ type: "thinking", thinking: [{ type: "text", text }] }],
      );

function loseProofs(reasoning: readonly Given<ReasoningPart>[], { member, losses }: Context): void {
  for (const { part, field } of reasoning) {
    if (!isProven(part)) continue;
    const detail = `The reasoning was sent as text alone: ${member.name} takes no signature or encrypted form.`;
    losses.add(field, detail);
  }
}

const isProven = ({ signature, redactedData }: Proof): boolean =>
  (signature ?? "") !== "" || (redactedData ?? "") !== "";

/** The proof, where the model that is asked takes it: its maker's, or one that names nobody else. */
function takenProof(part: Proof, { model, member }: Context): Proof {
  const maker = member.proverOf?.(model);
  return givenProof(part, part.vendor === member.kind ? member.kind : (maker ?? member.kind));
}

function detailsBack({ reasoning, toolCalls }: TurnGiven, context: Context): Partial<WireMessage> {
  const { model, member, losses } = context;
  const details: JsonObject[] = [];
  let index = 0;
  const common = (vendor: string | undefined): JsonObject => {
    const format = formatOfVendor(vendor) ?? formatOfVendor(member.proverOf?.(model));
    const at = index;
    index += 1;
    return format === undefined ? { index: at } : { index: at, format };
  };
  for (const { part, field } of reasoning) {
    const proof = takenProof(part, context);
    if (isProven(part) && !isProven(proof)) {
      losses.add(field, `Dropped: the proof of the reasoning, which is for ${part.vendor} alone.`);
    }
    details.push(...detailsOf(part.text, proof, common(isProven(proof) ? part.vendor : undefined)));
  }
  for (const { part } of toolCalls) {
    const { signature } = takenProof(part, context);
    if (signature === undefined) continue;
    details.push({ type: "reasoning.encrypted", id: part.id, data: signature, ...common(part.vendor) });
  }
  return details.length === 0 ? {} : { reasoning_details: details };
}

/** The pieces of one part bear one index. */
function detailsOf(
  text: string,
  { signature, redactedData }: Proof,
  common: JsonObject,
): readonly JsonObject[] {
  const details: JsonObject[] = [];
  // Text beside an encrypted form is the summary of it.
  if (text !== "" && redactedData !== undefined) {
    details.push({ type: "reasoning.summary", summary: text, ...common });
  } else if (signature !== undefined) details.push({ type: "reasoning.text", text, signature, ...common });
  else if (text !== "") details.push({ type: "reasoning.text", text, ...common });
  if (redactedData !== undefined) {
    details.push({ type: "reasoning.encrypted", data: redactedData, ...common });
  }
  return details;
}

/** The proof of a tool call where it stands beside the call; one that has no place is a loss. */
export function toolProof(
  { part, field }: Given<ToolCallPart>,
  context: Context,
): Pick<ToolCall, "extra_content"> {
  if (!isProven(part)) return {};
  const { member, losses } = context;
  const { signature } =
    member.toolProofAs === "extra_content" && member.proverOf?.(context.model) === undefined
      ? {}
      : takenProof(part, context);
  if (member.toolProofAs === undefined || signature === undefined) {
    losses.add(field, `Dropped: the proof of the tool call, which ${member.name} does not take.`);
    return {};
  }
  if (member.toolProofAs === "details") return {};
  return { extra_content: { google: { thought_signature: signature } } };
}
