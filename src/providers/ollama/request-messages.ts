// The core's messages as the vendor's: one text each, images beside it, and a message for each result of a tool.

import type {
  FilePart,
  ImagePart,
  Message,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import { argumentsObject } from "../tool-arguments.ts";
import type { OllamaMessage, OllamaToolCall } from "./wire.ts";

interface Context {
  readonly losses: LossList;
  /** Names of tools by the ids of their calls. */
  readonly calledNames: ReadonlyMap<string, string>;
}

interface Place extends Context {
  readonly field: string;
}

export function ollamaMessages(messages: readonly Message[], losses: LossList): readonly OllamaMessage[] {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === "tool_call"));
  const context = { losses, calledNames: new Map(calls.map(({ id, name }) => [id, name])) };
  return messages.flatMap((message, i) => {
    const field = `messages[${i}]`;
    if (message.name !== undefined)
      losses.add(`${field}.name`, "Dropped: Ollama knows no names of speakers.");
    return message.role === "tool"
      ? resultMessages(message, { ...context, field })
      : [plainMessage(message, { ...context, field })];
  });
}

interface Gathered {
  readonly texts: string[];
  readonly thoughts: string[];
  readonly images: string[];
  readonly calls: OllamaToolCall[];
}

function plainMessage({ role, parts }: Message, { field, ...context }: Place): OllamaMessage {
  const gathered: Gathered = { texts: [], thoughts: [], images: [], calls: [] };
  const { texts, thoughts, images, calls } = gathered;
  for (const [i, part] of parts.entries()) {
    const place = { ...context, field: `${field}.parts[${i}]` };
    if (part.type === "text") texts.push(part.text);
    else if (part.type === "image" || part.type === "file") addMedia(part, { images, place });
    else if (part.type === "reasoning") addThought(part, { thoughts, place });
    else if (part.type === "tool_call") calls.push(wireCall(part, place));
  }
  return {
    role,
    content: texts.join("\n"),
    ...(thoughts.length === 0 ? {} : { thinking: thoughts.join("\n") }),
    ...(images.length === 0 ? {} : { images }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function addMedia(
  part: ImagePart | FilePart,
  { images, place }: { readonly images: string[]; readonly place: Place },
): void {
  const { losses, field } = place;
  const { source } = part;
  if (part.type === "image" && part.detail !== undefined && part.detail !== "auto") {
    losses.add(`${field}.detail`, "Dropped: Ollama knows no detail of images.");
  }
  if (part.type === "file" && source.mediaType?.toLowerCase().startsWith("image/") !== true) {
    losses.add(field, "Dropped: Ollama takes images, no other files. Send a file's text as text.");
  } else if ("url" in source) {
    losses.add(field, "Dropped: Ollama fetches no addresses; send the image as data.");
  } else {
    images.push(source.data);
  }
}

/** A proof says nothing here; the text does. */
function addThought(
  { text, signature, redactedData }: ReasoningPart,
  { thoughts, place }: { readonly thoughts: string[]; readonly place: Place },
): void {
  if (text !== "") thoughts.push(text);
  if ((signature ?? "") === "" && (redactedData ?? "") === "") return;
  place.losses.add(
    text === "" ? place.field : `${place.field}.signature`,
    "Dropped: Ollama takes the text of reasoning alone, no proof of it.",
  );
}

const wireCall = (call: ToolCallPart, { losses, field }: Place): OllamaToolCall => ({
  id: call.id,
  function: {
    name: call.name,
    arguments: argumentsObject(call, { vendorName: "Ollama", field, losses }),
  },
});

function resultMessages({ parts }: Message, { field, ...context }: Place): readonly OllamaMessage[] {
  return parts.flatMap((part, i) =>
    part.type === "tool_result" ? [resultMessage(part, { ...context, field: `${field}.parts[${i}]` })] : [],
  );
}

function resultMessage(part: ToolResultPart, { field, ...context }: Place): OllamaMessage {
  const texts: string[] = [];
  const images: string[] = [];
  for (const [i, inner] of part.content.entries()) {
    if (inner.type === "text") texts.push(inner.text);
    else addMedia(inner, { images, place: { ...context, field: `${field}.content[${i}]` } });
  }
  if (part.isError === true) {
    context.losses.add(`${field}.isError`, "Dropped: Ollama has no mark for a failed tool.");
  }
  const name = context.calledNames.get(part.toolCallId);
  return {
    role: "tool",
    content: texts.join("\n"),
    ...(images.length === 0 ? {} : { images }),
    ...(name === undefined ? {} : { tool_name: name }),
    tool_call_id: part.toolCallId,
  };
}
