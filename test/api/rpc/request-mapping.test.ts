import { fromJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { toChatRequest } from "../../../src/api/rpc/request-mapping.ts";

test("every field of a request comes over", () => {
  const message = fromJson(ChatRequestSchema, {
    model: "auto",
    messages: [
      { role: "ROLE_SYSTEM", parts: [{ text: "Be kind.", cacheHint: "CACHE_HINT_LONG" }] },
      {
        role: "ROLE_USER",
        name: "ann",
        parts: [
          { text: "" },
          { image: { source: { data: "AQID", mediaType: "image/png" }, detail: "IMAGE_DETAIL_LOW" } },
          { image: { source: { url: "https://example.com/a.png" } }, cacheHint: "CACHE_HINT_SHORT" },
          { file: { source: { data: "", mediaType: "text/plain" }, filename: "a.txt" } },
        ],
      },
      {
        role: "ROLE_ASSISTANT",
        parts: [
          { reasoning: { text: "Hm", signature: "sig" } },
          { reasoning: { redactedData: "xyz", vendor: "anthropic" } },
          { toolCall: { id: "c1", name: "look", argumentsJson: "{}" } },
          {
            toolCall: { id: "c2", name: "look", argumentsJson: "{}", signature: "thought", vendor: "gemini" },
          },
        ],
      },
      {
        role: "ROLE_TOOL",
        parts: [{ toolResult: { toolCallId: "c1", content: [{ text: "seen" }], isError: true } }],
      },
    ],
    tools: [
      {
        name: "look",
        description: "Looks",
        parameters: { type: "object", required: ["a", 1, null] },
        strict: false,
      },
      { name: "hear", cacheHint: "CACHE_HINT_SHORT" },
    ],
    toolChoice: { mode: "TOOL_CHOICE_MODE_TOOL", name: "look" },
    parallelToolCalls: false,
    responseFormat: { jsonSchema: { name: "answer", schema: { type: "object" }, strict: true } },
    sampling: { temperature: 0, topP: 1, topK: 5, seed: "-7", frequencyPenalty: -1, presencePenalty: 0.5 },
    maxOutputTokens: 9,
    stop: ["END"],
    reasoning: { effort: "REASONING_EFFORT_LOW", budgetTokens: 100 },
    labels: { use_case: "greeting" },
    providerOptions: { groq: { service_tier: "flex" } },
  });
  expect(toChatRequest(message)).toEqual({
    model: "auto",
    messages: [
      { role: "system", parts: [{ type: "text", text: "Be kind.", cacheHint: "long" }] },
      {
        role: "user",
        name: "ann",
        parts: [
          { type: "text", text: "" },
          { type: "image", source: { data: "AQID", mediaType: "image/png" }, detail: "low" },
          { type: "image", source: { url: "https://example.com/a.png" }, cacheHint: "short" },
          { type: "file", source: { data: "", mediaType: "text/plain" }, filename: "a.txt" },
        ],
      },
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "Hm", signature: "sig" },
          { type: "reasoning", text: "", redactedData: "xyz", vendor: "anthropic" },
          { type: "tool_call", id: "c1", name: "look", argumentsJson: "{}" },
          {
            type: "tool_call",
            id: "c2",
            name: "look",
            argumentsJson: "{}",
            signature: "thought",
            vendor: "gemini",
          },
        ],
      },
      {
        role: "tool",
        parts: [
          { type: "tool_result", toolCallId: "c1", content: [{ type: "text", text: "seen" }], isError: true },
        ],
      },
    ],
    tools: [
      {
        name: "look",
        description: "Looks",
        parameters: { type: "object", required: ["a", 1, null] },
        strict: false,
      },
      { name: "hear", cacheHint: "short" },
    ],
    toolChoice: { type: "tool", name: "look" },
    parallelToolCalls: false,
    responseFormat: { type: "json_schema", name: "answer", schema: { type: "object" }, strict: true },
    sampling: { temperature: 0, topP: 1, topK: 5, seed: -7, frequencyPenalty: -1, presencePenalty: 0.5 },
    maxOutputTokens: 9,
    stop: ["END"],
    reasoning: { effort: "low", budgetTokens: 100 },
    labels: { use_case: "greeting" },
    providerOptions: { groq: { service_tier: "flex" } },
  });
});

test.each(["none", "minimal", "low", "medium", "high", "xhigh"] as const)("the effort %s", (effort) => {
  const message = fromJson(ChatRequestSchema, {
    reasoning: { effort: `REASONING_EFFORT_${effort.toUpperCase()}` },
  });
  expect(toChatRequest(message).reasoning).toEqual({ effort });
});

test("what is empty is absent", () => {
  const message = fromJson(ChatRequestSchema, {
    messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }],
    toolChoice: {},
    responseFormat: { text: {} },
  });
  expect(toChatRequest(message)).toEqual({
    messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
    toolChoice: { type: "auto" },
    responseFormat: { type: "text" },
  });
});
