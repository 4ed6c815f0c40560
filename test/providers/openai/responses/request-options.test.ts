// The caller's own members for the vendor, and those of the OpenAI face for the whole family.

import { expect, test } from "vitest";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import type { Delivery } from "../../../../src/core/provider.ts";
import type { ResponsesMember } from "../../../../src/providers/openai/responses/member.ts";
import {
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../../src/providers/openai/responses/members.ts";
import { buildResponsesRequest } from "../../../../src/providers/openai/responses/request.ts";

interface How {
  readonly request?: Partial<ChatRequest>;
  readonly member?: ResponsesMember;
  readonly delivery?: Delivery;
  readonly model?: string;
  readonly heldToModel?: boolean;
}

function build(
  providerOptions: Readonly<Record<string, JsonObject>>,
  { request = {}, member = openAiResponses, delivery = "unary", model = "gpt-5", heldToModel }: How = {},
) {
  const { body, losses } = buildResponsesRequest(
    { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }], ...request, providerOptions },
    { model, delivery, heldToModel, member },
  );
  const { model: _model, input: _input, ...sent } = Object(JSON.parse(JSON.stringify(body)));
  return { sent, losses: losses.map(({ field }) => field) };
}

const usual = { store: false, include: ["reasoning.encrypted_content"] };

test("members for the vendor, and for the whole family, are sent as they are", () => {
  const { sent, losses } = build({
    openai: { service_tier: "flex", metadata: { a: "b" } },
    openai_family: { user: "u", prompt_cache_key: "k", safety_identifier: "s", service_tier: "auto" },
    anthropic: { top_k: 1 },
  });
  expect(sent).toEqual({
    ...usual,
    service_tier: "flex",
    metadata: { a: "b" },
    user: "u",
    prompt_cache_key: "k",
    safety_identifier: "s",
  });
  expect(losses).toEqual(["providerOptions.openai_family.service_tier"]);
});

test("answers are kept where the caller asks for it: then nothing is encrypted", () => {
  expect(build({ openai: { store: true } }).sent).toEqual({ store: true });
  expect(build({ openai: { store: true } }, { member: deepSeekResponses }).sent).toEqual({});
});

test("what the request itself sets, or hangs on how the answer is read, is not overwritten", () => {
  const { sent, losses } = build(
    { openai: { temperature: 1, model: "x", input: [], stream: false, top_p: 0.5 } },
    { request: { sampling: { temperature: 0 } }, delivery: "streamed", model: "gpt-5.2" },
  );
  expect(sent).toEqual({ ...usual, stream: true, temperature: 0, top_p: 0.5 });
  expect(losses).toEqual([
    "providerOptions.openai.model",
    "providerOptions.openai.input",
    "providerOptions.openai.stream",
    "providerOptions.openai.temperature",
  ]);
});

test("lists and objects that both have a say in are put together", () => {
  const { sent, losses } = build(
    {
      openai: {
        include: ["web_search_call.action.sources", "reasoning.encrypted_content", 5],
        text: { verbosity: "low", format: { type: "text" } },
        reasoning: { summary: "detailed", effort: "high" },
      },
    },
    { request: { responseFormat: { type: "json" }, reasoning: { effort: "low" } } },
  );
  expect(sent).toEqual({
    store: false,
    include: ["reasoning.encrypted_content", "web_search_call.action.sources"],
    text: { verbosity: "low", format: { type: "json_object" } },
    reasoning: { effort: "low", summary: "detailed" },
  });
  expect(losses).toEqual(["providerOptions.openai.text.format", "providerOptions.openai.reasoning.effort"]);
});

test("members of Chat Completions that the API says in another way", () => {
  const { sent, losses } = build({
    openai_family: { logprobs: true, top_logprobs: 3, verbosity: "high", n: 1 },
  });
  expect(sent).toEqual({
    store: false,
    include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
    top_logprobs: 3,
    text: { verbosity: "high" },
  });
  expect(losses).toEqual([]);
  expect(build({ openai_family: { logprobs: true } }, { member: xAiResponses }).sent).toMatchObject({
    logprobs: true,
  });
  expect(build({ openai_family: { logprobs: false } }).sent).toEqual(usual);
});

test("members of Chat Completions that the API does not have are lost", () => {
  const { sent, losses } = build({
    openai_family: { n: 2, logit_bias: {}, seed: 1, frequency_penalty: 1, stream_options: {} },
    openai: { stream_options: { include_obfuscation: false } },
  });
  expect(sent).toEqual({ ...usual, stream_options: { include_obfuscation: false } });
  expect(losses).toEqual([
    "providerOptions.openai_family.n",
    "providerOptions.openai_family.logit_bias",
    "providerOptions.openai_family.seed",
    "providerOptions.openai_family.frequency_penalty",
    "providerOptions.openai_family.stream_options",
  ]);
  const member = openRouterResponses;
  expect(build({ openai_family: { frequency_penalty: 1 } }, { member }).sent).toMatchObject({
    frequency_penalty: 1,
  });
  expect(build({ openai_family: { logprobs: true } }, { member: deepSeekResponses }).losses).toEqual([
    "providerOptions.openai_family.logprobs",
  ]);
});

test("what names another model is lost under whichever key where the caller is held to one", () => {
  const member = openRouterResponses;
  const others = { models: ["dear"], preset: "@preset/dear" };
  for (const key of ["openrouter", "openai_family"]) {
    expect(build({ [key]: others }, { member }).sent).toMatchObject(others);
    const { sent, losses } = build({ [key]: others }, { member, heldToModel: true });
    expect(sent).not.toHaveProperty("models");
    expect(sent).not.toHaveProperty("preset");
    expect(losses).toEqual([`providerOptions.${key}.models`, `providerOptions.${key}.preset`]);
  }
});

test("the answer's length is said once, by whatever name", () => {
  const lengths = { max_tokens: 900, max_completion_tokens: 900, max_output_tokens: 900 };
  const { sent, losses } = build({ openai: lengths }, { request: { maxOutputTokens: 16 } });
  expect(sent).toEqual({ ...usual, max_output_tokens: 16 });
  expect(losses).toEqual(Object.keys(lengths).map((name) => `providerOptions.openai.${name}`));
  expect(build({ openai: { max_output_tokens: 900 } }).sent).toMatchObject({ max_output_tokens: 900 });
});

test("background mode is for streams: a whole answer would come before the model has begun", () => {
  expect(build({ openai: { background: true } })).toEqual({
    sent: usual,
    losses: ["providerOptions.openai.background"],
  });
  expect(build({ openai: { background: true } }, { delivery: "streamed" }).sent).toMatchObject({
    background: true,
  });
});

test("a member that bears the name of an object's own is one like any other", () => {
  const options: JsonObject = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  expect(JSON.stringify(build({ openai: options }).sent)).toContain('"__proto__":{"a":1},"constructor":2');
});

test("a vendor's own tools, where the request has none", () => {
  const tools = [{ type: "web_search" }];
  expect(build({ openai: { tools } }).sent).toMatchObject({ tools });
  expect(build({ openai: { tools } }, { request: { tools: [{ name: "f" }] } }).losses).toEqual([
    "providerOptions.openai.tools",
  ]);
});
