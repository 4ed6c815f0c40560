import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatRequest, Part, Tool } from "../../../src/core/chat/request.ts";

const tool: Tool = { name: "find", description: "Finds.", parameters: { type: "object" }, strict: true };
const call: Part = { type: "tool_call", id: "1", name: "find", argumentsJson: "{}" };
const result: Part = {
  type: "tool_result",
  toolCallId: "1",
  content: [{ type: "text", text: "found" }],
};
const request: ChatRequest = {
  messages: [
    { role: "system", parts: [{ type: "text", text: "Be brief." }] },
    { role: "user", parts: [{ type: "text", text: "Find it." }], name: "ann" },
    { role: "assistant", parts: [{ type: "reasoning", text: "Hm.", signature: "s", vendor: "v" }, call] },
    { role: "tool", parts: [result] },
  ],
  tools: [tool],
  toolChoice: { type: "auto" },
  parallelToolCalls: true,
  responseFormat: { type: "json" },
  sampling: { temperature: 0, seed: 1 },
  maxOutputTokens: 10,
  stop: ["END"],
  reasoning: { effort: "low" },
  providerOptions: { first: { x: 1 } },
};
const plain: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

const identity = (asked: ChatRequest): string => canonicalJson(chatOperation.identity(asked));
const asking = (part: Part): ChatRequest => ({ ...plain, messages: [{ role: "user", parts: [part] }] });

describe("what tells one chat request from another", () => {
  it.each<[string, ChatRequest, ChatRequest]>([
    ["the model", request, { ...request, model: "other" }],
    ["labels", request, { ...request, labels: { a: "b" } }],
    [
      "members that are there and empty",
      plain,
      {
        ...plain,
        tools: [],
        stop: [],
        sampling: { temperature: undefined, topP: undefined },
        reasoning: {},
        providerOptions: {},
        toolChoice: undefined,
      },
    ],
    [
      "members of messages that are undefined",
      plain,
      {
        messages: [
          { name: undefined, parts: [{ cacheHint: undefined, text: "Hello", type: "text" }], role: "user" },
        ],
      },
    ],
    [
      "hints at parts, at what tools gave and at tools",
      request,
      {
        ...request,
        tools: [{ ...tool, cacheHint: "long" }],
        messages: [
          { role: "system", parts: [{ type: "text", text: "Be brief.", cacheHint: "short" }] },
          ...request.messages.slice(1, 3),
          {
            role: "tool",
            parts: [{ ...result, content: [{ type: "text", text: "found", cacheHint: "short" }] }],
          },
        ],
      },
    ],
    ["a tool that is said not to have failed", asking(result), asking({ ...result, isError: false })],
    ["the same with a hint", asking(result), asking({ ...result, isError: false, cacheHint: "short" })],
  ])("is not: %s", (_, one, other) => {
    expect(identity(other)).toBe(identity(one));
  });

  it.each<[string, ChatRequest]>([
    ["a message's text", { ...request, messages: [...request.messages, ...plain.messages] }],
    ["the tools", { ...request, tools: [{ ...tool, strict: false }] }],
    ["the tools' order", { ...request, tools: [{ ...tool, name: "other" }, tool] }],
    ["the tool choice", { ...request, toolChoice: undefined }],
    ["parallel calls", { ...request, parallelToolCalls: undefined }],
    ["the format", { ...request, responseFormat: undefined }],
    ["sampling", { ...request, sampling: { temperature: 0 } }],
    ["the longest answer", { ...request, maxOutputTokens: 11 }],
    ["where it stops", { ...request, stop: ["END", "."] }],
    ["reasoning", { ...request, reasoning: { effort: "low", budgetTokens: 1 } }],
    ["provider options", { ...request, providerOptions: { first: { x: 2 } } }],
    ["a proof", withReasoning({ type: "reasoning", text: "Hm.", signature: "t", vendor: "v" })],
    ["whose proof it is", withReasoning({ type: "reasoning", text: "Hm.", signature: "s", vendor: "w" })],
  ])("is %s", (_, other) => {
    expect(identity(other)).not.toBe(identity(request));
  });

  it("is a tool that failed, with a hint or without", () => {
    const failed: Part = { ...result, isError: true };
    expect(identity(asking(failed))).not.toBe(identity(asking(result)));
    expect(identity(asking({ ...failed, cacheHint: "short" }))).toBe(identity(asking(failed)));
  });

  it("copies nothing where there are no hints", () => {
    expect(chatOperation.identity(request)).toMatchObject({ messages: request.messages });
    expect(Reflect.get(chatOperation.identity(request), "messages")).toBe(request.messages);
    expect(Reflect.get(chatOperation.identity(request), "tools")).toBe(request.tools);
  });
});

function withReasoning(part: Part): ChatRequest {
  const [system, user, , ...rest] = request.messages;
  if (system === undefined || user === undefined) throw new Error("the request has these messages");
  return { ...request, messages: [system, user, { role: "assistant", parts: [part, call] }, ...rest] };
}

it.each<[boolean, ChatRequest]>([
  [true, { ...plain, sampling: { temperature: 0 } }],
  [false, plain],
  [false, { ...plain, sampling: { topP: 0, seed: 1 } }],
  [false, { ...plain, sampling: { temperature: 0.1 } }],
])("fixes its answer: %s", (fixes, asked) => {
  expect(chatOperation.deterministic(asked)).toBe(fixes);
});
