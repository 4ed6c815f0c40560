import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { groqMember, openAiMember, openRouterMember } from "../../../src/providers/openai/family.ts";
import type { FamilyMember } from "../../../src/providers/openai/family.ts";
import { createOpenAiStreamDecoder } from "../../../src/providers/openai/stream.ts";

interface Read {
  readonly events: readonly ProviderChatEvent[];
  readonly complete: boolean;
  readonly error: ProviderError | undefined;
  readonly untold: unknown;
}

/** Each item is a chunk, or the text of a data line. */
function read(items: readonly (object | string)[], member: FamilyMember = openAiMember): Read {
  const decoder = createOpenAiStreamDecoder(member);
  const events: ProviderChatEvent[] = [];
  let error: ProviderError | undefined;
  try {
    for (const item of items) {
      const data = typeof item === "string" ? item : JSON.stringify(item);
      events.push(...decoder.decode({ event: undefined, data }));
    }
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    error = thrown;
  }
  return { events, complete: decoder.isComplete(), error, untold: decoder.untoldUsage() };
}

const chunk = (delta: object, more: object = {}) => ({
  id: "chatcmpl-1",
  model: "gpt-x",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const call = (more: object) => chunk({ tool_calls: [more] });
const piece = (told: object) => call({ index: 0, function: told });
const detail = (more: object) => ({ type: "reasoning.text", index: 0, ...more });
const finish = (reason: string) => chunk({}, { finish_reason: reason });
const usageChunk = (usage: object) => ({ id: "chatcmpl-1", model: "gpt-x", choices: [], usage });
const started: ProviderChatEvent = { type: "started", model: "gpt-x" };
const start = (index: number, kind: "text" | "reasoning" | "refusal"): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind },
});
const delta = (index: number, text: string): ProviderChatEvent => ({ type: "part_delta", index, text });
const stop = (index: number): ProviderChatEvent => ({ type: "part_finished", index });
const tool = (index: number, id: string, name: string): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind: "tool_call", id, name },
});

test("text, usage in a last chunk without choices, and the end", () => {
  const { events, complete } = read([
    chunk({ role: "assistant", content: "", refusal: null }),
    chunk({ content: "Hel" }),
    chunk({ content: "lo" }),
    finish("stop"),
    usageChunk({
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    }),
    "[DONE]",
  ]);
  expect(events).toEqual([
    started,
    start(0, "text"),
    delta(0, "Hel"),
    delta(0, "lo"),
    stop(0),
    {
      type: "usage",
      usage: {
        input: { total: 10, uncached: 6, cacheRead: 4 },
        output: { total: 5, text: 3, reasoning: 2 },
        source: "reported",
      },
    },
    { type: "finished", reason: "stop", rawReason: "stop" },
  ]);
  expect(complete).toBe(true);
});

test("nothing ends the reply but [DONE]", () => {
  const { events, complete } = read([chunk({ content: "a" }), finish("stop")]);
  expect(events).toEqual([started, start(0, "text"), delta(0, "a")]);
  expect(complete).toBe(false);
});

test("parallel tool calls whose pieces interleave, after text", () => {
  const { events } = read([
    chunk({ content: "Looking." }),
    call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }),
    call({ index: 1, id: "b", type: "function", function: { name: "g", arguments: '{"x"' } }),
    call({ index: 0, function: { arguments: "{}" } }),
    call({ index: 1, id: "", function: { name: "", arguments: ":1}" } }),
    call({ index: 1, function: { arguments: null } }),
    finish("tool_calls"),
    "[DONE]",
  ]);
  expect(events).toEqual([
    started,
    start(0, "text"),
    delta(0, "Looking."),
    stop(0),
    tool(1, "a", "f"),
    tool(2, "b", "g"),
    delta(2, '{"x"'),
    delta(1, "{}"),
    delta(2, ":1}"),
    stop(1),
    stop(2),
    { type: "finished", reason: "tool_calls", rawReason: "tool_calls" },
  ]);
});

test("tool calls without an index, from 1 on, or under one index", () => {
  const noIndex = [
    call({ id: "a", function: { name: "f", arguments: "1" } }),
    call({ function: { arguments: "2" } }),
    call({ id: "b", function: { name: "f", arguments: "3" } }),
    call({ id: "a", function: { arguments: "4" } }),
  ];
  const fromOne = [
    call({ index: 1, id: "a", function: { name: "f", arguments: "1" } }),
    call({ index: 2, id: "b", function: { name: "f", arguments: "3" } }),
    call({ index: 1, function: { arguments: "24" } }),
  ];
  const oneIndex = [
    call({ index: 0, id: "a", function: { name: "f", arguments: "124" } }),
    call({ index: 0, id: "b", function: { name: "f", arguments: "3" } }),
  ];
  for (const chunks of [noIndex, fromOne, oneIndex]) {
    const texts = ["", ""];
    for (const event of read([...chunks, "[DONE]"]).events) {
      if (event.type === "part_delta") texts[event.index] += event.text;
    }
    expect(texts).toEqual(["124", "3"]);
  }
});

