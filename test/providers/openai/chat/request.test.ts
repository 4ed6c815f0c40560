import { expect, test } from "vitest";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import { groqMember, openAiMember, openRouterMember } from "../../../../src/providers/openai/chat/members.ts";
import { buildOpenAiRequest } from "../../../../src/providers/openai/chat/request.ts";
import { build, hello } from "./build-request.ts";

test("the least: model and messages", () => {
  expect(build({})).toEqual({
    sent: { model: "m", messages: [{ role: "user", content: "Hello" }] },
    fields: [],
    losses: [],
  });
});

test("a stream asks for usage", () => {
  expect(build({}, openAiMember, { delivery: "streamed" }).sent).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("labels never go out", () => {
  expect(JSON.stringify(build({ labels: { user: "u-1" } }).sent)).not.toContain("u-1");
});

test("a conversation with all kinds of parts", () => {
  const { sent, fields } = build({
    messages: [
      { role: "system", parts: [{ type: "text", text: "Be brief." }] },
      {
        role: "user",
        name: "ann",
        parts: [
          { type: "text", text: "What is this?" },
          { type: "image", source: { data: "AAAA", mediaType: "image/png" }, detail: "low" },
          { type: "image", source: { url: "https://a.example/b.png" } },
          { type: "file", source: { data: "BBBB", mediaType: "application/pdf" }, filename: "b.pdf" },
        ],
      },
      {
        role: "assistant",
        parts: [
          { type: "text", text: "Let me look." },
          { type: "tool_call", id: "c1", name: "look", argumentsJson: "{}" },
        ],
      },
      {
        role: "tool",
        parts: [
          { type: "tool_result", toolCallId: "c1", content: [{ type: "text", text: "a cat" }] },
          { type: "tool_result", toolCallId: "c2", content: [] },
        ],
      },
    ],
  });
  expect(fields).toEqual([]);
  expect(sent["messages"]).toEqual([
    { role: "system", content: "Be brief." },
    {
      role: "user",
      name: "ann",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        { type: "image_url", image_url: { url: "https://a.example/b.png" } },
        { type: "file", file: { filename: "b.pdf", file_data: "data:application/pdf;base64,BBBB" } },
      ],
    },
    {
      role: "assistant",
      content: "Let me look.",
      tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "c1", content: "a cat" },
    { role: "tool", tool_call_id: "c2", content: "" },
  ]);
});

test("an assistant's tool calls without a text have null content", () => {
  const { sent } = build({
    messages: [
      ...hello,
      { role: "assistant", parts: [{ type: "tool_call", id: "c", name: "f", argumentsJson: "{}" }] },
    ],
  });
  expect(sent["messages"]).toMatchObject([{}, { content: null }]);
});

test("what Chat Completions has no place for is a loss", () => {
  const { sent, fields } = build({
    messages: [
      { role: "user", parts: [{ type: "file", source: { url: "https://a.example/a.pdf" } }] },
      {
        role: "tool",
        parts: [
          {
            type: "tool_result",
            toolCallId: "c",
            isError: true,
            content: [
              { type: "text", text: "see" },
              { type: "image", source: { url: "https://a.example/a.png" } },
            ],
          },
        ],
      },
    ],
    sampling: { topK: 5, temperature: 0 },
    stop: ["1", "2", "3", "4", "5"],
    reasoning: { effort: "low", budgetTokens: 100 },
  });
  expect(fields).toEqual([
    "messages[0].parts[0]",
    "messages[1].parts[0].content[1]",
    "messages[1].parts[0].isError",
    "sampling.topK",
    "stop",
    "reasoning.budgetTokens",
  ]);
  expect(sent).toMatchObject({
    messages: [{ role: "user", content: "" }, { content: "see" }],
    temperature: 0,
    stop: ["1", "2", "3", "4"],
    reasoning_effort: "low",
  });
  expect(sent).not.toHaveProperty("top_k");
});

test("settings", () => {
  const { sent } = build({
    tools: [{ name: "f", description: "d", parameters: { type: "object" }, strict: true }, { name: "g" }],
    toolChoice: { type: "tool", name: "f" },
    parallelToolCalls: false,
    responseFormat: { type: "json_schema", name: "s", schema: { type: "object" }, strict: true },
    sampling: { topP: 0.5, seed: 7, frequencyPenalty: 1, presencePenalty: -1 },
    maxOutputTokens: 10,
  });
  expect(sent).toMatchObject({
    tools: [
      {
        type: "function",
        function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
      },
      { type: "function", function: { name: "g" } },
    ],
    tool_choice: { type: "function", function: { name: "f" } },
    parallel_tool_calls: false,
    response_format: {
      type: "json_schema",
      json_schema: { name: "s", schema: { type: "object" }, strict: true },
    },
    top_p: 0.5,
    seed: 7,
    frequency_penalty: 1,
    presence_penalty: -1,
    max_completion_tokens: 10,
  });
  expect(build({ responseFormat: { type: "json" } }).sent["response_format"]).toEqual({
    type: "json_object",
  });
  expect(build({ responseFormat: { type: "text" } }).sent).not.toHaveProperty("response_format");
});

test("without tools nothing is said of them", () => {
  const { sent } = build({ toolChoice: { type: "none" }, parallelToolCalls: true });
  expect(sent).not.toHaveProperty("tool_choice");
  expect(sent).not.toHaveProperty("parallel_tool_calls");
});

test("OpenRouter takes top-k, max_tokens, a reasoning object, cache marks and files by address", () => {
  const { sent, fields } = build(
    {
      messages: [
        { role: "system", parts: [{ type: "text", text: "long", cacheHint: "long" }] },
        {
          role: "user",
          parts: [
            { type: "text", text: "short", cacheHint: "short" },
            { type: "file", source: { url: "https://a.example/a.pdf" } },
          ],
        },
      ],
      tools: [{ name: "f", cacheHint: "short" }],
      sampling: { topK: 5 },
      maxOutputTokens: 10,
      stop: ["1", "2", "3", "4", "5"],
      reasoning: { budgetTokens: 100, effort: "high" },
    },
    openRouterMember,
  );
  expect(fields).toEqual(["tools[0].cacheHint", "reasoning.effort"]);
  expect(sent).toMatchObject({
    messages: [
      { content: [{ type: "text", text: "long", cache_control: { type: "ephemeral", ttl: "1h" } }] },
      {
        content: [
          { type: "text", text: "short", cache_control: { type: "ephemeral" } },
          { type: "file", file: { filename: "file", file_data: "https://a.example/a.pdf" } },
        ],
      },
    ],
    top_k: 5,
    max_tokens: 10,
    stop: ["1", "2", "3", "4", "5"],
    reasoning: { max_tokens: 100 },
  });
  expect(build({ reasoning: { effort: "high" } }, openRouterMember).sent["reasoning"]).toEqual({
    effort: "high",
  });
});

test("reasoning is given back as each member takes it", () => {
  const messages: ChatRequest["messages"] = [
    ...hello,
    {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "Hm", signature: "sig" },
        { type: "reasoning", text: "So", redactedData: "xyz" },
        { type: "text", text: "Yes" },
      ],
    },
  ];
  const openAi = build({ messages });
  expect(openAi.sent["messages"]).toEqual([
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Yes" },
  ]);
  expect(openAi.fields).toEqual(["messages[1].parts[0]", "messages[1].parts[1]"]);

  const groq = build({ messages }, groqMember);
  expect(groq.sent["messages"]).toMatchObject([{}, { content: "Yes", reasoning: "Hm\n\nSo" }]);
  expect(groq.fields).toEqual(["messages[1].parts[0]", "messages[1].parts[1]"]);

  const openRouter = build({ messages }, openRouterMember, { model: "anthropic/claude" });
  const format = "anthropic-claude-v1";
  expect(openRouter.sent["messages"]).toMatchObject([
    {},
    {
      reasoning_details: [
        { type: "reasoning.text", text: "Hm", signature: "sig", index: 0, format },
        { type: "reasoning.summary", summary: "So", index: 1, format },
        { type: "reasoning.encrypted", data: "xyz", index: 1, format },
      ],
    },
  ]);
  expect(openRouter.fields).toEqual([]);
});

