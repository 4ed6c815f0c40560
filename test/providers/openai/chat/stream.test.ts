import { expect, test } from "vitest";
import { groqMember, openRouterMember } from "../../../../src/providers/openai/chat/members.ts";
import { createOpenAiStreamDecoder } from "../../../../src/providers/openai/chat/stream.ts";
import { read, chunk, finish, usageChunk, started, start, delta, stop } from "./read-chunks.ts";

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

test("log probabilities of what is no text stand beside the reasoning, or as a part of their own", () => {
  const logprobs = { content: [{ token: "a", logprob: -0.1 }], refusal: null };
  const call = { index: 0, id: "c", function: { name: "f", arguments: "{}" } };
  const { events } = read([
    chunk({ reasoning_content: "a" }, { logprobs }),
    chunk({ tool_calls: [call] }, { logprobs }),
    "[DONE]",
  ]);
  expect(events).toContainEqual({ type: "part_delta", index: 0, text: "a", logprobs });
  expect(events).toContainEqual({
    type: "part_started",
    index: 1,
    part: { kind: "opaque", vendor: "openai", type: "logprobs", json: logprobs },
  });
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

test("a chunk that is a message alone is an error, not the end of a good reply", () => {
  const { error } = read([chunk({ content: "a" }), { message: "model is overloaded", code: 503 }, "[DONE]"]);
  expect(error).toMatchObject({ failure: "overloaded" });
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
