// Reasoning and proofs: whose they are when they come, and to whom they are given back.

import { expect, test } from "vitest";
import type { ChatRequest, Part } from "../../../../src/core/chat/request.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import {
  compatibleMember,
  deepSeekMember,
  groqMember,
  mistralMember,
  openAiMember,
  openRouterMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { build, hello } from "./build-request.ts";
import { chunk, finish, read } from "./read-chunks.ts";

const finished = (events: ReturnType<typeof read>["events"]) =>
  events.filter((event) => event.type === "part_finished");
const details = (...entries: readonly object[]) => chunk({ reasoning_details: entries });
const callOf = (id: string, more: object = {}) =>
  chunk({ tool_calls: [{ index: 0, id, function: { name: "f", arguments: "{}" }, ...more }] });

const back = (parts: readonly Part[], member: FamilyMember, model = "m") => {
  const messages: ChatRequest["messages"] = [...hello, { role: "assistant", parts }];
  const { sent, losses } = build({ messages }, member, { model });
  const [, message] = Array.isArray(sent["messages"]) ? sent["messages"] : [];
  return { message, losses };
};

test.each([
  ["anthropic-claude-v1", "anthropic"],
  ["openai-responses-v1", "openai"],
  ["xai-responses-v1", "xai"],
  ["google-gemini-v1", "gemini"],
  ["another-v1", "openrouter"],
  [undefined, "openrouter"],
])("OpenRouter's format %s is a proof of %s", (format, vendor) => {
  const { events } = read(
    [
      details({ type: "reasoning.text", text: "Hm", signature: "s", format, index: 0 }),
      finish("stop"),
      "[DONE]",
    ],
    openRouterMember,
  );
  expect(finished(events)).toMatchObject([{ signature: "s", vendor }]);
});

test.each(["before", "behind"])(
  "Gemini's proof of a tool call is that call's, though it comes %s it",
  (when) => {
    const proof = details({
      type: "reasoning.encrypted",
      data: "xyz",
      id: "tool_1",
      format: "google-gemini-v1",
      index: 0,
    });
    const call = callOf("tool_1");
    const { events } = read(
      [...(when === "before" ? [proof, call] : [call, proof]), finish("tool_calls"), "[DONE]"],
      openRouterMember,
    );
    expect(finished(events)).toEqual([
      { type: "part_finished", index: 0, signature: "xyz", redactedData: undefined, vendor: "gemini" },
    ]);
  },
);

test("a proof whose call never comes is kept as reasoning", () => {
  const proof = { type: "reasoning.encrypted", data: "xyz", id: "x", format: "google-gemini-v1" };
  const { events } = read([details(proof), chunk({ content: "Hi" }), "[DONE]"], openRouterMember);
  expect(finished(events)).toContainEqual({
    type: "part_finished",
    index: 1,
    signature: undefined,
    redactedData: "xyz",
    vendor: "gemini",
  });
});

test("an encrypted piece with the id of a reasoning item is reasoning", () => {
  const proof = { type: "reasoning.encrypted", data: "xyz", id: "rs_1", format: "openai-responses-v1" };
  const { events } = read([details(proof), callOf("c1"), "[DONE]"], openRouterMember);
  expect(finished(events)).toMatchObject([{ index: 0, redactedData: "xyz", vendor: "openai" }, { index: 1 }]);
});

test("Google's endpoint puts its proof beside the call, and takes it back there", () => {
  const extra_content = { google: { thought_signature: "sig" } };
  const { events } = read([callOf("c1", { extra_content }), finish("tool_calls")], compatibleMember);
  expect(finished(events)).toMatchObject([{ signature: "sig", vendor: "gemini" }]);

  const call: Part = {
    type: "tool_call",
    id: "c1",
    name: "f",
    argumentsJson: "{}",
    signature: "sig",
    vendor: "gemini",
  };
  expect(back([call], compatibleMember, "gemini-3-pro")).toMatchObject({
    message: { tool_calls: [{ id: "c1", extra_content }] },
    losses: [],
  });
  for (const [member, model, vendor] of [
    [compatibleMember, "llama-4", "gemini"],
    [compatibleMember, "llama-4", undefined],
    [openAiMember, "gpt-5", "gemini"],
  ] as const) {
    const other = back([{ ...call, vendor }], member, model);
    expect(JSON.stringify(other.message)).not.toContain("sig");
    expect(other.losses).toMatchObject([
      { field: "messages[1].parts[0]", detail: expect.stringMatching(/^Dropped: /) },
    ]);
  }
});

