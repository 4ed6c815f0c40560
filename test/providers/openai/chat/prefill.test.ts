// Answers that the request begins: how members of the family are asked to go on, and what they say of it.

import { createServer } from "node:http";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import {
  groqMember,
  mistralMember,
  openAiMember,
  openRouterMember,
  vllmMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/chat/index.ts";
import { withoutEcho } from "../../../../src/providers/openai/chat/prefill.ts";
import { listen } from "../../../support/listen.ts";
import { build, hello } from "./build-request.ts";
import { delta, partsOf, start, started, stop } from "./read-chunks.ts";

const begun: ChatRequest["messages"] = [
  ...hello,
  { role: "assistant", parts: [{ type: "text", text: "The quick" }] },
];
const ended: ProviderChatEvent = { type: "finished", reason: "stop" };

async function partsWithoutEcho(events: readonly ProviderChatEvent[], prefix: string) {
  async function* source(): AsyncGenerator<ProviderChatEvent> {
    yield* events;
  }
  const handedOn: ProviderChatEvent[] = [];
  for await (const event of withoutEcho(source(), prefix)) handedOn.push(event);
  return { handedOn, parts: partsOf(handedOn) };
}

const textOf = (pieces: readonly string[]): readonly ProviderChatEvent[] => [
  started,
  start(0, "text"),
  ...pieces.map((piece) => delta(0, piece)),
  stop(0),
  ended,
];

test("vLLM is told to go on, and not to begin a turn", () => {
  const { sent } = build({ messages: begun }, vllmMember);
  expect(sent).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  expect(sent["messages"]).toEqual([
    { role: "user", content: "Hello" },
    { role: "assistant", content: "The quick" },
  ]);
});

test("vLLM is told nothing where there is nothing to go on with", () => {
  const call = { type: "tool_call", id: "1", name: "f", argumentsJson: "{}" } as const;
  const others: readonly ChatRequest["messages"][] = [
    hello,
    [...begun, ...hello],
    [...hello, { role: "assistant", parts: [{ type: "text", text: "" }] }],
    [...hello, { role: "assistant", parts: [{ type: "text", text: "I look." }, call] }],
  ];
  for (const messages of others) {
    expect(JSON.stringify(build({ messages }, vllmMember).sent)).not.toMatch(
      /continue_final|generation_prompt/,
    );
  }
});

test.each([openAiMember, openRouterMember, groqMember])("$name gets the message alone", (member) => {
  expect(build({ messages: begun }, member).sent).toEqual({
    ...build({}, member).sent,
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: "The quick" },
    ],
  });
});

test("what an answer was begun with is not told again, however it comes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1 }),
      fc.string(),
      fc.array(fc.nat(), { maxLength: 4 }),
      async (prefix, rest, places) => {
        const whole = prefix + rest;
        const cuts = [...new Set(places.map((place) => place % whole.length))].toSorted((a, b) => a - b);
        const pieces = [...cuts, whole.length].map((end, i) => whole.slice(cuts[i - 1] ?? 0, end));
        expect((await partsWithoutEcho(textOf(pieces), prefix)).parts).toEqual([`text: ${rest}`]);
      },
    ),
  );
});

test.each([
  ["another beginning", ["The ", "slow fox"], "The slow fox"],
  ["less than the beginning", ["The q"], "The q"],
])("an answer with %s is handed on whole", async (_, pieces, text) => {
  const { handedOn, parts } = await partsWithoutEcho(textOf(pieces), "The quick");
  expect(parts).toEqual([`text: ${text}`]);
  expect(handedOn.map(({ type }) => type).slice(-2)).toEqual(["part_finished", "finished"]);
});

// Compared from its beginning with each piece, it takes minutes.
test("a long echo costs no more than its length", async () => {
  const prefix = "The quick brown fox. ".repeat(20_000);
  const pieces = Array.from({ length: prefix.length }, (_, at) => prefix.charAt(at));
  const { parts } = await partsWithoutEcho(textOf([...pieces, "And on."]), prefix);
  expect(parts).toEqual(["text: And on."]);
});

test("reasoning before the answer is no echo", async () => {
  const events = [started, start(0, "reasoning"), delta(0, "The quick"), stop(0), start(1, "text")];
  const { parts } = await partsWithoutEcho(
    [...events, delta(1, "The quick fox"), stop(1), ended],
    "The quick",
  );
  expect(parts).toEqual(["reasoning: The quick", "text:  fox"]);
});

test.each(["streamed", "unary"] as const)("Mistral's answer is the rest alone (%s)", async (delivery) => {
  const whole = { role: "assistant", content: "The quick brown fox" };
  const chunks = ["The qui", "ck brown", " fox"].map((content) => ({
    id: "1",
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  }));
  const last = { id: "1", model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const stream = [...chunks, last].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
  const upstream = createServer((_, response) => {
    const type = delivery === "streamed" ? "text/event-stream" : "application/json";
    response.writeHead(200, { "content-type": type });
    const choices = [{ index: 0, message: whole, finish_reason: "stop" }];
    response.end(
      delivery === "streamed"
        ? `${stream}data: [DONE]\n\n`
        : JSON.stringify({ id: "1", model: "m", choices }),
    );
  });
  const baseUrl = `http://127.0.0.1:${await listen(upstream)}`;
  const provider = createOpenAiProvider({ member: mistralMember, apiKey: "k", baseUrl });
  const { signal } = new AbortController();
  const texts: string[] = [];
  for (const messages of [begun, hello]) {
    const events: ProviderChatEvent[] = [];
    const reply = await provider.chat({ messages }, { model: "m", delivery, signal });
    for await (const event of reply.events) events.push(event);
    texts.push(...partsOf(events));
  }
  expect(texts).toEqual(["text:  brown fox", "text: The quick brown fox"]);
  await provider.close?.();
  upstream.close();
});
