// Chat Completions. Source: platform.openai.com/docs/api-reference/chat

import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/chat/index.ts";
import { bytes, sse } from "../encode.ts";
import type { ToldReply, WireFormat } from "../wire-format.ts";

const errorTypes = new Map([
  [401, "authentication_error"],
  [404, "not_found_error"],
  [429, "rate_limit_error"],
  [500, "server_error"],
  [503, "server_error"],
]);

const head = { id: "chatcmpl-1", created: 1_760_000_000, model: "a-model" };

const callOf = ({ callArguments }: ToldReply): object =>
  callArguments === undefined
    ? {}
    : {
        tool_calls: [
          {
            index: 0,
            id: "call_1",
            type: "function",
            function: { name: "look_up", arguments: callArguments },
          },
        ],
      };

const chunk = (delta: object, finishReason: string | null = null): object => ({
  ...head,
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason: finishReason }],
});

const reasonOf = ({ callArguments }: ToldReply): string =>
  callArguments === undefined ? "stop" : "tool_calls";

const usageChunk = (usage: unknown): readonly object[] =>
  usage === undefined ? [] : [{ ...head, object: "chat.completion.chunk", choices: [], usage }];

/** `requestIdHeader`: the vendor's own. */
export const chatCompletions = (
  member: FamilyMember,
  requestIdHeader: string,
  outputHasReasoning = true,
): WireFormat => ({
  name: `${member.kind} (chat)`,
  provider: (baseUrl) => createOpenAiProvider({ member, baseUrl, apiKey: "a-key" }),
  requestIdHeader,
  error: (status, words) => ({
    body: {
      error: {
        message: words,
        type: errorTypes.get(status) ?? "invalid_request_error",
        param: null,
        code: null,
      },
    },
  }),
  whole: (reply) => ({
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: reply.text ?? null, ...callOf(reply) },
        finish_reason: reasonOf(reply),
      },
    ],
    usage: reply.usage,
  }),
  hollow: { ...head, object: "chat.completion", choices: [{ index: 0, message: { role: "assistant" } }] },
  hollowStream: sse(chunk({ role: "assistant", content: "" }), "[DONE]"),
  streamType: "text/event-stream",
  stream: (reply) =>
    sse(
      chunk({ role: "assistant", content: "" }),
      ...usageChunk(reply.earlierUsage),
      chunk({ content: reply.text ?? null, ...callOf(reply) }),
      chunk({}, reasonOf(reply)),
      ...usageChunk(reply.usage),
      "[DONE]",
    ),
  terminal: sse("[DONE]"),
  terminalIsReply: false,
  errorEvent: (words) => sse({ error: { message: words, type: "server_error", code: null } }),
  keepAlive: bytes(": keep-alive\n\n"),
  frameStart: bytes('data: {"choices":[{"index":0,"delta":{"content":"'),
  usage: ({ input, output, cached, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }),
  inputHasCached: true,
  outputHasReasoning,
});
