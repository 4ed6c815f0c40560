import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../../src/core/canonical-json.ts";
import { questionOf } from "../../../../src/core/cache/semantic/question-of.ts";
import { chatIdentity } from "../../../../src/core/chat/identity.ts";
import type { ChatRequest, Message, Part } from "../../../../src/core/chat/request.ts";

const user = (...parts: readonly Part[]): Message => ({ role: "user", parts });
const text = (text: string): Part => ({ type: "text", text });
const system: Message = { role: "system", parts: [text("Be brief.")] };
const request: ChatRequest = {
  model: "default",
  messages: [system, user(text("Hi")), { role: "assistant", parts: [text("Hello")] }, user(text("Why?"))],
  tools: [{ name: "look", parameters: { type: "object" } }],
  sampling: { temperature: 0, topP: 1 },
  labels: { tenant: "a" },
};

/** As answers' keys have it. */
function scopeOf(more: Partial<ChatRequest>): string | undefined {
  const rest = questionOf({ ...request, ...more })?.rest;
  return rest === undefined ? undefined : canonicalJson([rest.model, chatIdentity(rest)]);
}

describe("what a request asks", () => {
  it("is the text of its last message", () => {
    expect(questionOf(request)?.question).toBe("Why?");
    expect(questionOf({ messages: [user(text("a"), text("b"))] })?.question).toBe("a\nb");
  });

  it.each<[string, readonly Message[]]>([
    ["has no messages", []],
    ["ends with an answer", [user(text("Hi")), { role: "assistant", parts: [text("Hello")] }]],
    [
      "ends with a tool's result",
      [user(text("Hi")), { role: "tool", parts: [{ type: "tool_result", toolCallId: "1", content: [] }] }],
    ],
    [
      "has an image beside it",
      [user(text("Hi"), { type: "image", source: { url: "https://a.example/b.png" } })],
    ],
    ["is empty", [user(text("  \n"))]],
    ["has no parts", [user()]],
    ["is long", [user(text("a".repeat(2_001)))]],
  ])("is nothing where it %s", (_, messages) => {
    expect(questionOf({ messages })).toBeUndefined();
  });

  it.each<[string, Partial<ChatRequest>]>([
    ["model", { model: "other" }],
    [
      "system prompt",
      { messages: [{ role: "system", parts: [text("Be long.")] }, ...request.messages.slice(1)] },
    ],
    ["conversation", { messages: [system, ...request.messages.slice(2)] }],
    ["who says it", { messages: [...request.messages.slice(0, -1), { ...user(text("Why?")), name: "Bob" }] }],
    ["parts", { messages: [...request.messages.slice(0, -1), user(text("Why"), text("?"))] }],
    ["tools", { tools: [{ name: "look", parameters: { type: "object", required: [] } }] }],
    ["tool choice", { toolChoice: { type: "none" } }],
    ["calls at once", { parallelToolCalls: false }],
    ["format", { responseFormat: { type: "json" } }],
    ["sampling", { sampling: { temperature: 0, topP: 0.5 } }],
    ["length", { maxOutputTokens: 5 }],
    ["stops", { stop: ["x"] }],
    ["reasoning", { reasoning: { effort: "low" } }],
    ["provider options", { providerOptions: { openai: { user: "x" } } }],
  ])("stands in another scope with another %s", (_, more) => {
    expect(scopeOf(more)).not.toBe(scopeOf({}));
  });

  it("stands in the same scope whatever is asked, the labels are, and the order of keys", () => {
    const scope = scopeOf({});
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (question) => {
        fc.pre(question.trim() !== "");
        expect(scopeOf({ messages: [...request.messages.slice(0, -1), user(text(question))] })).toBe(scope);
      }),
    );
    expect(scopeOf({ labels: { tenant: "b" }, sampling: { topP: 1, temperature: 0 }, stop: undefined })).toBe(
      scope,
    );
  });
});
