// Reasoning and tool calls with their proofs: out in an answer, gathered as clients gather, and given back.

import { afterEach, describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Part } from "../../../src/core/chat/request.ts";
import type { Script } from "../../support/scripted-provider.ts";
import { type ProvenPart, provenScript } from "./proven-scripts.ts";
import { eventsOf, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";
import { readCompletionRequest } from "../../../src/api/openai/request-mapping.ts";

let face: OpenAiFace | undefined;
afterEach(() => face?.close());

const asked = { messages: [{ role: "user" as const, content: "Hi" }] };

/** Answers, each with what stands in `reasoning_details` of it and what comes of it when it is given back. */
const cases: Record<string, { parts: readonly ProvenPart[]; details: readonly object[] }> = {
  "signed text": {
    parts: [{ text: "Hm, so.", signature: "s1", vendor: "anthropic" }],
    details: [
      { type: "reasoning.text", text: "Hm, so.", signature: "s1", format: "anthropic-claude-v1", index: 0 },
    ],
  },
  "an encrypted form alone": {
    parts: [{ text: "", redactedData: "e1", vendor: "xai" }],
    details: [{ type: "reasoning.encrypted", data: "e1", format: "xai-responses-v1", index: 0 }],
  },
  "an encrypted form and its summary": {
    parts: [{ text: "In short.", redactedData: "e1", vendor: "openai" }],
    details: [
      { type: "reasoning.summary", summary: "In short.", format: "openai-responses-v1", index: 0 },
      { type: "reasoning.encrypted", data: "e1", format: "openai-responses-v1", index: 0 },
    ],
  },
  "an encrypted form with the id of its item": {
    parts: [
      { text: "In short.", signature: "rs_1", redactedData: "e1", vendor: "openai" },
      { text: "", signature: "rs_2", redactedData: "e2", vendor: "openai" },
    ],
    details: [
      { type: "reasoning.summary", summary: "In short.", format: "openai-responses-v1", index: 0 },
      { type: "reasoning.encrypted", data: "e1", id: "rs_1", format: "openai-responses-v1", index: 0 },
      { type: "reasoning.encrypted", data: "e2", id: "rs_2", format: "openai-responses-v1", index: 1 },
    ],
  },
  "a signature without a text": {
    parts: [{ text: "", signature: "s1", vendor: "gemini" }],
    details: [{ type: "reasoning.text", text: "", signature: "s1", format: "google-gemini-v1", index: 0 }],
  },
  "several pieces, one of them without a proof": {
    parts: [
      { text: "First.", signature: "s1", vendor: "anthropic" },
      { text: "", redactedData: "e2", vendor: "anthropic" },
      { text: "Third." },
      { text: "Fourth.", signature: "s4", vendor: "anthropic" },
    ],
    details: [
      { type: "reasoning.text", text: "First.", signature: "s1", format: "anthropic-claude-v1", index: 0 },
      { type: "reasoning.encrypted", data: "e2", format: "anthropic-claude-v1", index: 1 },
      { type: "reasoning.text", text: "Third.", index: 2 },
      { type: "reasoning.text", text: "Fourth.", signature: "s4", format: "anthropic-claude-v1", index: 3 },
    ],
  },
  "a vendor without a name of OpenRouter's": {
    parts: [{ text: "Hm.", signature: "s1", vendor: "acme" }],
    details: [{ type: "reasoning.text", text: "Hm.", signature: "s1", format: "acme", index: 0 }],
  },
};

/** The parts of one type that an assistant's message with these members becomes, without what is undefined. */
function givenBack(members: object, type: Part["type"]): unknown {
  const body = JSON.stringify({ messages: [{ role: "assistant", content: "x", ...members }] });
  const { messages } = readCompletionRequest(JSON.parse(body)).request;
  return JSON.parse(JSON.stringify(messages[0]?.parts.filter((part) => part.type === type)));
}
const reasoningGivenBack = (members: object) => givenBack(members, "reasoning");

/** Reads a stream as programs do that know no more than the format: texts are joined, lists too. */
function joinedDeltas(text: string) {
  const message: { reasoning_content?: string; reasoning_details?: object[] } = {};
  for (const data of eventsOf(text).slice(0, -1)) {
    const delta = JSON.parse(data).choices[0]?.delta ?? {};
    if (delta.reasoning_content !== undefined) {
      message.reasoning_content = (message.reasoning_content ?? "") + delta.reasoning_content;
    }
    if (delta.reasoning_details !== undefined) {
      message.reasoning_details = [...(message.reasoning_details ?? []), ...delta.reasoning_details];
    }
  }
  return message;
}

describe.each(Object.entries(cases))("%s", (_, { parts, details }) => {
  const given = parts.map((part) => ({ type: "reasoning", ...part }));
  const text = parts.map((part) => part.text).join("");

  test("in a whole answer, given back as it is", async () => {
    face = await serveOpenAi({ scripts: [provenScript(parts)] });
    const { message } = (await (await face.post(asked)).json()).choices[0];
    expect(message.reasoning_details).toEqual(details);
    expect(message.reasoning_content ?? "").toBe(text);
    expect(reasoningGivenBack(message)).toEqual(given);
  });

  test("in a stream whose deltas are joined, and given back", async () => {
    face = await serveOpenAi({ scripts: [provenScript(parts)] });
    const message = joinedDeltas(await (await face.post({ ...asked, stream: true })).text());
    expect(message.reasoning_details).toEqual(details);
    expect(message.reasoning_content ?? "").toBe(text);
    expect(reasoningGivenBack(message)).toEqual(given);
  });

  test("in a stream that the official client gathers, and given back", async () => {
    face = await serveOpenAi({ scripts: [provenScript(parts)] });
    const stream = face.client.chat.completions.stream({ model: "default", ...asked });
    const { choices } = await stream.finalChatCompletion();
    expect(reasoningGivenBack(choices[0]?.message ?? {})).toEqual(given);
  });
});

test("reasoning without any proof has its text alone", async () => {
  face = await serveOpenAi({ scripts: [provenScript([{ text: "Hm." }])] });
  const { message } = (await (await face.post(asked)).json()).choices[0];
  expect(message).toMatchObject({ reasoning_content: "Hm." });
  expect(message).not.toHaveProperty("reasoning_details");
  const streamed = await (await face.post({ ...asked, stream: true })).text();
  expect(streamed).not.toContain("reasoning_details");
});

test("a stream that breaks off tells the proofs that it has before its error", async () => {
  const { steps } = provenScript([{ text: "Hm.", signature: "s1", vendor: "anthropic" }]);
  face = await serveOpenAi({ scripts: [{ steps: [...steps.slice(0, -1), new Error("gone")] }] });
  const events = eventsOf(await (await face.post({ ...asked, stream: true })).text());
  expect(JSON.parse(events.at(-2) ?? "").choices[0].delta.reasoning_details).toHaveLength(1);
  expect(events.at(-1)).toContain('"error"');
});

describe("reasoning that other programs gathered", () => {
  const signed = { type: "reasoning.text", format: "anthropic-claude-v1", index: 0 };

  test("as pieces of one index, the signature last", () => {
    const details = [
      { ...signed, text: "Hm, " },
      { ...signed, text: "so." },
      { ...signed, text: "", signature: "s1" },
      { ...signed, index: 1, text: "And.", signature: "s2" },
    ];
    expect(reasoningGivenBack({ reasoning: "Hm, so.And.", reasoning_details: details })).toEqual([
      { type: "reasoning", text: "Hm, so.", signature: "s1", vendor: "anthropic" },
      { type: "reasoning", text: "And.", signature: "s2", vendor: "anthropic" },
    ]);
  });

  test("with its text beside the proof alone", () => {
    const details = [{ ...signed, text: "", signature: "s1", id: null }];
    expect(reasoningGivenBack({ reasoning_content: "Hm.", reasoning_details: details })).toEqual([
      { type: "reasoning", text: "Hm.", signature: "s1", vendor: "anthropic" },
    ]);
  });

  test("without an index, each with a proof of its own", () => {
    const details = [
      { type: "reasoning.text", text: "A.", signature: "s1" },
      { type: "reasoning.encrypted", data: "e1", id: "rs_1" },
      { type: "reasoning.text", text: "B.", signature: "s2" },
    ];
    expect(reasoningGivenBack({ reasoning_details: details })).toEqual([
      { type: "reasoning", text: "A.", signature: "s1" },
      { type: "reasoning", text: "", signature: "rs_1", redactedData: "e1" },
      { type: "reasoning", text: "B.", signature: "s2" },
    ]);
  });

  test("as nothing at all", () => {
    expect(reasoningGivenBack({ reasoning_content: "Hm.", reasoning_details: [] })).toEqual([
      { type: "reasoning", text: "Hm." },
    ]);
    expect(reasoningGivenBack({ reasoning_details: [{ ...signed, text: null }] })).toEqual([]);
  });
});

const callStart = (index: number, id: string): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind: "tool_call", id, name: "now" },
});

