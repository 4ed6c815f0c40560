// Proofs by every front end: what a vendor gave with its reasoning and its tool calls reaches the caller
// with its vendor's name, and goes back to the provider as it was.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest, Message } from "../../../src/core/chat/request.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import type { ProofSeen } from "./client.ts";
import { expectParity } from "./expect-parity.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";
import { hello } from "./wrong-requests.ts";

const steps: readonly ProviderChatEvent[] = [
  { type: "started", model: "scripted-1" },
  { type: "part_started", index: 0, part: { kind: "reasoning" } },
  { type: "part_delta", index: 0, text: "Let me see." },
  { type: "part_finished", index: 0, signature: "sig+/==", vendor: "anthropic" },
  { type: "part_started", index: 1, part: { kind: "reasoning" } },
  { type: "part_finished", index: 1, redactedData: "cmVkYWN0ZWQ=", vendor: "anthropic" },
  { type: "part_started", index: 2, part: { kind: "tool_call", id: "call_1", name: "look" } },
  { type: "part_delta", index: 2, text: '{"at":1}' },
  { type: "part_finished", index: 2, signature: "thought-sig", vendor: "gemini" },
  { type: "part_started", index: 3, part: { kind: "tool_call", id: "call_2", name: "look" } },
  { type: "part_delta", index: 3, text: '{"at":2}' },
  { type: "part_finished", index: 3 },
  { type: "finished", reason: "tool_calls" },
];

const proofs: readonly ProofSeen[] = [
  { of: "reasoning", signature: "sig+/==", vendor: "anthropic" },
  { of: "reasoning", redactedData: "cmVkYWN0ZWQ=", vendor: "anthropic" },
  { of: "tool_call", signature: "thought-sig", vendor: "gemini" },
];

const provider = createScriptedProvider({ steps });
let parity: ParityGateway;
beforeAll(async () => {
  parity = await startGateway({ openai: provider });
});
afterAll(() => parity.close());

test.each(["chat", "stream"] as const)("reach the caller (%s)", async (delivery) => {
  const seen = await expectParity(parity, { delivery, request: hello });
  expect(seen).toMatchObject({ reasoning: "Let me see.", finishReason: "tool_calls" });
  expect(seen.proofs).toEqual(proofs);
});

const givenBack: ChatRequest = {
  messages: [
    ...hello.messages,
    {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "Let me see.", signature: "sig+/==", vendor: "anthropic" },
        { type: "reasoning", text: "", redactedData: "cmVkYWN0ZWQ=", vendor: "anthropic" },
        { type: "reasoning", text: "Of whoever answers.", signature: "s" },
        {
          type: "tool_call",
          id: "call_1",
          name: "look",
          argumentsJson: '{"at":1}',
          signature: "thought-sig",
          vendor: "gemini",
        },
        { type: "tool_call", id: "call_2", name: "look", argumentsJson: '{"at":2}' },
      ],
    },
    ...["call_1", "call_2"].map((toolCallId): Message => ({
      role: "tool",
      parts: [{ type: "tool_result", toolCallId, content: [{ type: "text", text: "seen" }] }],
    })),
  ],
  reasoning: { effort: "xhigh" },
};

const received = () => provider.calls.at(-1)?.request;

test.each(["chat", "stream"] as const)("go back to the provider (%s)", async (delivery) => {
  await expectParity(parity, {
    delivery,
    request: givenBack,
    sentUpstream: () => {
      const { messages, reasoning } = received() ?? {};
      return { messages, reasoning };
    },
  });
  expect(received()).toMatchObject(givenBack);
});
