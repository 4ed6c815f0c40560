import { expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../../src/core/chat/request.ts";
import type { Delivery } from "../../../../src/core/provider.ts";
import type { ResponsesMember } from "../../../../src/providers/openai/responses/member.ts";
import {
  azureResponses,
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../../src/providers/openai/responses/members.ts";
import { buildResponsesRequest } from "../../../../src/providers/openai/responses/request.ts";

interface How {
  readonly model?: string;
  readonly delivery?: Delivery;
  readonly member?: ResponsesMember;
}

const hello: Message = { role: "user", parts: [{ type: "text", text: "Hello" }] };

function build(over: Partial<ChatRequest> = {}, how: How = {}) {
  const { model = "gpt-4.1", delivery = "unary", member = openAiResponses } = how;
  const { body, losses } = buildResponsesRequest({ messages: [hello], ...over }, { model, delivery, member });
  const sent: unknown = JSON.parse(JSON.stringify(body));
  return { body: sent, losses: losses.map(({ field }) => field) };
}

const input = (messages: readonly Message[], how?: How) => build({ messages }, how);
const user = (...parts: Part[]): Message => ({ role: "user", parts });

test("the least request: nothing is kept by the vendor", () => {
  expect(build()).toEqual({
    body: { model: "gpt-4.1", input: [{ role: "user", content: "Hello" }], store: false },
    losses: [],
  });
  expect(build({}, { delivery: "streamed" }).body).toMatchObject({ stream: true });
  expect(build({}, { member: deepSeekResponses }).body).toEqual({
    model: "gpt-4.1",
    input: [{ role: "user", content: "Hello" }],
  });
});

test.each([
  [openAiResponses, "gpt-5-mini", true],
  [openAiResponses, "o4-mini", true],
  [openAiResponses, "gpt-5-chat-latest", false],
  [openAiResponses, "gpt-4o", false],
  [azureResponses, "gpt-5-nano", true],
  [azureResponses, "my-deployment", false],
  [xAiResponses, "grok-4.3", true],
  [openRouterResponses, "openai/gpt-5", true],
  [openRouterResponses, "openai/gpt-4o", false],
  [openRouterResponses, "anthropic/claude-sonnet-4.5", true],
  [deepSeekResponses, "deepseek-v4-flash", false],
])("$kind: encrypted reasoning is asked for where the model has it: %s, %s", (member, model, asked) => {
  const include = asked ? ["reasoning.encrypted_content"] : undefined;
  expect(Object(build({}, { member, model }).body).include).toEqual(include);
});

test("messages keep their order: system texts stand where they stood", () => {
  const system: Message = { role: "system", parts: [{ type: "text", text: "Be brief." }] };
  const { body } = input([hello, system, user({ type: "text", text: "a" }, { type: "text", text: "b" })]);
  expect(body).toMatchObject({
    input: [
      { role: "user", content: "Hello" },
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "input_text", text: "a" },
          { type: "input_text", text: "b" },
        ],
      },
    ],
  });
});

