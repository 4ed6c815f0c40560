// Plays chunks through the stream decoder; builders for chunks and for the events that they must give.

import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import { createPartGatherer } from "../../../../src/core/chat/gather.ts";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import { openAiMember } from "../../../../src/providers/openai/chat/members.ts";
import { createOpenAiStreamDecoder } from "../../../../src/providers/openai/chat/stream.ts";
import { sseFraming } from "../../../../src/providers/upstream/sse.ts";
import type { SseFrame } from "../../../../src/providers/upstream/sse.ts";

export interface Read {
  readonly events: readonly ProviderChatEvent[];
  readonly complete: boolean;
  readonly error: ProviderError | undefined;
  readonly untold: unknown;
}

/** Each item is a chunk, or the text of a data line; behind them the body ends. */
export const read = (items: readonly (object | string)[], member: FamilyMember = openAiMember): Read =>
  readFrames(
    items.map((item) => ({
      event: undefined,
      data: typeof item === "string" ? item : JSON.stringify(item),
    })),
    member,
  );

/** A body as it comes over the wire. */
export function readBody(body: string, member: FamilyMember): Read {
  const parser = sseFraming.createParser({ maxFrameBytes: 1_000_000 });
  return readFrames([...parser.push(new TextEncoder().encode(body)), ...parser.end()], member);
}

function readFrames(frames: readonly SseFrame[], member: FamilyMember): Read {
  const decoder = createOpenAiStreamDecoder(member);
  const events: ProviderChatEvent[] = [];
  let error: ProviderError | undefined;
  try {
    for (const frame of frames) events.push(...decoder.decode(frame));
    events.push(...(decoder.end?.() ?? []));
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    error = thrown;
  }
  return { events, complete: decoder.isComplete(), error, untold: decoder.untoldUsage() };
}

/** The parts that hold something, in few words; a tool call is `name(arguments)`. */
export function partsOf(events: readonly ProviderChatEvent[]): readonly string[] {
  const gatherer = createPartGatherer();
  for (const event of events) {
    if (event.type === "part_started" || event.type === "part_delta" || event.type === "part_finished") {
      gatherer.add(event);
    }
  }
  return gatherer.parts().map((part) => {
    switch (part.kind) {
      case "text":
      case "reasoning":
      case "refusal":
        return `${part.kind}: ${part.text}`;
      case "tool_call":
        return `${part.id} ${part.name}(${part.argumentsJson})`;
      case "citation":
        return `citation: ${part.citation.url}`;
      case "image":
        return "image";
      case "opaque":
        return `${part.vendor} ${part.type}: ${JSON.stringify(part.json)}`;
    }
  });
}

/** The one `usage` event; undefined where none came. */
export function usageOf(events: readonly ProviderChatEvent[]): unknown {
  const told = events.filter((event) => event.type === "usage");
  if (told.length > 1) throw new Error("usage was told twice");
  return told[0]?.usage;
}

/** The reason and the vendor's own word for it. */
export const finishOf = (events: readonly ProviderChatEvent[]): unknown =>
  events.flatMap((event) => (event.type === "finished" ? [event.reason, event.rawReason] : []));

export const chunk = (delta: object, more: object = {}) => ({
  id: "chatcmpl-1",
  model: "gpt-x",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
export const call = (more: object) => chunk({ tool_calls: [more] });
export const piece = (told: object) => call({ index: 0, function: told });
export const detail = (more: object) => ({ type: "reasoning.text", index: 0, ...more });
export const finish = (reason: string) => chunk({}, { finish_reason: reason });
export const usageChunk = (usage: object) => ({ id: "chatcmpl-1", model: "gpt-x", choices: [], usage });
export const started: ProviderChatEvent = { type: "started", model: "gpt-x" };
export const start = (index: number, kind: "text" | "reasoning" | "refusal"): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind },
});
export const delta = (index: number, text: string): ProviderChatEvent => ({
  type: "part_delta",
  index,
  text,
});
export const stop = (index: number): ProviderChatEvent => ({ type: "part_finished", index });
export const tool = (index: number, id: string, name: string): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind: "tool_call", id, name },
});
