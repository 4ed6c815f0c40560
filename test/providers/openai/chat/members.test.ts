// What each member is asked otherwise than OpenAI.

import { expect, test } from "vitest";
import type { ChatRequest, ReasoningEffort } from "../../../../src/core/chat/request.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import {
  azureMember,
  compatibleMember,
  deepSeekMember,
  groqMember,
  mistralMember,
  ollamaMember,
  openAiMember,
  openRouterMember,
  vllmMember,
  xAiMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { build, hello } from "./build-request.ts";

const all = [
  openAiMember,
  azureMember,
  groqMember,
  openRouterMember,
  xAiMember,
  mistralMember,
  deepSeekMember,
  vllmMember,
  ollamaMember,
  compatibleMember,
];

const efforts: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh"];

test("each has a kind of its own", () => {
  expect(new Set(all.map(({ kind }) => kind)).size).toBe(all.length);
});

/** What is sent for each effort, with "*" where another was asked for. */
const sentFor = (member: FamilyMember): readonly string[] =>
  efforts.map((effort) => {
    const { sent, fields } = build({ reasoning: { effort } }, member);
    const { model, messages, ...wish } = sent;
    return `${JSON.stringify(wish)}${fields.includes("reasoning.effort") ? "*" : ""}`;
  });

const words = (...names: readonly string[]): readonly string[] =>
  names.map((name) => {
    const lost = name.endsWith("*");
    return `${JSON.stringify({ reasoning_effort: lost ? name.slice(0, -1) : name })}${lost ? "*" : ""}`;
  });

test.each([
  [openAiMember, words(...efforts)],
  [azureMember, words(...efforts)],
  [compatibleMember, words(...efforts)],
  [groqMember, words("none", "low*", "low", "medium", "high", "high*")],
  [xAiMember, words("none", "low*", "low", "medium", "high", "high*")],
  [ollamaMember, words("none", "low*", "low", "medium", "high", "high*")],
  [mistralMember, words("none", "high*", "high*", "high*", "high", "high*")],
] as const)("$name takes efforts as it knows them, others as the nearest", (member, sent) => {
  expect(sentFor(member)).toEqual(sent);
});

test("DeepSeek has a switch beside the effort, vLLM's templates have one in its place", () => {
  const low = { thinking: { type: "enabled" }, reasoning_effort: "low" };
  const high = { thinking: { type: "enabled" }, reasoning_effort: "high" };
  expect(sentFor(deepSeekMember)).toEqual([
    '{"thinking":{"type":"disabled"}}',
    `${JSON.stringify(low)}*`,
    JSON.stringify(low),
    `${JSON.stringify(high)}*`,
    JSON.stringify(high),
    `${JSON.stringify(high)}*`,
  ]);
  expect(sentFor(vllmMember)[0]).toBe('{"chat_template_kwargs":{"enable_thinking":false}}');
  expect(sentFor(vllmMember).slice(2, 5)).toEqual(words("low", "medium", "high"));
});

test("a member that knows no effort at all is sent none", () => {
  const { sent, fields } = build(
    { reasoning: { effort: "high" } },
    { ...openAiMember, reasoningWishes: { efforts: {} } },
  );
  expect(sent).not.toHaveProperty("reasoning_effort");
  expect(fields).toEqual(["reasoning.effort"]);
});

const tools: ChatRequest["tools"] = [{ name: "f" }];
/** Mistral refuses a tool without a schema. */
const noParameters = { type: "object", properties: {}, additionalProperties: false };

test("Mistral: any tool, random_seed, max_tokens, no names, documents, no stream options", () => {
  const { sent, fields } = build(
    {
      messages: [
        {
          role: "user",
          name: "ann",
          parts: [
            { type: "text", text: "Read" },
            { type: "file", source: { data: "AA", mediaType: "application/pdf" }, filename: "a.pdf" },
            { type: "file", source: { url: "https://a.example/b.pdf" } },
          ],
        },
      ],
      tools,
      toolChoice: { type: "required" },
      parallelToolCalls: false,
      sampling: { seed: 7 },
      maxOutputTokens: 9,
    },
    mistralMember,
    { delivery: "streamed" },
  );
  expect(sent).toEqual({
    model: "m",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Read" },
          {
            type: "document_url",
            document_url: "data:application/pdf;base64,AA",
            document_name: "a.pdf",
          },
          { type: "document_url", document_url: "https://a.example/b.pdf" },
        ],
      },
    ],
    tools: [{ type: "function", function: { name: "f", parameters: noParameters } }],
    tool_choice: "any",
    parallel_tool_calls: false,
    random_seed: 7,
    max_tokens: 9,
    stream: true,
  });
  expect(fields).toEqual(["messages[0].name"]);
});

test("Mistral: ids of tool calls of another vendor's become such as it takes, the same for call and result", () => {
  const { sent } = build(
    {
      messages: [
        ...hello,
        {
          role: "assistant",
          parts: [
            { type: "tool_call", id: "call_abc", name: "f", argumentsJson: "{}" },
            { type: "tool_call", id: "D681PevKs", name: "g", argumentsJson: "{}" },
          ],
        },
        { role: "tool", parts: [{ type: "tool_result", toolCallId: "call_abc", content: [] }] },
      ],
    },
    mistralMember,
  );
  const id = expect.stringMatching(/^[0-9A-Za-z]{9}$/);
  expect(sent["messages"]).toMatchObject([
    {},
    { tool_calls: [{ id }, { id: "D681PevKs" }] },
    { role: "tool", tool_call_id: id },
  ]);
  const [, call, result] = Array.isArray(sent["messages"]) ? sent["messages"] : [];
  expect(result.tool_call_id).toBe(call.tool_calls[0].id);
});

test("Mistral: an answer that is to be gone on with bears a mark", () => {
  const answer: ChatRequest["messages"][number] = {
    role: "assistant",
    parts: [{ type: "text", text: "{" }],
  };
  expect(build({ messages: [...hello, answer] }, mistralMember).sent["messages"]).toEqual([
    { role: "user", content: "Hello" },
    { role: "assistant", content: "{", prefix: true },
  ]);
  expect(JSON.stringify(build({ messages: [...hello, answer, ...hello] }, mistralMember).sent)).not.toContain(
    "prefix",
  );
});

test("DeepSeek holds no answer to a schema: it is told in words", () => {
  const responseFormat = { type: "json_schema", name: "s", schema: { type: "object" } } as const;
  const { sent, fields } = build({ responseFormat }, deepSeekMember);
  expect(sent["response_format"]).toEqual({ type: "json_object" });
  expect(sent["messages"]).toEqual([
    { role: "system", content: expect.stringContaining('JSON Schema.\n{"type":"object"}') },
    { role: "user", content: "Hello" },
  ]);
  expect(fields).toEqual(["responseFormat"]);
});

test("DeepSeek has no seed and no word on parallel calls", () => {
  const { sent, fields } = build({ tools, parallelToolCalls: false, sampling: { seed: 1 } }, deepSeekMember);
  expect(fields).toEqual(["parallelToolCalls", "sampling.seed"]);
  expect(sent).not.toHaveProperty("seed");
  expect(sent).not.toHaveProperty("parallel_tool_calls");
  expect(build({ tools, parallelToolCalls: true }, deepSeekMember).fields).toEqual([]);
});

test("provider options go to a member by its kind", () => {
  const providerOptions = { vllm: { min_p: 0.1 }, mistral: { safe_prompt: true } };
  expect(build({ providerOptions }, vllmMember).sent).toMatchObject({ min_p: 0.1 });
  expect(build({ providerOptions }, vllmMember).sent).not.toHaveProperty("safe_prompt");
});
