// Reasoning of earlier turns, given back to the model that wrote it.
// Source: platform.openai.com/docs/guides/reasoning, "Encrypted reasoning items"

import type { Part, ReasoningPart } from "../../../core/chat/request.ts";
import { givenProof } from "../../given-proof.ts";
import type { LossList } from "../../loss-list.ts";
import { formatOfVendor } from "../proof-format.ts";
import type { ResponsesMember } from "./member.ts";
import type { ReasoningItem } from "./wire.ts";

export interface ReasoningContext {
  readonly member: ResponsesMember;
  /** Whose proofs the model takes. */
  readonly maker: string;
  /** Whether the vendor keeps answers, so that an id is enough. */
  readonly stored: boolean;
  readonly losses: LossList;
}

interface Place {
  readonly field: string;
  /** What is sent behind it of the same message. */
  readonly next: Part | undefined;
}

/** Undefined, with a loss, where it cannot be given back. */
export function reasoningItem(
  part: ReasoningPart,
  { field, next }: Place,
  context: ReasoningContext,
): ReasoningItem | undefined {
  const { member, maker, losses } = context;
  if (member.reasoningBack === "text") return textItem(part, field, context);
  const { signature, redactedData } = givenProof(part, maker);
  const { stored } = context;
  // Anthropic's signature proves the text itself; elsewhere the signature is the item's id.
  const signed = member.reasoningBack === "encrypted with format" && maker === "anthropic";
  if (redactedData === undefined && !(signature !== undefined && (stored || signed))) {
    losses.add(
      field,
      `Dropped: ${member.name} takes reasoning back only in the encrypted form that this model gave it.`,
    );
    return undefined;
  }
  if (maker === "openai" && (next === undefined || next.type === "reasoning")) {
    losses.add(field, `Dropped: ${member.name} takes reasoning back only before what came of it.`);
    return undefined;
  }
  const format = member.reasoningBack === "encrypted with format" ? formatOfVendor(maker) : undefined;
  const { text } = part;
  if (signed) {
    const content = text === "" ? undefined : [{ type: "reasoning_text" as const, text }];
    return { type: "reasoning", summary: [], content, encrypted_content: redactedData, signature, format };
  }
  const summary = text === "" ? [] : [{ type: "summary_text" as const, text }];
  return { type: "reasoning", id: signature, summary, encrypted_content: redactedData, format };
}

function textItem(
  part: ReasoningPart,
  field: string,
  { member, maker, losses }: ReasoningContext,
): ReasoningItem | undefined {
  const { signature } = givenProof(part, maker);
  if (part.text === "") {
    losses.add(field, `Dropped: ${member.name} takes reasoning back as text alone, and this has none.`);
    return undefined;
  }
  if (part.redactedData !== undefined || (part.signature !== undefined && signature === undefined)) {
    losses.add(field, `Sent as text alone: ${member.name} takes no proof of another vendor's.`);
  }
  return {
    type: "reasoning",
    id: signature,
    summary: [],
    content: [{ type: "reasoning_text", text: part.text }],
  };
}