test("images and files, as data and by address", () => {
  const { body, losses } = input([
    user(
      { type: "image", source: { data: "QQ==", mediaType: "image/png" }, detail: "low" },
      { type: "image", source: { url: "https://a.example/b.png" } },
      { type: "file", source: { data: "QQ==", mediaType: "application/pdf" }, filename: "a.pdf" },
      { type: "file", source: { data: "QQ==", mediaType: "application/pdf" } },
      { type: "file", source: { url: "https://a.example/c.pdf" }, filename: "c.pdf" },
    ),
  ]);
  expect(body).toMatchObject({
    input: [
      {
        content: [
          { type: "input_image", image_url: "data:image/png;base64,QQ==", detail: "low" },
          { type: "input_image", image_url: "https://a.example/b.png" },
          { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,QQ==" },
          { type: "input_file", filename: "file", file_data: "data:application/pdf;base64,QQ==" },
          { type: "input_file", file_url: "https://a.example/c.pdf" },
        ],
      },
    ],
  });
  expect(losses).toEqual(["messages[0].parts[4].filename"]);
});

test("a member that takes no files loses them", () => {
  const file: Part = { type: "file", source: { url: "https://a.example/c.pdf" } };
  const { body, losses } = input([user({ type: "text", text: "a" }, file)], { member: deepSeekResponses });
  expect(body).toMatchObject({ input: [{ role: "user", content: "a" }] });
  expect(losses).toEqual(["messages[0].parts[1]"]);
});

test("an assistant's message is an item for each of its parts, a tool's for each result", () => {
  const { body, losses } = input([
    {
      role: "assistant",
      parts: [
        { type: "text", text: "Looking." },
        { type: "tool_call", id: "a", name: "f", argumentsJson: '{"x":1}' },
        {
          type: "tool_call",
          id: "b",
          name: "g",
          argumentsJson: "not JSON",
          signature: "s",
          vendor: "gemini",
        },
        { type: "text", text: "" },
      ],
      name: "Ann",
    },
    {
      role: "tool",
      parts: [
        { type: "tool_result", toolCallId: "a", content: [{ type: "text", text: "1" }], isError: true },
        {
          type: "tool_result",
          toolCallId: "b",
          content: [
            { type: "text", text: "see" },
            { type: "image", source: { data: "QQ==", mediaType: "image/png" } },
          ],
        },
        { type: "tool_result", toolCallId: "c", content: [] },
      ],
    },
  ]);
  expect(body).toMatchObject({
    input: [
      { role: "assistant", content: "Looking." },
      { type: "function_call", call_id: "a", name: "f", arguments: '{"x":1}' },
      { type: "function_call", call_id: "b", name: "g", arguments: "not JSON" },
      { type: "function_call_output", call_id: "a", output: "1" },
      {
        type: "function_call_output",
        call_id: "b",
        output: [
          { type: "input_text", text: "see" },
          { type: "input_image", image_url: "data:image/png;base64,QQ==" },
        ],
      },
      { type: "function_call_output", call_id: "c", output: "" },
    ],
  });
  expect(losses).toEqual([
    "messages[0].name",
    "messages[0].parts[2].signature",
    "messages[1].parts[0].isError",
  ]);
});

test("tools say whether they are strict, which the API's own default is", () => {
  const schema = { type: "object", properties: { x: { type: "number" } } };
  const { body, losses } = build({
    tools: [{ name: "f", description: "d", parameters: schema, strict: true }, { name: "g" }],
    toolChoice: { type: "tool", name: "f" },
    parallelToolCalls: false,
  });
  expect(body).toMatchObject({
    tools: [
      { type: "function", name: "f", description: "d", parameters: schema, strict: true },
      {
        type: "function",
        name: "g",
        parameters: { type: "object", properties: {}, additionalProperties: false },
        strict: false,
      },
    ],
    tool_choice: { type: "function", name: "f" },
    parallel_tool_calls: false,
  });
  expect(losses).toEqual([]);
  expect(build({ tools: [{ name: "g" }], toolChoice: { type: "required" } }).body).toMatchObject({
    tool_choice: "required",
  });
  expect(build({ toolChoice: { type: "auto" }, parallelToolCalls: true }).body).toEqual(build().body);
});

test("a member that has no word on parallel calls", () => {
  const how = { member: deepSeekResponses };
  expect(build({ tools: [{ name: "g" }], parallelToolCalls: false }, how).losses).toEqual([
    "parallelToolCalls",
  ]);
  expect(build({ tools: [{ name: "g" }], parallelToolCalls: true }, how).losses).toEqual([]);
});

test("the form of the answer", () => {
  const schema = { type: "object" };
  expect(
    build({ responseFormat: { type: "json_schema", name: "n", description: "d", schema, strict: true } })
      .body,
  ).toMatchObject({
    text: { format: { type: "json_schema", name: "n", description: "d", schema, strict: true } },
  });
  expect(build({ responseFormat: { type: "json" } }).body).toMatchObject({
    text: { format: { type: "json_object" } },
  });
  expect(build({ responseFormat: { type: "text" } }).body).toEqual(build().body);
});

const sampling = { temperature: 0.5, topP: 0.9, topK: 5, seed: 1, frequencyPenalty: 1, presencePenalty: 1 };

test("sampling that the API has no word for is lost", () => {
  const { body, losses } = build({ sampling, stop: ["x"] });
  expect(body).toEqual({ ...Object(build().body), temperature: 0.5, top_p: 0.9 });
  expect(losses).toEqual([
    "sampling.seed",
    "stop",
    "sampling.topK",
    "sampling.frequencyPenalty",
    "sampling.presencePenalty",
  ]);
});

test("a router has words for more of it", () => {
  const { body, losses } = build({ sampling, stop: [] }, { member: openRouterResponses });
  expect(body).toMatchObject({ top_k: 5, frequency_penalty: 1, presence_penalty: 1 });
  expect(losses).toEqual(["sampling.seed"]);
});

test("the length of the output, raised to the least that a vendor takes", () => {
  expect(build({ maxOutputTokens: 16 })).toMatchObject({ body: { max_output_tokens: 16 }, losses: [] });
  expect(build({ maxOutputTokens: 1 })).toMatchObject({
    body: { max_output_tokens: 16 },
    losses: ["maxOutputTokens"],
  });
  expect(build({ maxOutputTokens: 1 }, { member: xAiResponses })).toMatchObject({
    body: { max_output_tokens: 1 },
    losses: [],
  });
});

test("the wish for reasoning, with a summary of it", () => {
  const model = "gpt-5.2";
  expect(build({ reasoning: { effort: "high" } }, { model }).body).toMatchObject({
    reasoning: { effort: "high", summary: "auto" },
  });
  expect(build({ reasoning: { effort: "none" } }, { model }).body).toMatchObject({
    reasoning: { effort: "none" },
  });
  expect(build({ reasoning: { effort: "low" } }, { member: deepSeekResponses }).body).toHaveProperty(
    "reasoning",
    { effort: "low" },
  );
  expect(build({ reasoning: { budgetTokens: 100 } })).toEqual({
    ...build(),
    losses: ["reasoning.budgetTokens"],
  });
});

test("a budget for reasoning, where it is taken", () => {
  const member = openRouterResponses;
  const { body, losses } = build({ reasoning: { budgetTokens: 100, effort: "low" } }, { member });
  expect(body).toMatchObject({ reasoning: { max_tokens: 100, summary: "auto" } });
  expect(losses).toEqual(["reasoning.effort"]);
});

test("a cache hint loses nothing where the vendor caches by itself", () => {
  const messages: Message[] = [user({ type: "text", text: "a", cacheHint: "long" })];
  const tools = [{ name: "g", cacheHint: "short" as const }];
  expect(build({ messages, tools }).losses).toEqual([]);
  expect(build({ messages, tools }, { member: openRouterResponses }).losses).toEqual([
    "messages[0].parts[0].cacheHint",
    "tools[0].cacheHint",
  ]);
});