test("provider options add what we do not set, of our kind and family alone", () => {
  const { sent, fields } = build({
    sampling: { temperature: 1 },
    providerOptions: {
      openai: { service_tier: "flex", temperature: 0, stream: true, n: 2 },
      openai_family: { user: "u", service_tier: "auto" },
      groq: { secret: 1 },
      anthropic: { secret: 2 },
    },
  });
  expect(sent).toEqual({
    model: "m",
    messages: [{ role: "user", content: "Hello" }],
    temperature: 1,
    service_tier: "flex",
    user: "u",
  });
  expect(fields).toEqual([
    "providerOptions.openai.temperature",
    "providerOptions.openai.stream",
    "providerOptions.openai.n",
    "providerOptions.openai_family.service_tier",
  ]);
});

test("the longest answer is said once, by whatever name", () => {
  const named = { max_tokens: 9, max_completion_tokens: 9, max_output_tokens: 9 };
  const { sent, fields } = build({ maxOutputTokens: 1, providerOptions: { openai_family: named } });
  expect(Object.values(sent)).not.toContain(9);
  expect(fields).toEqual(Object.keys(named).map((name) => `providerOptions.openai_family.${name}`));
  expect(build({ providerOptions: { openai_family: { max_tokens: 9 } } }).sent).toMatchObject({
    max_tokens: 9,
  });
});

test("provider options name no other model where the caller is held to one", () => {
  const others = { models: ["dear"], preset: "@preset/dear" };
  const providerOptions = { openai: others };
  expect(build({ providerOptions }).sent).toMatchObject(others);
  const { sent, fields } = build({ providerOptions }, openAiMember, { heldToModel: true });
  expect(sent).toEqual({ model: "m", messages: [{ role: "user", content: "Hello" }] });
  expect(fields).toEqual(["providerOptions.openai.models", "providerOptions.openai.preset"]);
});

test("a key `__proto__` among provider options is a key like others", () => {
  const options: ChatRequest["providerOptions"] = { openai: JSON.parse('{"__proto__":{"x":1}}') };
  const { body } = buildOpenAiRequest(
    { messages: hello, providerOptions: options },
    { model: "m", delivery: "unary", member: openAiMember },
  );
  expect(JSON.stringify(body)).toContain('"__proto__":{"x":1}');
  expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
});
