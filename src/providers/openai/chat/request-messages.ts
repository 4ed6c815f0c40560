// The conversation as Chat Completions messages. One tool message here is one for each result there.

import type { Message, ReasoningPart, ToolCallPart, ToolResultPart } from "../../../core/chat/request.ts";
import type { LossList } from "../../loss-list.ts";
import type { FamilyMember } from "./family-member.ts";
import { contentOf, fileContent, imageContent, textContent } from "./request-content.ts";
import { reasoningBack, thinkingPieces, toolProof } from "./request-reasoning.ts";
import { toolCallIdFor } from "./tool-call-id.ts";
import type { ContentPart, ToolCall, WireMessage } from "./wire.ts";

export interface MessageContext {
  readonly model: string;
  readonly member: FamilyMember;
  readonly losses: LossList;
}

export function wireMessages(messages: readonly Message[], context: MessageContext): readonly WireMessage[] {
  return messages.flatMap((message, index) => {
    const field = `messages[${index}]`;
    switch (message.role) {
      case "system":
      case "user":
        return promptMessage(message, message.role, { ...context, field });
      case "assistant":
        return assistantMessage(message, { ...context, field, last: index === messages.length - 1 });
      case "tool":
        return toolMessages(message, { ...context, field });
    }
  });
}

interface FieldContext extends MessageContext {
  readonly field: string;
}

function promptMessage(message: Message, role: "system" | "user", context: FieldContext): WireMessage {
  const { member, field } = context;
  const content: ContentPart[] = [];
  for (const [i, part] of message.parts.entries()) {
    if (part.type === "text") content.push(textContent(part, member));
    else if (part.type === "image") content.push(imageContent(part, member));
    else if (part.type === "file") {
      const file = fileContent(part, `${field}.parts[${i}]`, context);
      if (file !== undefined) content.push(file);
    }
  }
  return { role, content: contentOf(content), name: nameOf(message, context) };
}

function nameOf({ name }: Message, { member, losses, field }: FieldContext): string | undefined {
  if (name === undefined || member.takesNames) return name;
  losses.add(`${field}.name`, `The name was left out: ${member.name} knows no names of speakers.`);
  return undefined;
}

function assistantMessage(message: Message, context: FieldContext & { readonly last: boolean }): WireMessage {
  const { member, losses, field } = context;
  const written: ContentPart[] = [];
  const toolCalls: { part: ToolCallPart; field: string }[] = [];
  const reasoning: { part: ReasoningPart; field: string }[] = [];
  for (const [i, part] of message.parts.entries()) {
    const at = `${field}.parts[${i}]`;
    if (part.type === "text") written.push(textContent(part, member));
    else if (part.type === "reasoning") reasoning.push({ part, field: at });
    else if (part.type === "tool_call") {
      toolCalls.push({ part, field: at });
      loseHint(part.cacheHint, at, { member, losses });
    }
  }
  const content = [...thinkingPieces(reasoning, context), ...written];
  return {
    role: "assistant",
    content: content.length === 0 && toolCalls.length > 0 ? null : contentOf(content),
    name: nameOf(message, context),
    tool_calls: toolCalls.length === 0 ? undefined : toolCalls.map((call) => wireCall(call, context)),
    ...reasoningBack({ reasoning, toolCalls }, context),
    ...(context.last && toolCalls.length === 0 && member.prefillMark === "prefix" ? { prefix: true } : {}),
  };
}

function wireCall(
  given: { readonly part: ToolCallPart; readonly field: string },
  context: FieldContext,
): ToolCall {
  const { id, name, argumentsJson } = given.part;
  return {
    id: toolCallIdFor(id, context.member),
    type: "function",
    function: { name, arguments: argumentsJson },
    ...toolProof(given, context),
  };
}

function toolMessages(message: Message, { member, losses, field }: FieldContext): readonly WireMessage[] {
  if (message.name !== undefined) {
    losses.add(`${field}.name`, "The name was left out: tool messages of Chat Completions have none.");
  }
  return message.parts.flatMap((part, i) =>
    part.type === "tool_result" ? [toolMessage(part, `${field}.parts[${i}]`, { member, losses })] : [],
  );
}

function toolMessage(
  part: ToolResultPart,
  field: string,
  { member, losses }: { readonly member: FamilyMember; readonly losses: LossList },
): WireMessage {
  const content: ContentPart[] = [];
  for (const [i, piece] of part.content.entries()) {
    if (piece.type === "text") content.push(textContent(piece, member));
    else {
      const detail = "The image was left out: tool results of Chat Completions hold text alone.";
      losses.add(`${field}.content[${i}]`, detail);
    }
  }
  if (part.isError === true) {
    losses.add(`${field}.isError`, "The mark was left out: Chat Completions has none for a failed tool.");
  }
  loseHint(part.cacheHint, field, { member, losses });
  return { role: "tool", tool_call_id: toolCallIdFor(part.toolCallId, member), content: contentOf(content) };
}

/** Where hints are sent at all, only content has a place for them. */
export function loseHint(
  hint: unknown,
  field: string,
  { member, losses }: { readonly member: FamilyMember; readonly losses: LossList },
): void {
  if (hint === undefined || !member.takesCacheControl) return;
  losses.add(`${field}.cacheHint`, `The hint was left out: ${member.name} takes one on content alone.`);
}