/** Two tool calls, of which the first has a proof. */
const signedCall = (vendor: string | undefined): Script => ({
  steps: [
    { type: "started" },
    callStart(0, "call_a"),
    { type: "part_delta", index: 0, text: "{}" },
    { type: "part_finished", index: 0, signature: "t1", vendor },
    callStart(1, "call_b"),
    { type: "part_delta", index: 1, text: "{}" },
    { type: "part_finished", index: 1 },
    { type: "finished", reason: "tool_calls" },
  ],
});

test("a proof among the reasoning's that bears the id of a tool call is the call's, as OpenRouter tells it", () => {
  const members = {
    reasoning_details: [
      { type: "reasoning.text", text: "Hm.", index: 0 },
      { type: "reasoning.encrypted", data: "t1", id: "call_a", format: "google-gemini-v1", index: 1 },
    ],
    tool_calls: [{ id: "call_a", type: "function", function: { name: "now", arguments: "{}" } }],
  };
  expect(reasoningGivenBack(members)).toEqual([{ type: "reasoning", text: "Hm." }]);
  expect(givenBack(members, "tool_call")).toEqual([
    { type: "tool_call", id: "call_a", name: "now", argumentsJson: "{}", signature: "t1", vendor: "gemini" },
  ]);
});

describe("tool calls", () => {
  test.each([
    ["gemini", { google: { thought_signature: "t1" } }],
    ["openai", { sluice: { signature: "t1", vendor: "openai" } }],
    [undefined, { sluice: { signature: "t1" } }],
  ])("of %s carry their proof there and back, whole and streamed", async (vendor, extra) => {
    face = await serveOpenAi({ scripts: [signedCall(vendor)] });
    const whole = (await (await face.post(asked)).json()).choices[0].message;
    const gathered = await face.client.chat.completions
      .stream({ model: "default", ...asked })
      .finalChatCompletion();
    const part = { type: "tool_call", name: "now", argumentsJson: "{}" };
    const proven = { ...part, id: "call_a", signature: "t1", ...(vendor === undefined ? {} : { vendor }) };
    for (const calls of [whole.tool_calls, gathered.choices[0]?.message.tool_calls]) {
      expect(calls[0].extra_content).toEqual(extra);
      expect(calls[1]).not.toHaveProperty("extra_content");
      expect(givenBack({ tool_calls: calls }, "tool_call")).toEqual([proven, { ...part, id: "call_b" }]);
    }
  });
});
