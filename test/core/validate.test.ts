import { describe, expect, it } from "vitest";
import { chatLimits } from "../../src/core/chat/limits.ts";
import type { ChatRequest, Message, Part } from "../../src/core/chat/request.ts";
import { validateChatRequest } from "../../src/core/chat/validate.ts";
import { checkOneContent } from "../../src/core/chat/validate-messages.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { JsonObject } from "../../src/core/json.ts";

const text: Part = { type: "text", text: "Hello" };
const user = (...parts: Part[]): Message => ({ role: "user", parts });
const valid: ChatRequest = { messages: [user(text)] };
const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) });
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** The field that is found at fault, or undefined. */
function fault(request: ChatRequest): string | undefined {
  try {
    validateChatRequest(request);
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error.code).toBe("invalid_request");
    return error.field;
  }
}

describe("validateChatRequest", () => {
  const tool = { name: "f" };
  const cases: [string, Partial<ChatRequest>, string | undefined][] = [
    ["a plain request", {}, undefined],
    ["no messages", { messages: [] }, "messages"],
    ["too many messages", { messages: many(chatLimits.messages + 1, user(text)) }, "messages"],
    ["a message without parts", { messages: [user()] }, "messages[0].parts"],
    ["too many parts", { messages: [user(...many(1_001, text))] }, "messages[0].parts"],
    ["an empty text", { messages: [user({ type: "text", text: "" })] }, undefined],
    [
      "a tool call of a user",
      { messages: [user({ type: "tool_call", id: "1", name: "f", argumentsJson: "{}" })] },
      "messages[0].parts[0]",
    ],
    [
      "an image of the system",
      { messages: [{ role: "system", parts: [{ type: "image", source: { url: "https://x.test/a.png" } }] }] },
      "messages[0].parts[0]",
    ],
    ["text of a tool", { messages: [{ role: "tool", parts: [text] }] }, "messages[0].parts[0]"],
    [
      "a tool result without its call",
      { messages: [{ role: "tool", parts: [{ type: "tool_result", toolCallId: "", content: [] }] }] },
      "messages[0].parts[0].toolCallId",
    ],
    [
      "an image at a file address",
      { messages: [user({ type: "image", source: { url: "file:///etc/passwd" } })] },
      "messages[0].parts[0].source.url",
    ],
    [
      "an image that is no base64",
      { messages: [user({ type: "image", source: { data: "a b", mediaType: "image/png" } })] },
      "messages[0].parts[0].source.data",
    ],
    [
      "an image of no media type",
      { messages: [user({ type: "image", source: { data: "aGk=", mediaType: "png" } })] },
      "messages[0].parts[0].source.mediaType",
    ],
    ["a tool twice", { tools: [tool, tool] }, "tools[1].name"],
    ["a tool with a space in its name", { tools: [{ name: "a b" }] }, "tools[0].name"],
    ["too many tools", { tools: many(513, tool) }, "tools"],
    ["parameters 64 deep", { tools: [{ name: "f", parameters: nested(64) }] }, undefined],
    ["parameters 65 deep", { tools: [{ name: "f", parameters: nested(65) }] }, "tools[0].parameters"],
    ["parameters 50 000 deep", { tools: [{ name: "f", parameters: deep(50_000) }] }, "tools[0].parameters"],
    [
      "parameters with a number that JSON cannot write",
      { tools: [{ name: "f", parameters: { a: [Infinity] } }] },
      "tools[0].parameters",
    ],
    ["options of a provider without a name", { providerOptions: { "": {} } }, "providerOptions"],
    [
      "options with a number that JSON cannot write",
      { providerOptions: { a: { b: -Infinity } } },
      "providerOptions.a",
    ],
    ["a stop of 1 024 characters of two units each", { stop: ["😀".repeat(1_024)] }, undefined],
    ["a stop of 1 025 characters", { stop: ["😀".repeat(1_025)] }, "stop[0]"],
    [
      "an address with a media type that is none",
      { messages: [user({ type: "image", source: { url: "https://x.test/a", mediaType: "png" } })] },
      "messages[0].parts[0].source.mediaType",
    ],
    ["a required tool call without tools", { toolChoice: { type: "required" } }, "toolChoice"],
    [
      "a choice of an unknown tool",
      { tools: [tool], toolChoice: { type: "tool", name: "g" } },
      "toolChoice.name",
    ],
    [
      "a schema without a name",
      { responseFormat: { type: "json_schema", name: "", schema: {} } },
      "responseFormat.name",
    ],
    ["temperature 2", { sampling: { temperature: 2 } }, undefined],
    ["temperature 2.1", { sampling: { temperature: 2.1 } }, "sampling.temperature"],
    ["temperature NaN", { sampling: { temperature: Number.NaN } }, "sampling.temperature"],
    ["topP -0.1", { sampling: { topP: -0.1 } }, "sampling.topP"],
    ["topK 0", { sampling: { topK: 0 } }, "sampling.topK"],
    ["topK 1.5", { sampling: { topK: 1.5 } }, "sampling.topK"],
    ["seed 2^60", { sampling: { seed: 2 ** 60 } }, "sampling.seed"],
    ["presence penalty 3", { sampling: { presencePenalty: 3 } }, "sampling.presencePenalty"],
    ["maxOutputTokens 0", { maxOutputTokens: 0 }, "maxOutputTokens"],
    ["maxOutputTokens Infinity", { maxOutputTokens: Number.POSITIVE_INFINITY }, "maxOutputTokens"],
    ["a negative reasoning budget", { reasoning: { budgetTokens: -1 } }, "reasoning.budgetTokens"],
    ["17 stop sequences", { stop: many(17, "x") }, "stop"],
    ["an empty stop sequence", { stop: ["x", ""] }, "stop[1]"],
    ["an endless label", { labels: { a: "x".repeat(1_025) } }, "labels.a"],
    ["a label without a key", { labels: { "": "x" } }, "labels"],
    ["an endless model name", { model: "x".repeat(257) }, "model"],
    ["provider options 65 deep", { providerOptions: { openai: nested(65) } }, "providerOptions.openai"],
  ];
  it.each(cases)("%s", (_, change, field) => {
    expect(fault({ ...valid, ...change })).toBe(field);
  });
});

describe("checkOneContent", () => {
  it("takes exactly one", () => {
    expect(() => checkOneContent("parts[0]", ["text"])).not.toThrow();
    expect(() => checkOneContent("parts[0]", [])).toThrow("parts[0]: must have exactly one content");
    expect(() => checkOneContent("parts[0]", ["text", "image"])).toThrow("text and image");
  });
});

function deep(depth: number): JsonObject {
  let json: JsonObject = {};
  for (let i = 1; i < depth; i += 1) json = { a: json };
  return json;
}
