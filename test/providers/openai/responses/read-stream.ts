// Plays events through the decoder, as the tests of streams need it.

import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import type { ResponsesMember } from "../../../../src/providers/openai/responses/member.ts";
import { openAiResponses } from "../../../../src/providers/openai/responses/members.ts";
import { createResponsesStreamDecoder } from "../../../../src/providers/openai/responses/stream.ts";

export interface Read {
  readonly events: readonly ProviderChatEvent[];
  readonly complete: boolean;
  readonly error: ProviderError | undefined;
  readonly untold: unknown;
}

/** Each item is an event, or the text of a data line. */
export function read(items: readonly (object | string)[], member: ResponsesMember = openAiResponses): Read {
  const decoder = createResponsesStreamDecoder({ member, maker: member.makerOf("m") });
  const events: ProviderChatEvent[] = [];
  let error: ProviderError | undefined;
  try {
    for (const item of items) {
      const data = typeof item === "string" ? item : JSON.stringify(item);
      events.push(...decoder.decode({ event: undefined, data }));
    }
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    error = thrown;
  }
  return { events, complete: decoder.isComplete(), error, untold: decoder.untoldUsage() };
}

export const created = {
  type: "response.created",
  response: { id: "resp_1", model: "gpt-x", status: "in_progress" },
};
export const started: ProviderChatEvent = { type: "started", model: "gpt-x" };

export const added = (output_index: number, item: object) => ({
  type: "response.output_item.added",
  output_index,
  item,
});
export const done = (output_index: number, item: object) => ({
  type: "response.output_item.done",
  output_index,
  item,
});
export const textDelta = (output_index: number, delta: string, more: object = {}) => ({
  type: "response.output_text.delta",
  output_index,
  content_index: 0,
  delta,
  ...more,
});
export const completed = (output: readonly object[] = [], more: object = {}) => ({
  type: "response.completed",
  response: { id: "resp_1", model: "gpt-x", status: "completed", output, ...more },
});

export const message = (text: string, more: object = {}) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [], ...more }],
});

export const start = (index: number, kind: "text" | "reasoning" | "refusal"): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind },
});
export const tool = (index: number, id: string, name: string): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind: "tool_call", id, name },
});
export const more = (index: number, text: string): ProviderChatEvent => ({ type: "part_delta", index, text });
export const stop = (index: number): ProviderChatEvent => ({ type: "part_finished", index });
export const finished = (reason: "stop" | "tool_calls" | "refusal"): ProviderChatEvent => ({
  type: "finished",
  reason,
  rawReason: "completed",
});
export const opaque = (index: number, type: string, json: unknown) => ({
  type: "part_started",
  index,
  part: { kind: "opaque", vendor: "openai", type, json },
});
