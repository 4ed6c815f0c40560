// Gemini's generateContent. Source: ai.google.dev/api/generate-content, google/rpc/status.proto

import { createGeminiProvider } from "../../../../src/providers/gemini/index.ts";
import { bytes, sse } from "../encode.ts";
import type { ToldReply, WireFormat } from "../wire-format.ts";

const statusWords = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [404, "NOT_FOUND"],
  [429, "RESOURCE_EXHAUSTED"],
  [500, "INTERNAL"],
  [503, "UNAVAILABLE"],
]);

const head = { modelVersion: "a-model", responseId: "resp-1" };

const partsOf = ({ text, callArguments }: ToldReply): readonly object[] => [
  ...(text === undefined ? [] : [{ text }]),
  ...(callArguments === undefined ? [] : [{ functionCall: { name: "look_up", args: callArguments } }]),
];

const content = (reply: ToldReply): object => ({ role: "model", parts: partsOf(reply) });

export const geminiFormat: WireFormat = {
  name: "gemini",
  provider: (baseUrl) => createGeminiProvider({ baseUrl, apiKey: "a-key" }),
  requestIdHeader: undefined,
  error: (status, words) => ({
    body: { error: { code: status, message: words, status: statusWords.get(status) } },
  }),
  whole: (reply) => ({
    ...head,
    candidates: [{ index: 0, content: content(reply), finishReason: "STOP" }],
    usageMetadata: reply.usage,
  }),
  hollow: { ...head, candidates: [{ index: 0, content: { role: "model" } }] },
  hollowStream: sse({ ...head, candidates: [{ index: 0, content: { role: "model" } }] }),
  streamType: "text/event-stream",
  stream: (reply) =>
    sse(
      { ...head, candidates: [{ index: 0, content: content(reply) }], usageMetadata: reply.earlierUsage },
      { ...head, candidates: [{ index: 0, finishReason: "STOP" }], usageMetadata: reply.usage },
    ),
  terminal: sse({ ...head, candidates: [{ index: 0, finishReason: "STOP" }] }),
  terminalIsReply: true,
  errorEvent: (words) => sse({ error: { code: 500, message: words, status: "INTERNAL" } }),
  keepAlive: bytes(": keep-alive\r\n\r\n"),
  frameStart: bytes('data: {"candidates":[{"content":{"parts":[{"text":"'),
  usage: ({ input, output, cached, reasoning }) => ({
    promptTokenCount: input,
    candidatesTokenCount: output,
    cachedContentTokenCount: cached,
    thoughtsTokenCount: reasoning,
  }),
  inputHasCached: true,
  outputHasReasoning: false,
};
