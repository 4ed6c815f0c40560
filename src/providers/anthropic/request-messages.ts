// The core's messages as the vendor's: system texts of their own, and user and assistant by turns, where the
// results of tools are the user's.

import type { Message, Part, ReasoningPart, ToolResultPart } from "../../core/chat/request.ts";
import { givenProof } from "../given-proof.ts";
import type { LossList } from "../loss-list.ts";
import { argumentsObject } from "../tool-arguments.ts";
import { wordId } from "../word-id.ts";
import type { CacheMarks } from "./cache-marks.ts";
import { fileBlock, imageBlock } from "./request-media.ts";
import type { AnthropicMessage, ContentBlock, ImageBlock, TextBlock, ToolResultBlock } from "./wire.ts";

export interface MessageContext {
  readonly marks: CacheMarks;
  readonly losses: LossList;
}

interface PartContext extends MessageContext {
  readonly field: string;
}

export function systemBlocks(messages: readonly Message[], context: MessageContext): readonly TextBlock[] {
  const firstTurn = messages.findIndex((message) => message.role !== "system");
  return messages.flatMap((message, i) => {
    if (message.role !== "system") return [];
    const field = `messages[${i}]`;
    noteName(message, { ...context, field });
    if (firstTurn !== -1 && i > firstTurn) {
      context.losses.add(field, "Moved to the front: Anthropic has system text there alone.");
    }
    return message.parts.flatMap((part, j) =>
      part.type === "text" ? textBlocks(part, { ...context, field: `${field}.parts[${j}]` }) : [],
    );
  });
}

/** Neighbours of one role are one turn, with results of tools first, as the vendor asks. */
export function turnsOf(messages: readonly Message[], context: MessageContext): readonly AnthropicMessage[] {
  const turns: { role: AnthropicMessage["role"]; content: ContentBlock[] }[] = [];
  for (const [i, message] of messages.entries()) {
    if (message.role === "system") continue;
    const field = `messages[${i}]`;
    noteName(message, { ...context, field });
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = message.parts.flatMap((part, j) =>
      blocksOf(part, { ...context, field: `${field}.parts[${j}]` }),
    );
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content = [...last.content, ...content];
    else turns.push({ role, content });
  }
  return trimLast(
    turns.map(({ role, content }) => ({ role, content: resultsFirst(content) })),
    context.losses,
  );
}

function noteName({ name }: Message, { losses, field }: PartContext): void {
  if (name !== undefined) losses.add(`${field}.name`, "Dropped: Anthropic knows no names of speakers.");
}

function resultsFirst(content: readonly ContentBlock[]): readonly ContentBlock[] {
  const results = content.filter((block) => block.type === "tool_result");
  return results.length === 0
    ? content
    : [...results, ...content.filter((block) => block.type !== "tool_result")];
}

// The vendor refuses an answer that is begun for it and ends in whitespace.
function trimLast(turns: readonly AnthropicMessage[], losses: LossList): readonly AnthropicMessage[] {
  const turn = turns.at(-1);
  const block = turn?.content.at(-1);
  if (turn?.role !== "assistant" || block?.type !== "text") return turns;
  const text = block.text.trimEnd();
  if (text === block.text) return turns;
  losses.add(
    "messages",
    "Whitespace at the end of the last assistant message was cut: Anthropic refuses it.",
  );
  return [
    ...turns.slice(0, -1),
    { role: turn.role, content: [...turn.content.slice(0, -1), { ...block, text }] },
  ];
}

function blocksOf(part: Part, context: PartContext): readonly ContentBlock[] {
  const { marks, losses, field } = context;
  switch (part.type) {
    case "text":
      return textBlocks(part, context);
    case "image":
      return [{ ...imageBlock(part, context), ...marks.mark(part.cacheHint, field) }];
    case "file": {
      const block = fileBlock(part, context);
      return block === undefined ? [] : [{ ...block, ...marks.mark(part.cacheHint, field) }];
    }
    case "tool_call":
      return [
        {
          type: "tool_use",
          id: wordId(part.id),
          name: part.name,
          input: argumentsObject(part, { ...context, vendorName: "Anthropic" }),
          ...marks.mark(part.cacheHint, field),
        },
      ];
    case "tool_result":
      return [toolResult(part, context)];
    case "reasoning":
      if (part.cacheHint !== undefined) {
        losses.add(`${field}.cacheHint`, "Dropped: Anthropic takes no cache mark on reasoning.");
      }
      return reasoningBlocks(part, context);
  }
}

function reasoningBlocks(part: ReasoningPart, { losses, field }: PartContext): readonly ContentBlock[] {
  const { signature, redactedData } = givenProof(part, "anthropic");
  if (redactedData !== undefined) return [{ type: "redacted_thinking", data: redactedData }];
  if (signature !== undefined) return [{ type: "thinking", thinking: part.text, signature }];
  losses.add(field, "Dropped: Anthropic takes reasoning back only with its own signature.");
  return [];
}

function textBlocks(
  { text, cacheHint }: Extract<Part, { type: "text" }>,
  { marks, losses, field }: PartContext,
): readonly TextBlock[] {
  if (text.trim() !== "") return [{ type: "text", text, ...marks.mark(cacheHint, field) }];
  if (text !== "") losses.add(field, "Dropped: Anthropic refuses text of whitespace alone.");
  return [];
}

function toolResult(part: ToolResultPart, context: PartContext): ToolResultBlock {
  const content = part.content.flatMap((inner, i): readonly (TextBlock | ImageBlock)[] => {
    const at = { ...context, field: `${context.field}.content[${i}]` };
    return inner.type === "text"
      ? textBlocks(inner, at)
      : [{ ...imageBlock(inner, at), ...context.marks.mark(inner.cacheHint, at.field) }];
  });
  return {
    type: "tool_result",
    tool_use_id: wordId(part.toolCallId),
    ...(content.length === 0 ? {} : { content }),
    ...(part.isError === undefined ? {} : { is_error: part.isError }),
    ...context.marks.mark(part.cacheHint, context.field),
  };
}
