import { expect, test } from "vitest";
import type { PartFinished, ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { readGeminiAnswer } from "../../../src/providers/gemini/response.ts";

const read = (answer: object): readonly ProviderChatEvent[] => readGeminiAnswer(JSON.stringify(answer));

/** The events of an answer with these parts. */
const parts = (...list: readonly unknown[]): readonly ProviderChatEvent[] =>
  read({ candidates: [{ content: { role: "model", parts: list }, finishReason: "STOP" }], responseId: "r1" });

function failureOf(act: () => unknown): ProviderError {
  try {
    act();
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** Kinds with their text, in short. */
function told(events: readonly ProviderChatEvent[]): readonly unknown[] {
  const shown: unknown[][] = [];
  for (const event of events) {
    if (event.type === "part_started") shown[event.index] = [event.part.kind];
    if (event.type === "part_delta") shown[event.index]?.push(event.text);
    if (event.type === "part_finished" && event.signature !== undefined) {
      shown[event.index]?.push(`${event.vendor}:${event.signature}`);
    }
  }
  return shown;
}

const started = (events: readonly ProviderChatEvent[], kind: string) =>
  events.flatMap((event) => (event.type === "part_started" && event.part.kind === kind ? [event.part] : []));

const finished = (answer: object): ProviderChatEvent | undefined => read(answer).at(-1);

test("text, thoughts and calls in their order", () => {
  const events = parts(
    { text: "thinking ", thought: true },
    { text: "more", thought: true, thoughtSignature: "s1" },
    { text: "Hello" },
    { text: " there" },
    { functionCall: { name: "f", args: { a: 1 }, id: "c1" }, thoughtSignature: "s2" },
    { functionCall: { name: "f" } },
  );
  expect(told(events)).toEqual([
    ["reasoning", "thinking ", "more", "gemini:s1"],
    ["text", "Hello", " there"],
    ["tool_call", '{"a":1}', "gemini:s2"],
    ["tool_call", "{}"],
  ]);
  expect(started(events, "tool_call")).toMatchObject([{ id: "c1" }, { id: "call_r1_3" }]);
  expect(events.at(-1)).toEqual({ type: "finished", reason: "tool_calls", rawReason: "STOP" });
});

test("the signature of a text is reasoning without a text before it, apart from the thoughts", () => {
  expect(
    told(
      parts(
        { text: "why", thought: true },
        { text: "Hi", thoughtSignature: "s1" },
        { text: "", thoughtSignature: "s2" },
      ),
    ),
  ).toEqual([
    ["reasoning", "why"],
    ["reasoning", "gemini:s1"],
    ["text", "Hi"],
    ["reasoning", "gemini:s2"],
  ]);
});

test("ids that the vendor gives twice are told apart", () => {
  const ids = started(
    parts({ functionCall: { id: "x", name: "f" } }, { functionCall: { id: "x", name: "g" } }),
    "tool_call",
  );
  expect(ids).toMatchObject([{ id: "x" }, { id: "call_r1_1" }]);
});

test("images are images; other media and what only Gemini knows stay as they are", () => {
  const png = { inlineData: { mimeType: "image/png", data: "AAAA" } };
  const wav = { inlineData: { mimeType: "audio/wav", data: "AAAA" } };
  const code = { executableCode: { language: "PYTHON", code: "1" }, thoughtSignature: "s1" };
  const sketch = { ...png, thought: true };
  const events = parts(
    { text: "a" },
    { ...png, thoughtSignature: "s2" },
    wav,
    code,
    sketch,
    { text: "b" },
    {},
    7,
  );
  expect(told(events)).toEqual([
    ["text", "a"],
    ["reasoning", "gemini:s2"],
    ["image"],
    ["opaque"],
    ["opaque"],
    ["opaque"],
    ["text", "b"],
    ["opaque"],
  ]);
  expect(started(events, "image")).toEqual([
    { kind: "image", source: { data: "AAAA", mediaType: "image/png" } },
  ]);
  expect(started(events, "opaque")).toEqual(
    [
      ["inlineData", wav],
      ["executableCode", code],
      ["inlineData", sketch],
      ["part", 7],
    ].map(([type, json]) => ({ kind: "opaque", vendor: "gemini", type, json })),
  );
});

test("members beside a part's content are handed on", () => {
  const events = parts({ text: "a", partMetadata: { k: 1 } }, { functionCall: { name: "f", later: 2 } });
  expect(started(events, "opaque")).toMatchObject([
    { type: "partMetadata", json: { k: 1 } },
    { type: "functionCall.later", json: { later: 2 } },
  ]);
});

test("log probabilities go with the text, else they stay as they are", () => {
  const logprobsResult = { chosenCandidates: [{ token: "a", logProbability: -1 }] };
  const candidate = { finishReason: "STOP", logprobsResult, avgLogprobs: -1 };
  const withText = read({ candidates: [{ ...candidate, content: { parts: [{ text: "a" }] } }] });
  expect(withText).toContainEqual({ type: "part_delta", index: 0, text: "a", logprobs: logprobsResult });
  expect(started(withText, "opaque")).toMatchObject([{ type: "avgLogprobs", json: -1 }]);
  expect(started(read({ candidates: [candidate] }), "opaque")).toMatchObject([
    { type: "logprobsResult" },
    { type: "avgLogprobs" },
  ]);
});

test("sources are citations, once each; what grounding says besides stays as it is", () => {
  const web = { web: { uri: "https://e.org/a", title: "A" } };
  const file = { retrievedContext: { title: "B", text: "quoted" } };
  const cited = { uri: "https://e.org/c", startIndex: 1, endIndex: 2 };
  const grounding = { groundingChunks: [web, file, web], groundingSupports: [{ segment: { endIndex: 1 } }] };
  const candidate = {
    content: { parts: [{ text: "a" }] },
    finishReason: "STOP",
    groundingMetadata: grounding,
    citationMetadata: { citations: [cited] },
  };
  const events = read({ candidates: [candidate] });
  expect(started(events, "citation").map((part) => part.kind === "citation" && part.citation)).toEqual([
    { url: "https://e.org/c", raw: cited },
    { url: "https://e.org/a", title: "A", raw: web },
    { title: "B", citedText: "quoted", raw: file },
  ]);
  expect(started(events, "opaque")).toEqual([
    { kind: "opaque", vendor: "gemini", type: "groundingMetadata", json: grounding },
  ]);
  const bare = read({ candidates: [{ ...candidate, groundingMetadata: { groundingChunks: [web] } }] });
  expect(started(bare, "opaque")).toEqual([]);
});

test.each([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
  ["MODEL_ARMOR", "content_filter"],
  ["IMAGE_SAFETY", "content_filter"],
  ["LANGUAGE", "stop"],
  ["OTHER", "stop"],
  ["NEWER_THAN_THIS", "stop"],
])("a reply that ends with %s", (finishReason, reason) => {
  expect(finished({ candidates: [{ finishReason }] })).toEqual({
    type: "finished",
    reason,
    rawReason: finishReason,
  });
});

test.each([
  [1, "STOP"],
  [2, "MAX_TOKENS"],
  [3, "SAFETY"],
  [10, "MODEL_ARMOR"],
  [99, "99"],
])("a reason as the number %i", (finishReason, rawReason) => {
  expect(finished({ candidates: [{ finishReason }] })).toMatchObject({ rawReason });
});

test("a refused prompt has no candidates", () => {
  const promptFeedback = { blockReason: "SAFETY", blockReasonMessage: "no" };
  const events = read({ promptFeedback });
  expect(events.at(-1)).toEqual({ type: "finished", reason: "content_filter", rawReason: "SAFETY" });
  expect(started(events, "opaque")).toMatchObject([{ type: "promptFeedback", json: promptFeedback }]);
  expect(finished({ promptFeedback: { blockReason: 5 } })).toMatchObject({ rawReason: "MODEL_ARMOR" });
});

test("a tool call that failed: a broken reply without an answer, else the vendor's word for it", () => {
  const candidate = { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "bad call" };
  const error = failureOf(() => read({ candidates: [candidate] }));
  expect(error.failure).toBe("broken_reply");
  expect(error.message).toContain("MALFORMED_FUNCTION_CALL");
  expect(error).toMatchObject({ ownWords: false });
  const thoughts = { content: { parts: [{ text: "Hm", thought: true }] } };
  expect(failureOf(() => read({ candidates: [{ ...candidate, ...thoughts }] })).failure).toBe("broken_reply");
  const events = read({ candidates: [{ ...candidate, content: { parts: [{ text: "a" }] } }] });
  expect(events.at(-1)).toMatchObject({ reason: "stop", rawReason: "MALFORMED_FUNCTION_CALL" });
  expect(started(events, "opaque")).toMatchObject([{ type: "finishMessage", json: "bad call" }]);
});

test("only the first candidate is read", () => {
  const other = { index: 1, content: { parts: [{ text: "b" }] } };
  const first = { index: 0, content: { parts: [{ text: "a" }] }, finishReason: "STOP" };
  expect(told(read({ candidates: [other, first] }))).toEqual([["text", "a"]]);
});

test("an answer that is whole needs no reason, only content", () => {
  expect(finished({ candidates: [{ content: { parts: [{ text: "a" }] } }] })).toEqual({
    type: "finished",
    reason: "stop",
  });
  expect(failureOf(() => read({ candidates: [{}] })).failure).toBe("broken_reply");
  expect(failureOf(() => read({})).failure).toBe("broken_reply");
});

const chunk = (text: string, over: object = {}) => ({
  candidates: [{ content: { parts: [{ text }] }, ...over }],
});

test("a list of chunks is read as one answer", () => {
  const events = read([chunk("a"), chunk("b", { finishReason: "STOP" })]);
  expect(told(events)).toEqual([["text", "a", "b"]]);
  expect(failureOf(() => read([chunk("a"), 3])).failure).toBe("broken_reply");
});

test("an error inside a 200 is that error", () => {
  expect(failureOf(() => read({ error: { code: 429, status: "RESOURCE_EXHAUSTED" } })).failure).toBe(
    "rate_limited",
  );
});

const usageOf = (usageMetadata: unknown): unknown => {
  const event = read({ candidates: [{ finishReason: "STOP" }], usageMetadata }).find(
    ({ type }) => type === "usage",
  );
  return event?.type === "usage" ? event.usage : undefined;
};

test("usage: thoughts beside the answer, the vendor's tools beside the prompt, the cache inside it", () => {
  expect(
    usageOf({
      promptTokenCount: 10,
      toolUsePromptTokenCount: 5,
      cachedContentTokenCount: 4,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 3,
      totalTokenCount: 25,
    }),
  ).toEqual({
    input: { total: 15, uncached: 11, cacheRead: 4 },
    output: { total: 10, text: 7, reasoning: 3 },
    source: "reported",
  });
});

test("usage: a count of 0 that is left out is told by the total", () => {
  expect(usageOf({ promptTokenCount: 8, thoughtsTokenCount: 2, totalTokenCount: 10 })).toMatchObject({
    output: { total: 2, text: 0, reasoning: 2 },
  });
  expect(usageOf({ promptTokenCount: 8 })).toEqual({
    input: { total: 8 },
    output: {},
    source: "reported",
  });
});

test("usage: what is no count is unknown", () => {
  expect(usageOf({ trafficType: "ON_DEMAND" })).toBeUndefined();
  expect(usageOf("many")).toBeUndefined();
  expect(usageOf({ promptTokenCount: -1, candidatesTokenCount: 1e300 })).toBeUndefined();
  expect(
    usageOf({
      promptTokenCount: 1,
      candidatesTokenCount: 2,
      thoughtsTokenCount: -3,
      toolUsePromptTokenCount: "x",
    }),
  ).toEqual({ input: {}, output: { text: 2 }, source: "reported" });
});

test("an answer nested too deep is a broken reply", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100; i += 1) deep = [deep];
  expect(failureOf(() => parts({ executableCode: deep })).failure).toBe("broken_reply");
  expect(failureOf(() => parts({ functionCall: { name: "f", args: { deep } } })).failure).toBe(
    "broken_reply",
  );
});

test("a proof names its vendor", () => {
  const event = parts({ text: "a", thoughtSignature: "s" }).find(
    (each): each is PartFinished => each.type === "part_finished",
  );
  expect(event).toEqual({ type: "part_finished", index: 0, signature: "s", vendor: "gemini" });
});
