import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../src/core/chat/request.ts";
import { buildOllamaRequest } from "../../../src/providers/ollama/request.ts";

const user = (...parts: readonly Part[]): Message => ({ role: "user", parts });
const text = (words: string): Part => ({ type: "text", text: words });
const hello: ChatRequest = { messages: [user(text("Hello"))] };

const built = (request: Partial<ChatRequest>, model = "llama3") =>
  buildOllamaRequest({ ...hello, ...request }, { model, delivery: "unary" });
const lost = (request: Partial<ChatRequest>, model = "llama3") =>
  built(request, model).losses.map(({ field }) => field);

describe("messages", () => {
  test("a plain question, whole or streamed", () => {
    const messages = [{ role: "user", content: "Hello" }];
    expect(built({})).toEqual({ body: { model: "llama3", messages, stream: false }, losses: [] });
    expect(buildOllamaRequest(hello, { model: "llama3", delivery: "streamed" }).body.stream).toBe(true);
  });

  test("texts of one message are one; images stand beside it; other files, addresses and names are lost", () => {
    const data = "aGFsbG8=";
    const message: Message = {
      role: "user",
      name: "Ada",
      parts: [
        text("One"),
        { type: "image", source: { data, mediaType: "image/png" }, detail: "low" },
        text("Two"),
        { type: "file", source: { data, mediaType: "image/webp" } },
        { type: "file", source: { data, mediaType: "application/pdf" } },
        { type: "image", source: { url: "https://example.com/a.png" } },
      ],
    };
    expect(built({ messages: [message] })).toMatchObject({
      body: { messages: [{ role: "user", content: "One\nTwo", images: [data, data] }] },
      losses: [
        { field: "messages[0].name" },
        { field: "messages[0].parts[1].detail" },
        { field: "messages[0].parts[4]" },
        { field: "messages[0].parts[5]" },
      ],
    });
  });

  test("calls have an object of arguments; each result is a message with its tool's name", () => {
    const messages: readonly Message[] = [
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "Hm." },
          { type: "tool_call", id: "c1", name: "weather", argumentsJson: '{"city":"Bern"}' },
          { type: "tool_call", id: "c2", name: "time", argumentsJson: "" },
          { type: "tool_call", id: "c3", name: "odd", argumentsJson: "[1]" },
        ],
      },
      {
        role: "tool",
        parts: [
          { type: "tool_result", toolCallId: "c1", content: [{ type: "text", text: "4°" }] },
          { type: "tool_result", toolCallId: "c9", content: [{ type: "text", text: "?" }], isError: true },
        ],
      },
    ];
    const { body, losses } = built({ messages });
    expect(body.messages).toEqual([
      {
        role: "assistant",
        content: "",
        thinking: "Hm.",
        tool_calls: [
          { id: "c1", function: { name: "weather", arguments: { city: "Bern" } } },
          { id: "c2", function: { name: "time", arguments: {} } },
          { id: "c3", function: { name: "odd", arguments: { arguments: "[1]" } } },
        ],
      },
      { role: "tool", content: "4°", tool_name: "weather", tool_call_id: "c1" },
      { role: "tool", content: "?", tool_call_id: "c9" },
    ]);
    expect(losses.map(({ field }) => field)).toEqual([
      "messages[0].parts[3].argumentsJson",
      "messages[1].parts[1].isError",
    ]);
  });

  test("no proof of reasoning is sent, and each is named as lost", () => {
    const parts: readonly Part[] = [
      { type: "reasoning", text: "Hm.", signature: "s", vendor: "anthropic" },
      { type: "reasoning", text: "", redactedData: "r", vendor: "anthropic" },
    ];
    const { body, losses } = built({ messages: [{ role: "assistant", parts }] });
    expect(body.messages).toEqual([{ role: "assistant", content: "", thinking: "Hm." }]);
    expect(losses.map(({ field }) => field)).toEqual([
      "messages[0].parts[0].signature",
      "messages[0].parts[1]",
    ]);
  });
});

