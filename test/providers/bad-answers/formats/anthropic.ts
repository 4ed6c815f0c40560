// Anthropic's Messages. Source: platform.claude.com/docs/en/api/messages, /docs/en/api/errors

import { createAnthropicProvider } from "../../../../src/providers/anthropic/index.ts";
import { bytes, namedSse } from "../encode.ts";
import type { NamedEvent } from "../encode.ts";
import type { ToldReply, WireFormat } from "../wire-format.ts";

const errorTypes = new Map([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [404, "not_found_error"],
  [429, "rate_limit_error"],
  [500, "api_error"],
  [503, "overloaded_error"],
]);

const head = { id: "msg_1", type: "message", role: "assistant", model: "a-model" };

const reasonOf = ({ callArguments }: ToldReply): string =>
  callArguments === undefined ? "end_turn" : "tool_use";

const blocksOf = ({ text, callArguments }: ToldReply): readonly object[] => [
  ...(text === undefined ? [] : [{ type: "text", text }]),
  ...(callArguments === undefined
    ? []
    : [{ type: "tool_use", id: "toolu_1", name: "look_up", input: callArguments }]),
];

/** Arguments come as text in a stream. */
function blockEvents({ text, callArguments }: ToldReply): readonly NamedEvent[] {
  const events: NamedEvent[] = [];
  if (text !== undefined) {
    events.push(
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      { type: "content_block_stop", index: 0 },
    );
  }
  if (callArguments !== undefined) {
    const call = { type: "tool_use", id: "toolu_1", name: "look_up", input: {} };
    events.push(
      { type: "content_block_start", index: 1, content_block: call },
      {
        type: "content_block_delta",
        index: 1,
        delta: { type: "input_json_delta", partial_json: callArguments },
      },
      { type: "content_block_stop", index: 1 },
    );
  }
  return events;
}

const stop: NamedEvent = { type: "message_stop" };

const streamOf = (reply: ToldReply): readonly NamedEvent[] => [
  { type: "message_start", message: { ...head, content: [], usage: reply.earlierUsage } },
  ...blockEvents(reply),
  {
    type: "message_delta",
    delta: { stop_reason: reasonOf(reply), stop_sequence: null },
    usage: reply.usage,
  },
  stop,
];

export const anthropicFormat: WireFormat = {
  name: "anthropic",
  provider: (baseUrl) => createAnthropicProvider({ baseUrl, apiKey: "a-key" }),
  requestIdHeader: "request-id",
  error: (status, words) => ({
    body: { type: "error", error: { type: errorTypes.get(status), message: words } },
  }),
  whole: (reply) => ({
    ...head,
    content: blocksOf(reply),
    stop_reason: reasonOf(reply),
    stop_sequence: null,
    usage: reply.usage,
  }),
  hollow: { ...head, content: [] },
  hollowStream: namedSse(
    { type: "message_start", message: { ...head, content: [] } },
    { type: "message_delta", delta: { stop_reason: null } },
    stop,
  ),
  streamType: "text/event-stream",
  stream: (reply) => namedSse(...streamOf(reply)),
  terminal: namedSse(stop),
  terminalIsReply: false,
  errorEvent: (words) => namedSse({ type: "error", error: { type: "api_error", message: words } }),
  keepAlive: bytes('event: ping\ndata: {"type": "ping"}\n\n'),
  frameStart: bytes('event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"x":"'),
  usage: ({ input, output, cached, reasoning }) => ({
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: cached,
    output_tokens_details: { thinking_tokens: reasoning },
  }),
  inputHasCached: false,
  outputHasReasoning: true,
};
