// What of a chat request can change its answer, in one form for all front ends. Where two ways of asking are not
// known to mean the same they stay apart: a wrong hit is worse than a miss.

import type { ChatRequest, Message, Part, Tool } from "./request.ts";

/**
 * To be made canonical: members that are undefined do not count. Labels never reach a model; hints say what a vendor
 * may keep, not what it answers. Messages and tools are handed on as they are, so that a member which is new to them
 * counts by itself.
 */
export const chatIdentity = ({
  messages,
  tools,
  toolChoice,
  parallelToolCalls,
  responseFormat,
  sampling,
  maxOutputTokens,
  stop,
  reasoning,
  providerOptions,
}: ChatRequest): object =>
  ({
    messages: messages.some(isMarked) ? messages.map(plainMessage) : messages,
    tools: tools === undefined || tools.length === 0 ? undefined : plainTools(tools),
    toolChoice,
    parallelToolCalls,
    responseFormat,
    sampling: unlessEmpty(sampling),
    maxOutputTokens,
    stop: stop === undefined || stop.length === 0 ? undefined : stop,
    reasoning: unlessEmpty(reasoning),
    providerOptions: unlessEmpty(providerOptions),
  }) satisfies { readonly [Member in keyof Required<Omit<ChatRequest, "labels" | "model">>]: unknown };

function unlessEmpty<T extends object>(settings: T | undefined): T | undefined {
  if (settings === undefined) return undefined;
  for (const name in settings) if (settings[name] !== undefined) return settings;
  return undefined;
}

const isMarked = ({ parts }: Message): boolean => parts.some(isMarkedPart);

/** An `isError` of false is as none: protobuf cannot tell them apart. */
const isMarkedPart = (part: Part): boolean =>
  part.cacheHint !== undefined ||
  (part.type === "tool_result" && (part.isError === false || part.content.some(isMarkedPart)));

const plainMessage = (message: Message): Message =>
  isMarked(message) ? { ...message, parts: message.parts.map(plainPart) } : message;

function plainPart<P extends Part>(part: P): P {
  if (!isMarkedPart(part)) return part;
  if (part.type !== "tool_result") return { ...part, cacheHint: undefined };
  const isError = part.isError === true ? true : undefined;
  return { ...part, cacheHint: undefined, isError, content: part.content.map(plainPart) };
}

const plainTools = (tools: readonly Tool[]): readonly Tool[] =>
  tools.some(({ cacheHint }) => cacheHint !== undefined)
    ? tools.map((tool) => (tool.cacheHint === undefined ? tool : { ...tool, cacheHint: undefined }))
    : tools;
