import { expect, test } from "vitest";
import {
  added,
  completed,
  created,
  done,
  finished,
  message,
  more,
  read,
  start,
  started,
  stop,
  textDelta,
  tool,
} from "./read-stream.ts";

const argumentsDelta = (output_index: number, delta: string) => ({
  type: "response.function_call_arguments.delta",
  output_index,
  delta,
});
const call = (call_id: string, name: string, written = "") => ({
  type: "function_call",
  id: `fc_${call_id}`,
  call_id,
  name,
  arguments: written,
});

test("a text, told once however often it comes, and the usage of the last event", () => {
  const { events, complete } = read([
    created,
    { type: "response.in_progress", response: { id: "resp_1", model: "gpt-x" } },
    added(0, { type: "message", id: "msg_1", content: [] }),
    { type: "response.content_part.added", output_index: 0, part: { type: "output_text", text: "" } },
    textDelta(0, "Hel"),
    textDelta(0, "lo"),
    { type: "response.output_text.done", output_index: 0, content_index: 0, text: "Hello" },
    { type: "response.content_part.done", output_index: 0, part: { type: "output_text", text: "Hello" } },
    done(0, message("Hello")),
    completed([message("Hello")], {
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 15,
      },
    }),
  ]);
  expect(events).toEqual([
    started,
    start(0, "text"),
    more(0, "Hel"),
    more(0, "lo"),
    stop(0),
    {
      type: "usage",
      usage: {
        input: { total: 10, uncached: 5, cacheRead: 4, cacheWrite: 1 },
        output: { total: 5, text: 3, reasoning: 2 },
        source: "reported",
      },
    },
    finished("stop"),
  ]);
  expect(complete).toBe(true);
});

test.each([
  ["the text's own end", { type: "response.output_text.done", output_index: 0, text: "Hi" }],
  ["the item's end", done(0, message("Hi"))],
  ["the last event", undefined],
])("a text without deltas, told by %s", (_name, told) => {
  const { events } = read([created, ...(told === undefined ? [] : [told]), completed([message("Hi")])]);
  expect(events).toEqual([started, start(0, "text"), more(0, "Hi"), stop(0), finished("stop")]);
});

test("what the deltas left out of a text is added by its end", () => {
  const { events } = read([created, textDelta(0, "Hel"), done(0, message("Hello")), completed()]);
  expect(events).toContainEqual(more(0, "lo"));
});

test("an end that tells another text than the deltas adds nothing", () => {
  const { events } = read([created, textDelta(0, "Hello"), done(0, message("Bye, all")), completed()]);
  expect(events).toEqual([started, start(0, "text"), more(0, "Hello"), stop(0), finished("stop")]);
});

test("two messages are two parts", () => {
  const { events } = read([
    created,
    textDelta(0, "a"),
    textDelta(1, "b"),
    done(0, message("a")),
    completed(),
  ]);
  expect(events).toEqual([
    started,
    start(0, "text"),
    more(0, "a"),
    stop(0),
    start(1, "text"),
    more(1, "b"),
    stop(1),
    finished("stop"),
  ]);
});

test("items whose ids change from event to event are told apart by their index", () => {
  const { events } = read([
    created,
    added(0, { type: "message", id: "a1", content: [] }),
    { ...textDelta(0, "x"), item_id: "a2" },
    { ...textDelta(0, "y"), item_id: "a3" },
    done(0, { ...message("xy"), id: "a4" }),
    completed([{ ...message("xy"), id: "a5" }]),
  ]);
  expect(events).toEqual([started, start(0, "text"), more(0, "x"), more(0, "y"), stop(0), finished("stop")]);
});

test("items that are counted from 1 are not told twice", () => {
  const { events } = read([created, textDelta(1, "x"), done(1, message("x")), completed([message("x")])]);
  expect(events).toEqual([started, start(0, "text"), more(0, "x"), stop(0), finished("stop")]);
});

test("events without an index are about the newest item", () => {
  const { events } = read([
    created,
    { type: "response.output_item.added", item: call("c1", "f") },
    { type: "response.function_call_arguments.delta", delta: "{}" },
    { type: "response.output_item.done", item: call("c1", "f", "{}") },
    { type: "response.output_item.added", item: { type: "message" } },
    { type: "response.output_text.delta", delta: "x" },
    completed(),
  ]);
  expect(events).toEqual([
    started,
    tool(0, "c1", "f"),
    more(0, "{}"),
    stop(0),
    start(1, "text"),
    more(1, "x"),
    stop(1),
    finished("tool_calls"),
  ]);
});

