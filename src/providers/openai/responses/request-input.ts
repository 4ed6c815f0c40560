// The conversation as input items: what the model wrote is one item for each part, in its order.
// Source: platform.openai.com/docs/api-reference/responses/create, `input`

import type { Message, Part, ToolCallPart, ToolResultPart } from "../../../core/chat/request.ts";
import { contentOf, pieceOf } from "./request-content.ts";
import { reasoningItem } from "./request-reasoning.ts";
import type { ReasoningContext } from "./request-reasoning.ts";
import type { InputContent, InputItem } from "./wire.ts";

export function inputItems(messages: readonly Message[], context: ReasoningContext): readonly InputItem[] {
  const { member, losses } = context;
  return messages.flatMap((message, i) => {
    const field = `messages[${i}]`;
    if (message.name !== undefined) {
      losses.add(`${field}.name`, "The name was left out: messages of the Responses API have none.");
    }
    for (const [j, part] of message.parts.entries()) {
      if (part.cacheHint === undefined || member.cachesBySelf) continue;
      losses.add(
        `${field}.parts[${j}].cacheHint`,
        `The hint was left out: ${member.name}'s Responses API takes none.`,
      );
    }
    switch (message.role) {
      case "system":
      case "user":
        return [
          { role: message.role, content: contentOf(piecesOf(message.parts, `${field}.parts`, context)) },
        ];
      case "assistant":
        return assistantItems(message.parts, field, context);
      case "tool":
        return message.parts.flatMap((part, j) =>
          part.type === "tool_result" ? [resultItem(part, `${field}.parts[${j}]`, context)] : [],
        );
    }
  });
}

function piecesOf(
  parts: readonly Part[],
  field: string,
  { member, losses }: ReasoningContext,
): readonly InputContent[] {
  return parts.flatMap((part, i) => {
    if (part.type !== "text" && part.type !== "image" && part.type !== "file") return [];
    const piece = pieceOf(part, { member, losses, field: `${field}[${i}]` });
    return piece === undefined ? [] : [piece];
  });
}

function assistantItems(
  parts: readonly Part[],
  field: string,
  context: ReasoningContext,
): readonly InputItem[] {
  return parts.flatMap((part, i): readonly InputItem[] => {
    const at = `${field}.parts[${i}]`;
    if (part.type === "text") return part.text === "" ? [] : [{ role: "assistant", content: part.text }];
    if (part.type === "tool_call") return [callItem(part, at, context)];
    if (part.type !== "reasoning") return [];
    const next = parts.slice(i + 1).find((later) => later.type !== "text" || later.text !== "");
    const item = reasoningItem(part, { field: at, next }, context);
    return item === undefined ? [] : [item];
  });
}

function callItem(part: ToolCallPart, field: string, { losses }: ReasoningContext): InputItem {
  if (part.signature !== undefined && part.signature !== "") {
    losses.add(`${field}.signature`, "Dropped: tool calls of the Responses API have no proof of their own.");
  }
  return { type: "function_call", call_id: part.id, name: part.name, arguments: part.argumentsJson };
}

function resultItem(part: ToolResultPart, field: string, context: ReasoningContext): InputItem {
  if (part.isError === true) {
    context.losses.add(
      `${field}.isError`,
      "The mark was left out: the Responses API has none for a failed tool.",
    );
  }
  const output = contentOf(piecesOf(part.content, `${field}.content`, context));
  return { type: "function_call_output", call_id: part.toolCallId, output };
}
