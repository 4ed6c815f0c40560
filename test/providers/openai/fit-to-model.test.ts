// What single models refuse is left out of the request, and said to be: in both of the family's APIs.

import { expect, test } from "vitest";
import type { ChatRequest, ReasoningEffort, Sampling } from "../../../src/core/chat/request.ts";
import {
  azureMember,
  compatibleMember,
  groqMember,
  openAiMember,
  openRouterMember,
  xAiMember,
} from "../../../src/providers/openai/chat/members.ts";
import { openAiResponses, xAiResponses } from "../../../src/providers/openai/responses/members.ts";
import { buildResponsesRequest } from "../../../src/providers/openai/responses/request.ts";
import { build, hello } from "./chat/build-request.ts";

const sampling: Sampling = { temperature: 0.2, topP: 0.5, frequencyPenalty: 0.1, presencePenalty: 0.2 };
const settings = { sampling, stop: ["."] };
const tools = [{ name: "f" }];

const chat = (request: Partial<ChatRequest>, model: string, member = openAiMember) => {
  const { sent, fields } = build(request, member, { model });
  const { model: _model, messages: _messages, tools: _tools, ...rest } = sent;
  return { sent: rest, fields };
};

function responses(request: Partial<ChatRequest>, model: string, member = openAiResponses) {
  const asked = { messages: hello, ...request };
  const { body, losses } = buildResponsesRequest(asked, { model, delivery: "unary", member });
  const sent: unknown = JSON.parse(JSON.stringify(body));
  return { sent, fields: losses.map(({ field }) => field) };
}

const all = ["temperature", "top_p", "frequency_penalty", "presence_penalty", "stop"];
const withTemperature = ["temperature", "top_p"];

test.each([
  ["gpt-4o-mini", undefined, all],
  ["gpt-4.1", undefined, all],
  ["gpt-5-chat-latest", undefined, all],
  ["a-model-of-ones-own", undefined, all],
  ["gpt-6", undefined, all],
  ["gpt-4o-search-preview", undefined, ["stop"]],
  ["gpt-5", undefined, []],
  ["gpt-5-mini-2025-08-07", undefined, []],
  ["GPT-5-mini", undefined, []],
  ["gpt-5.1", undefined, withTemperature],
  ["gpt-5.1", "low", []],
  ["gpt-5.1-chat-latest", undefined, []],
  ["gpt-5.1-codex", undefined, []],
  ["gpt-5.2", "none", withTemperature],
  ["gpt-5.5", undefined, []],
  ["gpt-5.5", "none", withTemperature],
  ["o1", undefined, ["stop"]],
  ["o3-mini", undefined, ["stop"]],
  ["o3", undefined, []],
  ["ft:o4-mini-2025-04-16:org::id", undefined, []],
] as const)("%s with the effort %s is sent, of sampling and stop: %j", (model, effort, names) => {
  const { sent, fields } = chat({ ...settings, reasoning: { effort } }, model);
  expect(Object.keys(sent).filter((name) => all.includes(name))).toEqual(names);
  expect(fields).toHaveLength(all.length - names.length);
});

test("the loss of a setting names it, the model and the value that it takes", () => {
  const { losses } = build({ sampling: { temperature: 0.2 }, stop: ["."] }, openAiMember, { model: "gpt-5" });
  expect(losses).toEqual([
    { field: "sampling.temperature", detail: "It was left out: gpt-5 takes no other value than 1." },
    { field: "stop", detail: "It was left out: gpt-5 takes no stop sequences." },
  ]);
});

test("leaving out what holds anyway is no loss", () => {
  const usual: Sampling = { temperature: 1, topP: 1, frequencyPenalty: 0, presencePenalty: 0, seed: 7 };
  expect(chat({ sampling: usual, stop: [] }, "gpt-5")).toEqual({ sent: { seed: 7 }, fields: [] });
  expect(chat({ tools, parallelToolCalls: true }, "o3")).toEqual({ sent: {}, fields: [] });
  expect(chat({ tools, parallelToolCalls: false }, "o3")).toEqual({
    sent: {},
    fields: ["parallelToolCalls"],
  });
});

test("the Responses API refuses the same", () => {
  expect(responses({ sampling: { temperature: 0.2 } }, "gpt-5").fields).toEqual(["sampling.temperature"]);
  const asked = responses({ sampling: { temperature: 0.2 }, reasoning: { effort: "none" } }, "gpt-5.2");
  expect(asked.sent).toMatchObject({ temperature: 0.2, reasoning: { effort: "none" } });
  expect(asked.fields).toEqual([]);
  expect(responses({ stop: ["."] }, "gpt-5").fields).toEqual(["stop"]);
});