test("a tool call without an id gets one, a name may come late, one without a name is broken", () => {
  const { events } = read([piece({ arguments: "{" }), piece({ name: "f", arguments: "}" }), "[DONE]"]);
  expect(events).toContainEqual(tool(0, "call_chatcmpl-1_0", "f"));
  expect(events).toContainEqual(delta(0, "{}"));
  expect(events.at(-1)).toMatchObject({ type: "finished", reason: "tool_calls" });
  expect(read([piece({ arguments: "{" }), "[DONE]"]).error?.failure).toBe("broken_reply");
});

test("the older function_call is a tool call", () => {
  const { events } = read([
    chunk({ content: null, function_call: { name: "f", arguments: "" } }),
    chunk({ function_call: { arguments: "{}" } }),
    finish("function_call"),
    "[DONE]",
  ]);
  expect(events).toEqual([
    started,
    tool(0, "call_chatcmpl-1_0", "f"),
    delta(0, "{}"),
    stop(0),
    { type: "finished", reason: "tool_calls", rawReason: "function_call" },
  ]);
});

test("a refusal that ends with stop is a refusal", () => {
  const { events } = read([
    chunk({ refusal: "I " }),
    chunk({ refusal: "cannot." }),
    finish("stop"),
    "[DONE]",
  ]);
  expect(events.slice(1)).toEqual([
    start(0, "refusal"),
    delta(0, "I "),
    delta(0, "cannot."),
    stop(0),
    { type: "finished", reason: "refusal", rawReason: "stop" },
  ]);
});

test("reasoning, then text; Groq's channel is a note; usage stands in x_groq or beside it", () => {
  const { events } = read(
    [
      chunk({ reasoning: "Hm", channel: "analysis" }),
      chunk({ content: "Yes" }),
      { ...finish("stop"), x_groq: { id: "req", usage: { prompt_tokens: 3, completion_tokens: 2 } } },
      "[DONE]",
    ],
    groqMember,
  );
  expect(events.slice(1)).toEqual([
    start(0, "reasoning"),
    delta(0, "Hm"),
    stop(0),
    start(1, "text"),
    delta(1, "Yes"),
    stop(1),
    { type: "usage", usage: { input: { total: 3 }, output: { total: 2 }, source: "reported" } },
    { type: "finished", reason: "stop", rawReason: "stop" },
  ]);
});

test("OpenRouter's reasoning details: text once, its signature, what is encrypted", () => {
  const { events } = read(
    [
      chunk({ content: "", reasoning: "Hm", reasoning_details: [detail({ text: "Hm" })] }),
      chunk({ content: "", reasoning_details: [detail({ signature: "sig" })] }),
      chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "xyz", index: 1 }] }),
      chunk({ content: "Yes" }),
      finish("stop"),
      finish("stop"),
      "[DONE]",
    ],
    openRouterMember,
  );
  expect(events.slice(1, -1)).toEqual([
    start(0, "reasoning"),
    delta(0, "Hm"),
    { type: "part_finished", index: 0, signature: "sig" },
    start(1, "reasoning"),
    { type: "part_finished", index: 1, redactedData: "xyz" },
    start(2, "text"),
    delta(2, "Yes"),
    stop(2),
  ]);
});

test("each piece of reasoning keeps its own proof", () => {
  const { events } = read(
    [
      chunk({
        reasoning_details: [detail({ text: "A" }), detail({ signature: "1" }), detail({ signature: "2" })],
      }),
      chunk({ reasoning_details: [detail({ text: "B" })] }),
      "[DONE]",
    ],
    openRouterMember,
  );
  expect(events.slice(1, -1)).toEqual([
    start(0, "reasoning"),
    delta(0, "A"),
    { type: "part_finished", index: 0, signature: "1" },
    start(1, "reasoning"),
    { type: "part_finished", index: 1, signature: "2" },
    start(2, "reasoning"),
    delta(2, "B"),
    stop(2),
  ]);
});

test("citations and images stand beside the text and do not cut it", () => {
  const annotation = {
    type: "url_citation",
    url_citation: { url: "https://a.example", title: "A", content: "q" },
  };
  const { events } = read(
    [
      chunk({ content: "One" }),
      chunk({ content: "", annotations: [annotation] }),
      chunk({ images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] }),
      chunk({ content: " two" }),
      "[DONE]",
    ],
    openRouterMember,
  );
  expect(events.slice(1, -1)).toEqual([
    start(0, "text"),
    delta(0, "One"),
    {
      type: "part_started",
      index: 1,
      part: {
        kind: "citation",
        citation: { url: "https://a.example", title: "A", citedText: "q", raw: annotation },
      },
    },
    stop(1),
    {
      type: "part_started",
      index: 2,
      part: { kind: "image", source: { data: "AAAA", mediaType: "image/png" } },
    },
    stop(2),
    delta(0, " two"),
    stop(0),
  ]);
});