test("function calls whose pieces interleave, with arguments that come whole or by deltas", () => {
  const { events } = read([
    created,
    added(0, call("a", "f")),
    added(1, call("b", "g")),
    argumentsDelta(0, '{"x"'),
    argumentsDelta(1, "{}"),
    argumentsDelta(0, ":1}"),
    { type: "response.function_call_arguments.done", output_index: 0, arguments: '{"x":1}' },
    done(0, call("a", "f", '{"x":1}')),
    done(1, call("b", "g", "{}")),
    added(2, call("c", "h")),
    { type: "response.function_call_arguments.done", output_index: 2, arguments: '{"y":2}' },
    done(2, call("c", "h", '{"y":2}')),
    completed(),
  ]);
  expect(events).toEqual([
    started,
    tool(0, "a", "f"),
    tool(1, "b", "g"),
    more(0, '{"x"'),
    more(1, "{}"),
    more(0, ":1}"),
    stop(0),
    stop(1),
    tool(2, "c", "h"),
    more(2, '{"y":2}'),
    stop(2),
    finished("tool_calls"),
  ]);
});

test("arguments that come before the call has its name are not lost", () => {
  const { events } = read([created, argumentsDelta(0, "{}"), done(0, call("a", "f", "{}")), completed()]);
  expect(events).toEqual([started, tool(0, "a", "f"), more(0, "{}"), stop(0), finished("tool_calls")]);
});

test("arguments that are not JSON are handed on", () => {
  const { events } = read([created, done(0, call("a", "f", '{"x":')), completed()]);
  expect(events).toContainEqual(more(0, '{"x":'));
});

test("a call without an id gets one, a call without a name is a broken reply", () => {
  const { events } = read([
    created,
    done(0, { type: "function_call", name: "f", arguments: "{}" }),
    completed(),
  ]);
  expect(events).toContainEqual(tool(0, "call_resp_1_0", "f"));
  for (const items of [[done(0, { type: "function_call" })], [argumentsDelta(0, "{}"), completed()]]) {
    expect(read([created, ...items]).error).toMatchObject({ failure: "broken_reply" });
  }
});

test("a refusal", () => {
  const refusal = { type: "message", content: [{ type: "refusal", refusal: "I can't." }] };
  const { events } = read([
    created,
    added(0, { type: "message" }),
    { type: "response.refusal.delta", output_index: 0, content_index: 0, delta: "I can" },
    { type: "response.refusal.done", output_index: 0, content_index: 0, refusal: "I can't." },
    done(0, refusal),
    completed([refusal]),
  ]);
  expect(events).toEqual([
    started,
    start(0, "refusal"),
    more(0, "I can"),
    more(0, "'t."),
    stop(0),
    finished("refusal"),
  ]);
});

test("log probabilities go with their deltas, or come once with the whole text", () => {
  const logprobs = [{ token: "a", logprob: -1 }];
  const withDeltas = read([
    created,
    textDelta(0, "a", { logprobs }),
    { type: "response.output_text.done", output_index: 0, text: "a", logprobs },
    done(0, message("a", { logprobs })),
    completed(),
  ]);
  expect(withDeltas.events.filter((event) => "logprobs" in event)).toEqual([{ ...more(0, "a"), logprobs }]);
  const atTheEnd = read([
    created,
    textDelta(0, "a", { logprobs: [] }),
    done(0, message("a", { logprobs })),
    completed(),
  ]);
  expect(atTheEnd.events.slice(2, 4)).toEqual([more(0, "a"), { ...more(0, ""), logprobs }]);
});

test("annotations are citations, told once", () => {
  const web = { type: "url_citation", url: "https://a.example/", title: "A", start_index: 0, end_index: 1 };
  const file = { type: "file_citation", file_id: "file-1", filename: "a.pdf", index: 3 };
  const path = { type: "file_path", file_id: "file-2", index: 3 };
  const { events } = read([
    created,
    textDelta(0, "a"),
    { type: "response.output_text.annotation.added", output_index: 0, content_index: 0, annotation: web },
    textDelta(0, "b"),
    done(0, message("ab", { annotations: [web, file, path] })),
    completed([message("ab", { annotations: [web, file, path] })]),
  ]);
  expect(events).toMatchObject([
    started,
    start(0, "text"),
    more(0, "a"),
    { part: { kind: "citation", citation: { url: "https://a.example/", title: "A", raw: web } } },
    stop(1),
    more(0, "b"),
    { part: { kind: "citation", citation: { title: "a.pdf", raw: file } } },
    stop(2),
    { part: { kind: "opaque", vendor: "openai", type: "file_path", json: path } },
    stop(3),
    stop(0),
    finished("stop"),
  ]);
});
