// Streams of each wire format as their vendors send them: 300 events of a few words.

import { createAnthropicStreamDecoder } from "../../src/providers/anthropic/stream.ts";
import { decodeStream, type StreamDecoder } from "../../src/providers/decode-stream.ts";
import { createGeminiStreamDecoder } from "../../src/providers/gemini/stream.ts";
import { openAiMember } from "../../src/providers/openai/chat/members.ts";
import { createOpenAiStreamDecoder } from "../../src/providers/openai/chat/stream.ts";
import { openAiResponses } from "../../src/providers/openai/responses/members.ts";
import { createResponsesStreamDecoder } from "../../src/providers/openai/responses/stream.ts";
import { sseFraming } from "../../src/providers/upstream/sse.ts";
import type { Framing } from "../../src/providers/upstream/upstream.ts";

export interface DecodedFormat {
  readonly name: string;
  /** What one read of the socket brings. */
  readonly pieces: readonly string[];
  /** The JSON in them. */
  readonly data: readonly string[];
  /** Reads the stream to its end; gives the number of its events. */
  readonly decode: (pieces: readonly Uint8Array[]) => Promise<number>;
}

const words = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? " the sea" : " is deep"));

/** Every reading has a parser and a decoder of its own, as in the gateway. */
const decodeWith =
  <F>(framing: Framing<F>, createDecoder: () => StreamDecoder<F>) =>
  async (pieces: readonly Uint8Array[]): Promise<number> => {
    const parser = framing.createParser({ maxFrameBytes: 1_000_000 });
    let next = 0;
    const batches: AsyncIterable<readonly F[]> = {
      [Symbol.asyncIterator]: () => ({
        next() {
          const piece = pieces[next++];
          return Promise.resolve(
            piece === undefined
              ? { done: true, value: undefined }
              : { done: false, value: parser.push(piece) },
          );
        },
      }),
    };
    let events = 0;
    for await (const _ of decodeStream(batches, createDecoder())) events += 1;
    return events;
  };

const chunk = (delta: object, finishReason: string | null): string =>
  JSON.stringify({
    id: "chatcmpl-BRxYZ8mKq2v0n4Jp6d1sT3uW5aE7c",
    object: "chat.completion.chunk",
    created: 1_763_700_000,
    model: "gpt-5-mini-2025-08-07",
    service_tier: "default",
    system_fingerprint: "fp_0f3a1b2c4d",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    usage: null,
  });

const openAiData = [
  chunk({ role: "assistant", content: "", refusal: null }, null),
  ...words.map((content) => chunk({ content }, null)),
  chunk({}, "stop"),
];

const anthropicData: readonly (readonly [string, object])[] = [
  [
    "message_start",
    {
      message: {
        id: "msg_01",
        type: "message",
        role: "assistant",
        model: "claude-haiku-4-5",
        content: [],
        usage: { input_tokens: 20, output_tokens: 1 },
      },
    },
  ],
  ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
  ...words.map((text) => ["content_block_delta", { index: 0, delta: { type: "text_delta", text } }] as const),
  ["content_block_stop", { index: 0 }],
  [
    "message_delta",
    { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 600 } },
  ],
  ["message_stop", {}],
];

const named = anthropicData.map(([type, event]) => ({ type, json: JSON.stringify({ type, ...event }) }));

const geminiChunk = (text: string, finishReason?: string): string =>
  JSON.stringify({
    candidates: [{ content: { parts: [{ text }], role: "model" }, finishReason, index: 0 }],
    usageMetadata: {
      promptTokenCount: 20,
      candidatesTokenCount: 12,
      totalTokenCount: 32,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 20 }],
    },
    modelVersion: "gemini-3.8-flash",
    responseId: "kR8gaZqNJ4qu1MkP6O2h8Ag",
  });

const geminiData = [...words.map((text) => geminiChunk(text)), geminiChunk("", "STOP")];

const response = { id: "resp_0b1c2d", object: "response", model: "gpt-5-mini-2025-08-07", output: [] };
const item = { id: "msg_0b1c2d", type: "message", role: "assistant", status: "in_progress", content: [] };
const at = { item_id: "msg_0b1c2d", output_index: 0, content_index: 0 };
const answer = words.join("");
const wholePart = { type: "output_text", text: answer, annotations: [], logprobs: [] };
const wholeItem = { ...item, status: "completed", content: [wholePart] };
const usage = { input_tokens: 20, output_tokens: 600, total_tokens: 620 };

const textDelta = { type: "response.output_text.delta", ...at, logprobs: [], obfuscation: "x1y2z3" };

const responsesData = [
  { type: "response.created", response: { ...response, status: "in_progress" } },
  { type: "response.output_item.added", output_index: 0, item },
  { type: "response.content_part.added", ...at, part: { type: "output_text", text: "", annotations: [] } },
  ...words.map((delta) => Object.assign({ delta }, textDelta)),
  { type: "response.output_text.done", ...at, text: answer, logprobs: [] },
  { type: "response.content_part.done", ...at, part: wholePart },
  { type: "response.output_item.done", output_index: 0, item: wholeItem },
  { type: "response.completed", response: { ...response, status: "completed", output: [wholeItem], usage } },
].map((event, sequence_number) => ({
  type: event.type,
  json: JSON.stringify({ ...event, sequence_number }),
}));

export const decodedFormats: readonly DecodedFormat[] = [
  {
    name: "OpenAI",
    data: openAiData,
    pieces: [...openAiData, "[DONE]"].map((data) => `data: ${data}\n\n`),
    decode: decodeWith(sseFraming, () => createOpenAiStreamDecoder(openAiMember)),
  },
  {
    name: "Anthropic",
    data: named.map(({ json }) => json),
    pieces: named.map(({ type, json }) => `event: ${type}\ndata: ${json}\n\n`),
    decode: decodeWith(sseFraming, createAnthropicStreamDecoder),
  },
  {
    name: "Gemini",
    data: geminiData,
    pieces: geminiData.map((data) => `data: ${data}\r\n\r\n`),
    decode: decodeWith(sseFraming, createGeminiStreamDecoder),
  },
  {
    name: "OpenAI Responses",
    data: responsesData.map(({ json }) => json),
    pieces: responsesData.map(({ type, json }) => `event: ${type}\ndata: ${json}\n\n`),
    decode: decodeWith(sseFraming, () =>
      createResponsesStreamDecoder({ member: openAiResponses, maker: "openai" }),
    ),
  },
];