test("what has no place is opaque, once while it says the same, and only where it says something", () => {
  const more = { moderation: { flagged: false }, service_tier: "default", empty: [], nothing: null };
  const { events } = read([
    { ...chunk({ content: "a", audio: { id: "x" }, role: "assistant", other: {} }), ...more },
    { ...usageChunk({}), ...more },
    "[DONE]",
  ]);
  expect(events.filter((event) => event.type === "part_started").map((event) => event.part)).toEqual([
    { kind: "text" },
    { kind: "opaque", vendor: "openai", type: "audio", json: { id: "x" } },
    { kind: "opaque", vendor: "openai", type: "moderation", json: { flagged: false } },
  ]);
});

test("log probabilities ride on the delta of their token", () => {
  const logprobs = { content: [{ token: "a", logprob: -0.1 }], refusal: null };
  const { events } = read([
    chunk({ content: "" }, { logprobs: { content: [], refusal: null } }),
    chunk({ content: "a" }, { logprobs }),
    "[DONE]",
  ]);
  expect(events.slice(1, 3)).toEqual([
    start(0, "text"),
    { type: "part_delta", index: 0, text: "a", logprobs },
  ]);
});

test("only the first choice is read", () => {
  const { events } = read([
    { model: "gpt-x", choices: [{ index: 1, delta: { content: "no" }, finish_reason: "length" }] },
    chunk({ content: "yes" }),
    finish("stop"),
    "[DONE]",
  ]);
  expect(events).toContainEqual(delta(0, "yes"));
  expect(events).not.toContainEqual(delta(0, "no"));
  expect(events.at(-1)).toMatchObject({ reason: "stop" });
});

test.each([
  ["length", "length"],
  ["content_filter", "content_filter"],
  ["eos", "stop"],
])("the finish reason %s is %s", (raw, reason) => {
  const { events } = read([chunk({ content: "a" }), finish(raw), "[DONE]"]);
  expect(events.at(-1)).toEqual({ type: "finished", reason, rawReason: raw });
});

test("the last usage wins, counts that are none are left out, and it is told once", () => {
  const { events } = read([
    { ...chunk({ content: "a" }), usage: { prompt_tokens: 1, completion_tokens: 1 } },
    usageChunk({
      prompt_tokens: 5,
      completion_tokens: -1,
      completion_tokens_details: { reasoning_tokens: 1.5 },
    }),
    "[DONE]",
  ]);
  expect(events.filter((event) => event.type === "usage")).toEqual([
    { type: "usage", usage: { input: { total: 5 }, output: {}, source: "reported" } },
  ]);
});

test("an error in mid-stream is thrown in its class, and the usage before it is not lost", () => {
  const plain = read([
    chunk({ content: "a" }),
    { error: { message: "Sorry", type: "server_error", code: null } },
  ]);
  expect(plain.error).toMatchObject({ failure: "unavailable", message: "OpenAI sent an error: Sorry" });
  expect(plain.events).toEqual([started, start(0, "text"), delta(0, "a")]);

  const beside = read(
    [{ ...chunk({ content: "" }), error: { code: 429, message: "Slow down" }, usage: { prompt_tokens: 7 } }],
    openRouterMember,
  );
  expect(beside.error?.failure).toBe("rate_limited");
  expect(beside.untold).toEqual({
    type: "usage",
    usage: { input: { total: 7 }, output: {}, source: "reported" },
  });
  expect(read([chunk({}, { finish_reason: "error" })]).error?.failure).toBe("unavailable");
});

test("`event: error` is an error whatever its data's shape", () => {
  const decoder = createOpenAiStreamDecoder(groqMember);
  const data = '{"error":{"message":"bad call","code":"tool_use_failed","status_code":400}}';
  expect(() => decoder.decode({ event: "error", data })).toThrow(
    expect.objectContaining({ failure: "broken_reply" }),
  );
  expect(() => decoder.decode({ event: "error", data: '{"message":"late","code":503}' })).toThrow(
    expect.objectContaining({ failure: "overloaded" }),
  );
});

test("a line that is no JSON object is a broken reply, an empty one keeps the connection alive", () => {
  expect(read(["{"]).error?.failure).toBe("broken_reply");
  expect(read(["[1]"]).error?.failure).toBe("broken_reply");
  expect(read([""])).toMatchObject({ events: [], error: undefined });
});

test("an end without anything before it is a broken reply", () => {
  expect(read(["[DONE]"]).error?.failure).toBe("broken_reply");
  expect(read([chunk({ role: "assistant" }), "[DONE]"]).error?.failure).toBe("broken_reply");
});

test("a nest too deep to be written again is a broken reply", () => {
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  expect(read([`{"choices":[{"index":0,"delta":{"audio":${deep}}}]}`]).error?.failure).toBe("broken_reply");
  expect(read([`{"choices":[],"search":${deep}}`]).error?.failure).toBe("broken_reply");
});
