// What the upstream says, in the format of OpenAI's Chat Completions.

import { lastOfSse, model } from "./chats.ts";

const common = { id: "chatcmpl-1", created: 1_700_000_000, model };
const usage = { prompt_tokens: 20, completion_tokens: 8, total_tokens: 28 };

export const wholeAnswer = JSON.stringify({
  ...common,
  object: "chat.completion",
  choices: [
    { index: 0, message: { role: "assistant", content: "Deep enough for all." }, finish_reason: "stop" },
  ],
  usage,
});

export const errorAnswer = JSON.stringify({
  error: { message: "The server had an error.", type: "server_error", code: null },
});

const chunk = (choices: readonly object[], more: object = {}): string =>
  `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices, ...more })}\n\n`;

export const deltaChunk = (content: string): string =>
  chunk([{ index: 0, delta: { role: "assistant", content }, finish_reason: null }]);

export const lastChunks = [
  chunk([{ index: 0, delta: {}, finish_reason: "stop" }]),
  chunk([], { usage }),
  lastOfSse,
].join("");
