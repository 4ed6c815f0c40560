// Ollama's own API. Source: docs.ollama.com/api/chat, /api/errors

import { createOllamaProvider } from "../../../../src/providers/ollama/index.ts";
import { bytes, lines } from "../encode.ts";
import type { ToldReply, WireFormat } from "../wire-format.ts";

const head = { model: "a-model", created_at: "2026-01-01T00:00:00Z" };

const message = ({ text, callArguments }: ToldReply): object => ({
  role: "assistant",
  content: text ?? "",
  ...(callArguments === undefined
    ? {}
    : { tool_calls: [{ function: { name: "look_up", arguments: callArguments } }] }),
});

/** The counts stand at the top; what is no object stands in the place of each. */
const countsIn = (usage: unknown): object =>
  usage === undefined || (typeof usage === "object" && usage !== null && !Array.isArray(usage))
    ? { ...usage }
    : { prompt_eval_count: usage, eval_count: usage };

export const ollamaFormat: WireFormat = {
  name: "ollama (native)",
  provider: (baseUrl) => createOllamaProvider({ baseUrl, apiKey: "" }),
  requestIdHeader: "x-request-id",
  error: (_status, words) => ({ body: { error: words } }),
  whole: (reply) => ({
    ...countsIn(reply.usage),
    ...head,
    message: message(reply),
    done: true,
    done_reason: "stop",
  }),
  hollow: { ...head, message: { role: "assistant", content: "" }, done: false },
  hollowStream: lines({ ...head, message: { role: "assistant", content: "" }, done: false }),
  streamType: "application/x-ndjson",
  stream: (reply) =>
    lines(
      { ...countsIn(reply.earlierUsage), ...head, message: message(reply), done: false },
      {
        ...countsIn(reply.usage),
        ...head,
        message: { role: "assistant", content: "" },
        done: true,
        done_reason: "stop",
      },
    ),
  terminal: lines({ ...head, message: { role: "assistant", content: "" }, done: true, done_reason: "stop" }),
  terminalIsReply: true,
  errorEvent: (words) => lines({ error: words }),
  keepAlive: bytes("\n"),
  frameStart: bytes('{"message":{"content":"'),
  usage: ({ input, output }) => ({ prompt_eval_count: input, eval_count: output }),
  inputHasCached: true,
  outputHasReasoning: true,
};
