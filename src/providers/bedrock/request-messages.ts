// The core's messages as the vendor's: system texts of their own, and user and assistant by turns, where the
// results of tools are the user's.

import type { Message, Part, ReasoningPart, ToolResultPart } from "../../core/chat/request.ts";
import { givenProof } from "../given-proof.ts";
import type { LossList } from "../loss-list.ts";
import { argumentsObject } from "../tool-arguments.ts";
import type { CachePoints } from "./cache-points.ts";
import type { ModelTraits } from "./model-traits.ts";
import { toolUseId } from "./tool-use-id.ts";
import { type DocumentNames, fileBlock, imageBlock } from "./request-media.ts";
import type {
  CachePoint,
  ContentBlock,
  ConverseMessage,
  ImageBlock,
  ReasoningBlock,
  TextBlock,
} from "./wire.ts";

export interface MessageContext {
  readonly points: CachePoints;
  readonly names: DocumentNames;
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

interface PartContext extends MessageContext {
  readonly role: Message["role"];
  readonly field: string;
}

export function systemBlocks(
  messages: readonly Message[],
  context: MessageContext,
): readonly (TextBlock | CachePoint)[] {
  const firstTurn = messages.findIndex((message) => message.role !== "system");
  return messages.flatMap((message, i) => {
    if (message.role !== "system") return [];
    const { role } = message;
    const field = `messages[${i}]`;
    noteName(message, { ...context, role, field });
    if (firstTurn !== -1 && i > firstTurn) {
      context.losses.add(field, "Moved to the front: Bedrock has system text there alone.");
    }
    return message.parts.flatMap((part, j): readonly (TextBlock | CachePoint)[] => {
      const at = `${field}.parts[${j}]`;
      const block = part.type === "text" ? textBlock(part.text, { ...context, role, field: at }) : undefined;
      return block === undefined ? [] : [block, ...context.points.after(part.cacheHint, at)];
    });
  });
}

/** A part's block with the cache point behind it. */
type Group = readonly ContentBlock[];

/** Neighbours of one role are one turn, with results of tools first, as Claude asks. */
export function turnsOf(messages: readonly Message[], context: MessageContext): readonly ConverseMessage[] {
  const turns: { readonly role: ConverseMessage["role"]; readonly groups: Group[] }[] = [];
  for (const [i, message] of messages.entries()) {
    if (message.role === "system") continue;
    const field = `messages[${i}]`;
    const within = { ...context, role: message.role };
    noteName(message, { ...within, field });
    const role = message.role === "assistant" ? "assistant" : "user";
    const groups = message.parts
      .map((part, j) => groupOf(part, { ...within, field: `${field}.parts[${j}]` }))
      .filter((group) => group.length > 0);
    if (groups.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.groups.push(...groups);
    else turns.push({ role, groups });
  }
  return trimLast(
    turns.map(({ role, groups }) => ({ role, content: withText(resultsFirst(groups).flat(), context) })),
    context,
  );
}

function noteName({ name }: Message, { losses, field }: PartContext): void {
  if (name !== undefined) losses.add(`${field}.name`, "Dropped: Bedrock knows no names of speakers.");
}

const isResult = ([block]: Group): boolean => block !== undefined && "toolResult" in block;

const resultsFirst = (groups: readonly Group[]): readonly Group[] => [
  ...groups.filter(isResult),
  ...groups.filter((group) => !isResult(group)),
];

/** The vendor refuses documents without a text beside them. */
function withText(content: readonly ContentBlock[], { losses }: MessageContext): readonly ContentBlock[] {
  const has = (kind: "document" | "text"): boolean => content.some((block) => kind in block);
  if (!has("document") || has("text")) return content;
  const text = "See the attached document.";
  losses.add("messages", `The text "${text}" was added: Bedrock takes no document without a text.`);
  return [...content, { text }];
}

// Claude refuses an answer that is begun for it and ends in whitespace.
function trimLast(
  turns: readonly ConverseMessage[],
  { traits, losses }: MessageContext,
): readonly ConverseMessage[] {
  const turn = turns.at(-1);
  const block = turn?.content.at(-1);
  if (!traits.isClaude || turn?.role !== "assistant" || block === undefined || !("text" in block))
    return turns;
  const text = block.text.trimEnd();
  if (text === block.text) return turns;
  losses.add("messages", "Whitespace at the end of the last assistant message was cut: Claude refuses it.");
  const content = text === "" ? turn.content.slice(0, -1) : [...turn.content.slice(0, -1), { text }];
  return content.length === 0 ? turns.slice(0, -1) : [...turns.slice(0, -1), { role: turn.role, content }];
}

function groupOf(part: Part, context: PartContext): Group {
  const { points, losses, field } = context;
  if (part.type === "reasoning") {
    if (part.cacheHint !== undefined) {
      losses.add(`${field}.cacheHint`, "Dropped: Bedrock takes no cache point behind reasoning.");
    }
    return reasoningBlocks(part, context);
  }
  const block = blockOf(part, context);
  return block === undefined ? [] : [block, ...points.after(hintOf(part), field)];
}

/** A result's cache point can stand only behind it all. */
function hintOf(part: Exclude<Part, ReasoningPart>): Part["cacheHint"] {
  if (part.cacheHint !== undefined || part.type !== "tool_result") return part.cacheHint;
  return part.content.findLast((inner) => inner.cacheHint !== undefined)?.cacheHint;
}

function blockOf(part: Exclude<Part, ReasoningPart>, context: PartContext): ContentBlock | undefined {
  switch (part.type) {
    case "text":
      return textBlock(part.text, context);
    case "image":
      return imageBlock(part, context);
    case "file":
      return fileBlock(part, context);
    case "tool_call":
      return {
        toolUse: {
          toolUseId: toolUseId(part.id, context.traits),
          name: part.name,
          input: argumentsObject(part, { ...context, vendorName: "Bedrock" }),
        },
      };
    case "tool_result":
      return toolResult(part, context);
  }
}

function toolResult(part: ToolResultPart, context: PartContext): ContentBlock {
  const content = part.content.flatMap((inner, i): readonly (TextBlock | ImageBlock)[] => {
    const at = { ...context, field: `${context.field}.content[${i}]` };
    const block = inner.type === "text" ? textBlock(inner.text, at) : imageBlock(inner, at);
    return block === undefined ? [] : [block];
  });
  return {
    toolResult: {
      toolUseId: toolUseId(part.toolCallId, context.traits),
      content: content.length === 0 ? emptyResult(context) : content,
      // Only some makers' models take a status: that of a good result goes without saying.
      ...(part.isError === true ? { status: "error" } : {}),
    },
  };
}

/** Some makers' models refuse a result that holds nothing. */
function emptyResult({ traits, losses, field }: PartContext): readonly TextBlock[] {
  if (traits.isClaude) return [];
  losses.add(`${field}.content`, 'Sent as "(empty)": not every model on Bedrock takes a result of nothing.');
  return [{ text: "(empty)" }];
}

/** Models and tools write whitespace alone, which the vendor refuses from them; a user's it has been seen to take. */
function textBlock(text: string, { role, losses, field }: PartContext): TextBlock | undefined {
  if (text.trim() !== "" || (role === "user" && text !== "")) return { text };
  if (text !== "") losses.add(field, "Dropped: Bedrock refuses text of whitespace alone.");
  return undefined;
}

function reasoningBlocks(
  part: ReasoningPart,
  { traits, losses, field }: PartContext,
): readonly ReasoningBlock[] {
  const { signature } = givenProof(part, traits.prover);
  // The encrypted form is the bytes of this API's own.
  const { redactedData } = givenProof(part, "bedrock");
  if (redactedData !== undefined) return [{ reasoningContent: { redactedContent: redactedData } }];
  if (signature !== undefined) {
    return [{ reasoningContent: { reasoningText: { text: part.text, signature } } }];
  }
  losses.add(field, "Dropped: Bedrock takes reasoning back only with its own signature.");
  return [];
}