const efforts: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh"];

test.each([
  ["gpt-4o", openAiMember, ["", "*", "*", "*", "*", "*"]],
  ["gpt-5-mini", openAiMember, ["minimal*", "minimal", "low", "medium", "high", "high*"]],
  ["gpt-5.1", openAiMember, ["none", "low*", "low", "medium", "high", "high*"]],
  ["gpt-5.4", openAiMember, ["none", "low*", "low", "medium", "high", "xhigh"]],
  ["o3", openAiMember, ["low*", "low*", "low", "medium", "high", "high*"]],
  ["gpt-5-nano", azureMember, ["minimal*", "minimal", "low", "medium", "high", "high*"]],
  ["openai/gpt-oss-120b", groqMember, ["low*", "low*", "low", "medium", "high", "high*"]],
  ["qwen/qwen3-32b", groqMember, ["none", "*", "*", "*", "*", "*"]],
  ["llama-3.3-70b-versatile", groqMember, ["", "*", "*", "*", "*", "*"]],
  ["grok-4.3", xAiMember, ["none", "low*", "low", "medium", "high", "high*"]],
  ["grok-4.5", xAiMember, ["low*", "low*", "low", "medium", "high", "high*"]],
  ["grok-4.20-0309-reasoning", xAiMember, ["*", "*", "*", "*", "*", "*"]],
] as const)("%s takes efforts as it knows them, others as the nearest", (model, member, sent) => {
  const told = efforts.map((effort) => {
    const { sent: body, fields } = chat({ reasoning: { effort } }, model, member);
    const { reasoning_effort: word } = body;
    return `${typeof word === "string" ? word : ""}${fields.length > 0 ? "*" : ""}`;
  });
  expect(told).toEqual(sent);
});

test("the Responses API is sent the nearest effort too", () => {
  const { sent, fields } = responses({ reasoning: { effort: "none" } }, "gpt-5-mini");
  expect(sent).toMatchObject({ reasoning: { effort: "minimal" } });
  expect(fields).toEqual(["reasoning.effort"]);
  expect(responses({ reasoning: { effort: "high" } }, "gpt-4o").sent).not.toHaveProperty("reasoning");
});

test("tools beside reasoning, where Chat Completions refuses both together", () => {
  for (const request of [{ tools }, { tools, reasoning: { effort: "high" as const } }]) {
    const { sent, fields } = chat(request, "gpt-5.5");
    expect(sent).toEqual({ reasoning_effort: "none" });
    expect(fields).toEqual(["reasoning.effort"]);
  }
  expect(chat({ tools }, "gpt-5.4")).toEqual({ sent: {}, fields: [] });
  expect(chat({ tools, reasoning: { effort: "none" } }, "gpt-5.6")).toEqual({
    sent: { reasoning_effort: "none" },
    fields: [],
  });
  expect(chat({ tools, reasoning: { effort: "high" } }, "gpt-5.2").sent).toEqual({
    reasoning_effort: "high",
  });
  expect(responses({ tools, reasoning: { effort: "high" } }, "gpt-5.5").fields).toEqual([]);
});

test("xAI takes neither penalties nor stop sequences", () => {
  const { sent, fields } = chat(settings, "grok-4.3", xAiMember);
  expect(sent).toEqual({ temperature: 0.2, top_p: 0.5 });
  expect(fields).toEqual(["sampling.frequencyPenalty", "sampling.presencePenalty", "stop"]);
  expect(responses({ stop: ["."] }, "grok-4.3", xAiResponses).fields).toEqual(["stop"]);
});

test("Azure's models of other makers know max_tokens, OpenAI's that reason the newer name alone", () => {
  const maxOutputTokens = 9;
  expect(chat({ maxOutputTokens }, "Mistral-Large-2411", azureMember).sent).toEqual({ max_tokens: 9 });
  expect(chat({ maxOutputTokens }, "gpt-4o", azureMember).sent).toEqual({ max_completion_tokens: 9 });
  const atModels = {
    ...azureMember,
    ...azureMember.adaptionTo?.({ baseUrl: "https://x/models", settings: {} }),
  };
  expect(chat({ maxOutputTokens }, "gpt-4o", atModels).sent).toEqual({ max_tokens: 9 });
  expect(chat({ maxOutputTokens }, "o4-mini", atModels).sent).toEqual({ max_completion_tokens: 9 });
});

test("other servers are sent what was asked for, whatever the model's name", () => {
  for (const member of [openRouterMember, compatibleMember]) {
    expect(chat(settings, "gpt-5", member).fields).toEqual([]);
  }
});
