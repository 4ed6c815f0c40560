// Answers of every kind, as a provider's adapter would yield them.

import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Script } from "../../support/scripted-provider.ts";

const started: ProviderChatEvent = { type: "started", model: "acme-1-2026" };
const usage: ProviderChatEvent = {
  type: "usage",
  usage: {
    input: { total: 11, uncached: 7, cacheRead: 4, audio: 0 },
    output: { total: 9, text: 6, reasoning: 3, audio: 2 },
    source: "reported",
  },
};

const text = (index: number, ...deltas: string[]): ProviderChatEvent[] => [
  { type: "part_started", index, part: { kind: "text" } },
  ...deltas.map((delta): ProviderChatEvent => ({ type: "part_delta", index, text: delta })),
  { type: "part_finished", index },
];

export const plain: Script = {
  steps: [started, ...text(0, "Hello", ", ", "world"), usage, { type: "finished", reason: "stop" }],
};

export const reasoned: Script = {
  steps: [
    started,
    { type: "part_started", index: 0, part: { kind: "reasoning" } },
    { type: "part_delta", index: 0, text: "Let me " },
    { type: "part_delta", index: 0, text: "think." },
    { type: "part_finished", index: 0, signature: "s1" },
    ...text(1, "Forty-two", "."),
    usage,
    { type: "finished", reason: "length" },
  ],
};

export const parallelTools: Script = {
  steps: [
    started,
    ...text(0, "Looking."),
    { type: "part_started", index: 1, part: { kind: "tool_call", id: "call_a", name: "weather" } },
    { type: "part_started", index: 2, part: { kind: "tool_call", id: "call_b", name: "time" } },
    { type: "part_delta", index: 1, text: '{"city":' },
    { type: "part_delta", index: 2, text: "{}" },
    { type: "part_delta", index: 1, text: '"Oslo"}' },
    { type: "part_finished", index: 1 },
    { type: "part_finished", index: 2 },
    usage,
    { type: "finished", reason: "tool_calls" },
  ],
};

export const toolOnly: Script = {
  steps: [
    started,
    { type: "part_started", index: 0, part: { kind: "tool_call", id: "call_a", name: "now" } },
    { type: "part_finished", index: 0 },
    { type: "finished", reason: "tool_calls" },
  ],
};

export const refused: Script = {
  steps: [
    started,
    { type: "part_started", index: 0, part: { kind: "refusal" } },
    { type: "part_delta", index: 0, text: "I will not." },
    { type: "part_finished", index: 0 },
    { type: "finished", reason: "refusal" },
  ],
};

export const refusedWithoutAWord: Script = { steps: [started, { type: "finished", reason: "refusal" }] };

export const filtered: Script = {
  steps: [started, ...text(0, "Once"), { type: "finished", reason: "content_filter" }],
};

export const rich: Script = {
  losses: [{ field: "sampling.topK", detail: "acme has no such setting." }],
  steps: [
    started,
    ...text(0, "See "),
    {
      type: "part_started",
      index: 1,
      part: {
        kind: "citation",
        citation: {
          url: "https://example.com/a",
          title: "A",
          raw: { type: "url_citation", url_citation: { start_index: 0, end_index: 3 } },
        },
      },
    },
    {
      type: "part_started",
      index: 2,
      part: { kind: "citation", citation: { citedText: "a page of a file", raw: { page: 3 } } },
    },
    {
      type: "part_started",
      index: 3,
      part: { kind: "image", source: { data: "AAAA", mediaType: "image/png" } },
    },
    {
      type: "part_started",
      index: 4,
      part: { kind: "opaque", vendor: "acme", type: "search", json: { q: "x" } },
    },
    ...text(5, 'here \u2028 "quoted" \u{1F600}'),
    usage,
    { type: "finished", reason: "stop" },
  ],
};

export const refusedWithLogprobs: Script = {
  steps: [
    started,
    { type: "part_started", index: 0, part: { kind: "refusal" } },
    {
      type: "part_delta",
      index: 0,
      text: "No",
      logprobs: { content: null, refusal: [{ token: "No", logprob: -1 }] },
    },
    { type: "part_delta", index: 0, text: ".", logprobs: [{ token: ".", logprob: -2 }] },
    { type: "part_finished", index: 0 },
    { type: "finished", reason: "refusal" },
  ],
};

export const withLogprobs: Script = {
  steps: [
    started,
    { type: "part_started", index: 0, part: { kind: "text" } },
    {
      type: "part_delta",
      index: 0,
      text: "a",
      logprobs: { content: [{ token: "a", logprob: -1 }], refusal: null },
    },
    { type: "part_delta", index: 0, text: "b", logprobs: [{ token: "b", logprob: -2 }] },
    { type: "part_finished", index: 0 },
    { type: "finished", reason: "stop" },
  ],
};