test("OpenRouter takes the proof of the model's maker back, under its format", () => {
  const parts: readonly Part[] = [
    { type: "reasoning", text: "Hm", signature: "s", vendor: "anthropic" },
    { type: "reasoning", text: "So", signature: "t", vendor: "openrouter" },
  ];
  const { message, losses } = back(parts, openRouterMember, "anthropic/claude-sonnet-5");
  const format = "anthropic-claude-v1";
  expect(message.reasoning_details).toEqual([
    { type: "reasoning.text", text: "Hm", signature: "s", index: 0, format },
    { type: "reasoning.text", text: "So", signature: "t", index: 1, format },
  ]);
  expect(losses).toEqual([]);
});

test("OpenRouter is not sent another maker's proof: the text stays, the proof is a loss", () => {
  const parts: readonly Part[] = [
    { type: "reasoning", text: "Hm", signature: "s", vendor: "anthropic" },
    { type: "tool_call", id: "c", name: "f", argumentsJson: "{}", signature: "g", vendor: "gemini" },
  ];
  const { message, losses } = back(parts, openRouterMember, "openai/gpt-5");
  expect(message.reasoning_details).toEqual([
    { type: "reasoning.text", text: "Hm", index: 0, format: "openai-responses-v1" },
  ]);
  expect(losses.map(({ field }) => field).sort()).toEqual(["messages[1].parts[0]", "messages[1].parts[1]"]);
});

test("OpenRouter is given a tool call's proof among the details, with the call's id", () => {
  const call: Part = {
    type: "tool_call",
    id: "tool_1",
    name: "f",
    argumentsJson: "{}",
    signature: "xyz",
    vendor: "gemini",
  };
  const { message, losses } = back([call], openRouterMember, "google/gemini-3-pro");
  expect(message.reasoning_details).toEqual([
    { type: "reasoning.encrypted", id: "tool_1", data: "xyz", index: 0, format: "google-gemini-v1" },
  ]);
  expect(losses).toEqual([]);
});

test("DeepSeek is given reasoning back as it came, and the member with every message of the assistant's", () => {
  const call: Part = { type: "tool_call", id: "c", name: "f", argumentsJson: "{}" };
  const reasoning: Part = { type: "reasoning", text: "Hm" };
  expect(back([reasoning, call], deepSeekMember).message).toMatchObject({ reasoning_content: "Hm" });
  expect(back([call], deepSeekMember).message).toMatchObject({ reasoning_content: "" });
  expect(back([{ type: "text", text: "Hi" }], deepSeekMember).message).toEqual({
    role: "assistant",
    content: "Hi",
    reasoning_content: "",
  });
});

test("Mistral is given reasoning back as the first piece of the content", () => {
  const parts: readonly Part[] = [
    { type: "reasoning", text: "Hm", signature: "s", vendor: "anthropic" },
    { type: "text", text: "Hi" },
  ];
  const { message, losses } = back(parts, mistralMember);
  expect(message.content).toEqual([
    { type: "thinking", thinking: [{ type: "text", text: "Hm" }] },
    { type: "text", text: "Hi" },
  ]);
  expect(losses).toHaveLength(1);
});

test("Groq is given the text alone", () => {
  const { message, losses } = back(
    [
      { type: "reasoning", text: "Hm" },
      { type: "text", text: "Hi" },
    ],
    groqMember,
  );
  expect(message).toMatchObject({ reasoning: "Hm", content: "Hi" });
  expect(losses).toEqual([]);
});
