// Reasoning of earlier turns: given back to the model that wrote it, to no other.

import { expect, test } from "vitest";
import type { Part, ReasoningPart } from "../../../../src/core/chat/request.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import type { ResponsesMember } from "../../../../src/providers/openai/responses/member.ts";
import {
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../../src/providers/openai/responses/members.ts";
import { buildResponsesRequest } from "../../../../src/providers/openai/responses/request.ts";

const answer: Part = { type: "text", text: "4" };
const own: ReasoningPart = {
  type: "reasoning",
  text: "Two and two.",
  signature: "rs_1",
  redactedData: "sealed",
  vendor: "openai",
};
const item = {
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "Two and two." }],
  encrypted_content: "sealed",
};

interface How {
  readonly member?: ResponsesMember;
  readonly model?: string;
  readonly options?: JsonObject;
}

/** What is sent of an assistant's message, and what was lost of it. */
function back(parts: readonly Part[], { member = openAiResponses, model = "gpt-5", options }: How = {}) {
  const { body, losses } = buildResponsesRequest(
    {
      messages: [{ role: "assistant", parts }],
      providerOptions: options === undefined ? undefined : { [member.kind]: options },
    },
    { model, delivery: "unary", member },
  );
  const items: unknown = JSON.parse(JSON.stringify(body.input));
  return { items, losses: losses.map(({ field }) => field) };
}

const text = { role: "assistant", content: "4" };

test("its own, encrypted, before what came of it", () => {
  expect(back([own, answer])).toEqual({ items: [item, text], losses: [] });
  expect(back([{ ...own, vendor: undefined }, answer])).toEqual({ items: [item, text], losses: [] });
  const call: Part = { type: "tool_call", id: "a", name: "f", argumentsJson: "{}" };
  expect(back([own, call]).losses).toEqual([]);
});

test("without a text there is no summary, without an id none is made up", () => {
  const { text: _text, ...rest } = own;
  expect(back([{ ...rest, text: "", signature: "" }, answer]).items).toEqual([
    { type: "reasoning", summary: [], encrypted_content: "sealed" },
    text,
  ]);
});

test.each([
  ["another vendor's", [{ ...own, vendor: "anthropic" }, answer]],
  ["of text alone", [{ type: "reasoning" as const, text: "Hm." }, answer]],
  ["with an id alone, of an answer that was not kept", [{ ...own, redactedData: undefined }, answer]],
])("reasoning that is %s is dropped, and said to be", (_name, parts) => {
  expect(back(parts)).toEqual({ items: [text], losses: ["messages[0].parts[0]"] });
});

test("reasoning that nothing follows is dropped: the vendor would refuse it", () => {
  expect(back([answer, own])).toEqual({ items: [text], losses: ["messages[0].parts[1]"] });
  expect(back([own, { type: "text", text: "" }])).toEqual({ items: [], losses: ["messages[0].parts[0]"] });
  expect(back([own, own, answer])).toEqual({ items: [item, text], losses: ["messages[0].parts[0]"] });
});

test("an id alone is enough where answers are kept", () => {
  const { redactedData: _data, ...kept } = own;
  const { encrypted_content: _content, ...sent } = item;
  expect(back([kept, answer], { options: { store: true } })).toEqual({ items: [sent, text], losses: [] });
});

test("another member takes the proofs of its own maker", () => {
  expect(back([own, answer], { member: xAiResponses }).losses).toEqual(["messages[0].parts[0]"]);
  expect(back([{ ...own, vendor: "xai" }, answer], { member: xAiResponses }).losses).toEqual([]);
});

test("a router is told the format of the model's maker", () => {
  const member = openRouterResponses;
  expect(back([own, answer], { member, model: "openai/gpt-5" })).toEqual({
    items: [{ ...item, format: "openai-responses-v1" }, text],
    losses: [],
  });
  const signed: ReasoningPart = { type: "reasoning", text: "Hm.", signature: "sig", vendor: "anthropic" };
  expect(back([signed, answer], { member, model: "anthropic/claude-sonnet-4.5" })).toEqual({
    items: [
      {
        type: "reasoning",
        summary: [],
        content: [{ type: "reasoning_text", text: "Hm." }],
        signature: "sig",
        format: "anthropic-claude-v1",
      },
      text,
    ],
    losses: [],
  });
  expect(back([own, answer], { member, model: "x-ai/grok-4" }).losses).toEqual(["messages[0].parts[0]"]);
});

test("a vendor without encrypted reasoning takes the text", () => {
  const member = deepSeekResponses;
  const content = [{ type: "reasoning_text", text: "Two and two." }];
  const { redactedData: _data, ...plain } = own;
  expect(back([{ ...plain, vendor: "deepseek" }, answer], { member })).toEqual({
    items: [{ type: "reasoning", id: "rs_1", summary: [], content }, text],
    losses: [],
  });
  expect(back([own, answer], { member })).toEqual({
    items: [{ type: "reasoning", summary: [], content }, text],
    losses: ["messages[0].parts[0]"],
  });
  expect(back([{ ...own, text: "" }, answer], { member })).toEqual({
    items: [text],
    losses: ["messages[0].parts[0]"],
  });
});
