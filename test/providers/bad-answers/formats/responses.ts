// The Responses API. Source: platform.openai.com/docs/api-reference/responses

import { createResponsesProvider } from "../../../../src/providers/openai/responses/index.ts";
import type { ResponsesMember } from "../../../../src/providers/openai/responses/member.ts";
import { bytes, namedSse } from "../encode.ts";
import type { NamedEvent } from "../encode.ts";
import type { ToldReply, WireFormat } from "../wire-format.ts";

const head = { id: "resp_1", object: "response", created_at: 1_760_000_000, model: "a-model" };

const outputOf = ({ text, callArguments }: ToldReply): readonly object[] => [
  ...(text === undefined
    ? []
    : [
        {
          type: "message",
          id: "msg_1",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text, annotations: [] }],
        },
      ]),
  ...(callArguments === undefined
    ? []
    : [{ type: "function_call", id: "fc_1", call_id: "call_1", name: "look_up", arguments: callArguments }]),
];

const itemEvents = (reply: ToldReply): readonly NamedEvent[] =>
  outputOf(reply).flatMap((item, i) => [
    { type: "response.output_item.added", output_index: i, item: { ...item, content: [], arguments: "" } },
    { type: "response.output_item.done", output_index: i, item },
  ]);

const completed = (reply: ToldReply): NamedEvent => ({
  type: "response.completed",
  response: { ...head, status: "completed", output: outputOf(reply), usage: reply.usage },
});

/** `requestIdHeader`: the vendor's own. */
export const responses = (member: ResponsesMember, requestIdHeader: string): WireFormat => ({
  name: `${member.kind} (responses)`,
  provider: (baseUrl) => createResponsesProvider({ member, baseUrl, apiKey: "a-key" }),
  requestIdHeader,
  error: (status, words) => ({
    body: {
      error: {
        message: words,
        type: status < 500 ? "invalid_request_error" : "server_error",
        param: null,
        code: null,
      },
    },
  }),
  whole: (reply) => ({ ...head, status: "completed", output: outputOf(reply), usage: reply.usage }),
  hollow: { ...head, output: [] },
  hollowStream: namedSse(
    { type: "response.created", response: { ...head, status: "in_progress", output: [] } },
    { type: "response.completed", response: {} },
  ),
  streamType: "text/event-stream",
  stream: (reply) =>
    namedSse(
      {
        type: "response.created",
        response: { ...head, status: "in_progress", output: [], usage: reply.earlierUsage },
      },
      ...itemEvents(reply),
      completed(reply),
    ),
  terminal: namedSse({ type: "response.completed" }),
  terminalIsReply: false,
  errorEvent: (words) => namedSse({ type: "error", code: "server_error", message: words, param: null }),
  keepAlive: bytes(": keep-alive\n\n"),
  frameStart: bytes(
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"',
  ),
  usage: ({ input, output, cached, reasoning }) => ({
    input_tokens: input,
    output_tokens: output,
    input_tokens_details: { cached_tokens: cached },
    output_tokens_details: { reasoning_tokens: reasoning },
  }),
  inputHasCached: true,
  outputHasReasoning: true,
});