describe("settings", () => {
  test("sampling, the limit and stop sequences are options", () => {
    const sampling = {
      temperature: 0,
      topP: 0.9,
      topK: 5,
      seed: 42,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
    };
    expect(built({ sampling, maxOutputTokens: 9, stop: ["|"] }).body.options).toEqual({
      temperature: 0,
      top_p: 0.9,
      top_k: 5,
      seed: 42,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      num_predict: 9,
      stop: ["|"],
    });
    expect(built({ sampling: {}, stop: [] }).body.options).toBeUndefined();
  });

  test("tools; there is no choice among them", () => {
    const tools = [{ name: "a", description: "A", strict: true }];
    expect(built({ tools }).body.tools).toEqual([
      {
        type: "function",
        function: { name: "a", description: "A", parameters: { type: "object", properties: {} } },
      },
    ]);
    expect(lost({ tools })).toEqual(["tools[0].strict"]);
    const plain = [{ name: "a" }];
    expect(lost({ tools: plain, toolChoice: { type: "auto" } })).toEqual([]);
    expect(lost({ tools: plain, toolChoice: { type: "required" } })).toEqual(["toolChoice"]);
    expect(lost({ tools: plain, toolChoice: { type: "tool", name: "a" } })).toEqual(["toolChoice"]);
    expect(lost({ tools: plain, parallelToolCalls: false })).toEqual(["parallelToolCalls"]);
    expect(built({ tools: plain, toolChoice: { type: "none" } }).body.tools).toBeUndefined();
    expect(lost({ tools: plain, toolChoice: { type: "none" } })).toEqual(["tools"]);
  });

  test("the format is JSON, or a schema alone", () => {
    const schema = { type: "object" };
    expect(built({ responseFormat: { type: "json" } }).body.format).toBe("json");
    expect(built({ responseFormat: { type: "text" } }).body.format).toBeUndefined();
    const wish = { type: "json_schema", name: "x", description: "d", schema, strict: false } as const;
    expect(built({ responseFormat: wish }).body.format).toEqual(schema);
    expect(lost({ responseFormat: wish })).toEqual(["responseFormat.description", "responseFormat.strict"]);
  });

  test.each([
    ["qwen3", "none", false, []],
    ["qwen3", "high", true, ["reasoning.effort"]],
    ["gpt-oss:20b", "high", "high", []],
    ["gpt-oss:20b", "none", "low", ["reasoning.effort"]],
    ["gpt-oss:20b", "minimal", "low", ["reasoning.effort"]],
    ["gpt-oss:20b", "xhigh", "high", ["reasoning.effort"]],
  ] as const)("%s thinks with the effort %s as %s", (model, effort, think, losses) => {
    expect(built({ reasoning: { effort } }, model).body.think).toBe(think);
    expect(lost({ reasoning: { effort } }, model)).toEqual(losses);
  });

  test("a budget of nothing turns thinking off, as far as that goes", () => {
    const reasoning = { budgetTokens: 0 };
    expect(built({ reasoning }, "qwen3").body.think).toBe(false);
    expect(lost({ reasoning }, "qwen3")).toEqual([]);
    expect(built({ reasoning }, "gpt-oss:20b").body.think).toBe("low");
    expect(lost({ reasoning }, "gpt-oss:20b")).toEqual(["reasoning.budgetTokens"]);
  });

  test("a budget is a plain wish to think", () => {
    expect(built({ reasoning: { budgetTokens: 100 } }).body.think).toBe(true);
    expect(lost({ reasoning: { budgetTokens: 100 } })).toEqual(["reasoning.budgetTokens"]);
    expect(built({}).body.think).toBeUndefined();
  });
});

describe("provider options", () => {
  test("stand beside what the request says", () => {
    const { body, losses } = built({
      sampling: { seed: 1 },
      providerOptions: {
        ollama: { keep_alive: "5m", stream: true, logprobs: true, options: { seed: 2, num_ctx: 4096 } },
        other: { x: 1 },
      },
    });
    expect(body).toEqual({
      model: "llama3",
      messages: [{ role: "user", content: "Hello" }],
      stream: false,
      options: { seed: 1, num_ctx: 4096 },
      keep_alive: "5m",
      logprobs: true,
    });
    expect(losses.map(({ field }) => field)).toEqual([
      "providerOptions.ollama.options.seed",
      "providerOptions.ollama.stream",
    ]);
  });

  test("that are no options of the model's are lost", () => {
    expect(lost({ providerOptions: { ollama: { options: 7 } } })).toEqual(["providerOptions.ollama.options"]);
  });
});

test("no request of the core's is refused", () => {
  const words = fc.string({ unit: "grapheme", maxLength: 6 });
  const turn = fc.oneof(
    words.map((each) => user(text(each))),
    fc.tuple(words, words).map(([argumentsJson, id]): Message => ({
      role: "assistant",
      parts: [{ type: "tool_call", id, name: "f", argumentsJson }],
    })),
    words.map((toolCallId): Message => ({
      role: "tool",
      parts: [{ type: "tool_result", toolCallId, content: [] }],
    })),
  );
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 6 }), (messages) => {
      expect(JSON.parse(JSON.stringify(built({ messages }).body.messages))).toHaveLength(messages.length);
    }),
    { numRuns: 200 },
  );
});
