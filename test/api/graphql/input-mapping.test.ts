// From ChatInput to the core's request.

import { describe, expect, test } from "vitest";
import { toChatRequest } from "../../../src/api/graphql/input-mapping.ts";

describe("toChatRequest", () => {
  test("carries every field over", () => {
    const request = toChatRequest({
      model: "auto",
      messages: [
        { role: "system", parts: [{ text: "Be short.", cacheHint: "long" }] },
        {
          role: "user",
          name: "Ann",
          parts: [
            { image: { source: { data: "QUJD", mediaType: "image/png" }, detail: "low" } },
            { file: { source: { url: "https://x.test/a.pdf" }, filename: "a.pdf" } },
          ],
        },
        {
          role: "assistant",
          parts: [
            { reasoning: { text: "Hm", signature: "s", redactedData: "r", vendor: "anthropic" } },
            { toolCall: { id: "1", name: "f", argumentsJson: "{}", signature: "t", vendor: "gemini" } },
            { toolCall: { id: "2", name: "f", argumentsJson: "{}", signature: "", vendor: null } },
          ],
        },
        {
          role: "tool",
          parts: [{ toolResult: { toolCallId: "1", content: [{ text: "42" }], isError: true } }],
        },
      ],
      tools: [
        { name: "f", description: "d", parameters: { type: "object" }, strict: true, cacheHint: "short" },
      ],
      toolChoice: { mode: "tool", name: "f" },
      parallelToolCalls: false,
      responseFormat: { jsonSchema: { name: "n", description: "d", schema: {}, strict: false } },
      sampling: { temperature: 0, topP: 0.5, topK: 3, seed: 7n, frequencyPenalty: 1, presencePenalty: -1 },
      maxOutputTokens: 9,
      stop: ["END"],
      reasoning: { effort: "xhigh", budgetTokens: 100 },
      labels: { team: "x" },
      providerOptions: { groq: { service_tier: "flex" } },
    });
    expect(request).toEqual({
      model: "auto",
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be short.", cacheHint: "long" }] },
        {
          role: "user",
          name: "Ann",
          parts: [
            { type: "image", source: { data: "QUJD", mediaType: "image/png" }, detail: "low" },
            { type: "file", source: { url: "https://x.test/a.pdf" }, filename: "a.pdf" },
          ],
        },
        {
          role: "assistant",
          parts: [
            { type: "reasoning", text: "Hm", signature: "s", redactedData: "r", vendor: "anthropic" },
            { type: "tool_call", id: "1", name: "f", argumentsJson: "{}", signature: "t", vendor: "gemini" },
            { type: "tool_call", id: "2", name: "f", argumentsJson: "{}" },
          ],
        },
        {
          role: "tool",
          parts: [
            { type: "tool_result", toolCallId: "1", content: [{ type: "text", text: "42" }], isError: true },
          ],
        },
      ],
      tools: [
        { name: "f", description: "d", parameters: { type: "object" }, strict: true, cacheHint: "short" },
      ],
      toolChoice: { type: "tool", name: "f" },
      parallelToolCalls: false,
      responseFormat: { type: "json_schema", name: "n", description: "d", schema: {}, strict: false },
      sampling: { temperature: 0, topP: 0.5, topK: 3, seed: 7, frequencyPenalty: 1, presencePenalty: -1 },
      maxOutputTokens: 9,
      stop: ["END"],
      reasoning: { effort: "xhigh", budgetTokens: 100 },
      labels: { team: "x" },
      providerOptions: { groq: { service_tier: "flex" } },
    });
  });

  test("takes null for absent, and the empty model for none", () => {
    const request = toChatRequest({
      model: "",
      messages: [{ role: "user", parts: [{ text: "", image: null, cacheHint: null }], name: null }],
      tools: null,
      toolChoice: null,
      sampling: null,
      labels: null,
      stop: null,
    });
    expect(request).toEqual({ messages: [{ role: "user", parts: [{ type: "text", text: "" }] }] });
  });

  test.each([
    [{}, { type: "text" }],
    [{ text: {} }, { type: "text" }],
    [{ json: {} }, { type: "json" }],
  ])("reads the response format %j", (responseFormat, expected) => {
    expect(toChatRequest({ messages: [], responseFormat }).responseFormat).toEqual(expected);
  });

  test.each([
    [{}, { type: "auto" }],
    [{ mode: "none" as const }, { type: "none" }],
    [{ mode: "tool" as const }, { type: "tool", name: "" }],
  ])("reads the tool choice %j", (toolChoice, expected) => {
    expect(toChatRequest({ messages: [], toolChoice }).toolChoice).toEqual(expected);
  });

  test("keeps a label whose key is `__proto__` as a label", () => {
    const labels = JSON.parse('{"__proto__": "x"}');
    expect(Object.entries(toChatRequest({ messages: [], labels }).labels ?? {})).toEqual([
      ["__proto__", "x"],
    ]);
  });
});
