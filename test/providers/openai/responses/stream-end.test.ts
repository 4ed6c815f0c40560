// How streams end: whole, cut, failed; and what in them needs no reading.

import { expect, test } from "vitest";
import { openAiResponses } from "../../../../src/providers/openai/responses/members.ts";
import { createResponsesStreamDecoder } from "../../../../src/providers/openai/responses/stream.ts";
import {
  added,
  completed,
  created,
  done,
  finished,
  more,
  opaque,
  read,
  start,
  started,
  stop,
  textDelta,
} from "./read-stream.ts";

test("nothing ends the reply but its last event: neither [DONE] nor all items", () => {
  const { events, complete } = read([created, textDelta(0, "a"), "[DONE]"]);
  expect(events).toEqual([started, start(0, "text"), more(0, "a")]);
  expect(complete).toBe(false);
});

test("[DONE] behind the last event, and empty events, are let by", () => {
  const { events, error } = read([created, "", textDelta(0, "a"), completed(), "[DONE]"]);
  expect(error).toBeUndefined();
  expect(events.at(-1)).toEqual(finished("stop"));
});

test.each([
  ["max_output_tokens", "length"],
  ["content_filter", "content_filter"],
  ["of its own", "length"],
])("an incomplete response: %s", (word, reason) => {
  const response = { status: "incomplete", incomplete_details: { reason: word } };
  const { events, complete } = read([created, textDelta(0, "a"), { type: "response.incomplete", response }]);
  expect(events.at(-1)).toEqual({ type: "finished", reason, rawReason: word });
  expect(complete).toBe(true);
});

test("a failure that is told twice is one error, with the usage that came with it", () => {
  const response = {
    status: "failed",
    error: { code: "rate_limit_exceeded", message: "Slow down" },
    usage: { input_tokens: 3, output_tokens: 0 },
  };
  const failed = read([created, { type: "response.failed", response }]);
  expect(failed.error).toMatchObject({ failure: "rate_limited", message: "OpenAI sent an error: Slow down" });
  expect(failed.untold).toMatchObject({ type: "usage", usage: { input: { total: 3 } } });
  const twice = read([
    created,
    { type: "error", code: "server_error", message: "It broke", param: null },
    { type: "response.failed", response },
  ]);
  expect(twice.error).toMatchObject({ failure: "unavailable", message: "OpenAI sent an error: It broke" });
});

test.each([
  [
    "with its members under `error`",
    { type: "error", error: { type: "invalid_request_error", code: "context_length_exceeded" } },
    "model_unavailable",
  ],
  ["without a type", { error: { message: "Overloaded", code: "server_error" } }, "overloaded"],
  ["as bare words", { error: "something broke" }, "unavailable"],
  [
    "of a prompt that is refused",
    { type: "error", code: "invalid_prompt", message: "no" },
    "content_refused",
  ],
  ["of an image", { type: "error", code: "image_too_large", message: "no" }, "caller_fault"],
])("an error event %s", (_name, event, failure) => {
  expect(read([created, event]).error).toMatchObject({ failure });
});

test("an event that is named an error by its frame alone", () => {
  const decoder = createResponsesStreamDecoder({ member: openAiResponses, maker: "openai" });
  const data = '{"type":"server_error","message":"m"}';
  expect(() => decoder.decode({ event: "error", data })).toThrow("OpenAI sent an error: m");
});

test("an event whose type stands in its frame alone", () => {
  const decoder = createResponsesStreamDecoder({ member: openAiResponses, maker: "openai" });
  const data = '{"output_index":0,"delta":"a"}';
  expect(decoder.decode({ event: "response.output_text.delta", data })).toContainEqual(more(0, "a"));
});

test("a response that was cancelled", () => {
  const { error } = read([created, { type: "response.cancelled", response: {} }]);
  expect(error).toMatchObject({ failure: "unavailable", message: "OpenAI cancelled the response." });
});

test("a last event whose response failed after all", () => {
  expect(read([created, completed([], { status: "failed" })]).error).toMatchObject({
    failure: "unavailable",
  });
});

test.each(["{", "[]", "1", "null", '{"delta":"x"}'])("no event of the format: %s", (data) => {
  expect(read([created, data]).error).toMatchObject({ failure: "broken_reply" });
});

test("an item event without an item is a broken reply", () => {
  const event = { type: "response.output_item.done", output_index: 0, item: "x" };
  expect(read([created, event]).error).toMatchObject({ failure: "broken_reply" });
});

test("background mode is served in a stream: it begins queued", () => {
  const queued = { type: "response.queued", response: { id: "resp_1", model: "gpt-x", status: "queued" } };
  const { events } = read([created, queued, textDelta(0, "a"), completed()]);
  expect(events).toEqual([started, start(0, "text"), more(0, "a"), stop(0), finished("stop")]);
});

test("an empty reply is one: the last event says that it is complete", () => {
  expect(read([created, completed()]).events).toEqual([started, finished("stop")]);
});

test("events out of order: an item's pieces before the item, a piece after its end, no start", () => {
  const { events } = read([
    textDelta(0, "a"),
    added(0, { type: "message" }),
    textDelta(0, "b"),
    done(0, { type: "message", content: [{ type: "output_text", text: "ab" }] }),
    textDelta(0, "late"),
    created,
    completed(),
  ]);
  expect(events).toEqual([
    { type: "started", model: undefined },
    start(0, "text"),
    more(0, "a"),
    more(0, "b"),
    stop(0),
    finished("stop"),
  ]);
});

test("the progress of a vendor's tools says nothing, their items are handed on as they end", () => {
  const search = { type: "web_search_call", id: "ws_1", status: "completed", action: { query: "x" } };
  const custom = { type: "custom_tool_call", call_id: "c", name: "sql", input: "SELECT 1" };
  const { events } = read([
    created,
    added(0, { type: "web_search_call", id: "ws_1", status: "in_progress" }),
    { type: "response.web_search_call.in_progress", output_index: 0 },
    { type: "response.web_search_call.searching", output_index: 0 },
    { type: "response.web_search_call.completed", output_index: 0 },
    { type: "keepalive" },
    done(0, search),
    added(1, { type: "custom_tool_call", input: "" }),
    { type: "response.custom_tool_call_input.delta", output_index: 1, delta: "SELECT 1" },
    { type: "response.custom_tool_call_input.done", output_index: 1, input: "SELECT 1" },
    done(1, custom),
    completed([search, custom]),
  ]);
  expect(events).toEqual([
    started,
    opaque(0, "web_search_call", search),
    stop(0),
    opaque(1, "custom_tool_call", custom),
    stop(1),
    finished("stop"),
  ]);
});

test("an item of the vendor's that never ends is handed on as it began", () => {
  const begun = { type: "mcp_call", id: "mcp_1", name: "f" };
  const { events } = read([created, added(0, begun), completed()]);
  expect(events).toContainEqual(opaque(0, "mcp_call", begun));
});

test("an index that another item takes over, before the first has ended", () => {
  const begun = { type: "web_search_call", id: "ws_1" };
  const { events } = read([
    created,
    added(0, begun),
    added(0, { type: "message" }),
    textDelta(0, "a"),
    completed(),
  ]);
  expect(events).toEqual([
    started,
    opaque(0, "web_search_call", begun),
    stop(0),
    start(1, "text"),
    more(1, "a"),
    stop(1),
    finished("stop"),
  ]);
});

const namedCall = (name: string) => ({ type: "function_call", call_id: name, name, arguments: "{}" });

test("items without an index that have not ended are told apart by their order", () => {
  const items = [namedCall("f"), namedCall("g")];
  const { events } = read([
    created,
    ...items.map((item) => ({ type: "response.output_item.added", item: { ...item, arguments: "" } })),
    completed(items),
  ]);
  expect(events).toMatchObject([
    started,
    { part: { kind: "tool_call", name: "f" } },
    { part: { kind: "tool_call", name: "g" } },
    more(0, "{}"),
    stop(0),
    more(1, "{}"),
    stop(1),
    finished("tool_calls"),
  ]);
});

test("pieces for an item of the vendor's are told by its end", () => {
  const searched = { type: "tool_search_call", call_id: "c", arguments: '{"q":1}' };
  const { events } = read([
    created,
    added(0, { type: "tool_search_call", call_id: "c" }),
    { type: "response.function_call_arguments.delta", output_index: 0, delta: '{"q":1}' },
    textDelta(0, "x"),
    done(0, searched),
    completed([searched]),
  ]);
  expect(events).toEqual([started, opaque(0, "tool_search_call", searched), stop(0), finished("stop")]);
});

test("a last event whose items are others than those of the stream adds nothing to them", () => {
  const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
  const answer = { type: "message", content: [{ type: "output_text", text: "ab" }] };
  const { events } = read([created, textDelta(0, "a"), completed([call, answer])]);
  expect(events).toEqual([started, start(0, "text"), more(0, "a"), stop(0), finished("stop")]);
});

test("an image that the model made, and what the vendor says of it", () => {
  const { events } = read([
    created,
    done(0, {
      type: "image_generation_call",
      id: "ig_1",
      result: "QUJD",
      output_format: "webp",
      revised_prompt: "a cat",
    }),
    completed(),
  ]);
  expect(events).toMatchObject([
    started,
    { part: { kind: "image", source: { data: "QUJD", mediaType: "image/webp" } } },
    stop(0),
    { part: { kind: "opaque", type: "image_generation_call", json: { revised_prompt: "a cat" } } },
    stop(1),
    finished("stop"),
  ]);
  expect(JSON.stringify(events).split("QUJD")).toHaveLength(2);
});

test("events, items, pieces and members that are not known are handed on", () => {
  const partial = { type: "response.image_generation_call.partial_image", partial_image_b64: "QQ==" };
  const { events } = read([
    created,
    partial,
    done(0, { type: "message", content: [{ type: "output_audio", data: "x" }], weight: 1 }),
    done(1, { type: "function_call", call_id: "a", name: "f", arguments: "{}", namespace: "crm" }),
    { ...completed([], { moderation: { flagged: true }, temperature: 1 }), copilot_usage: { total: 1 } },
  ]);
  expect(events.filter((event) => event.type === "part_started" && event.part.kind === "opaque")).toEqual([
    opaque(0, partial.type, partial),
    opaque(1, "output_audio", { type: "output_audio", data: "x" }),
    opaque(2, "message.weight", 1),
    opaque(4, "function_call.namespace", { call_id: "a", namespace: "crm" }),
    opaque(5, "copilot_usage", { total: 1 }),
    opaque(6, "moderation", { flagged: true }),
  ]);
});

test("the id of an answer that the vendor keeps is handed on: the next request can go on from it", () => {
  expect(read([created, completed([], { store: true })]).events).toContainEqual(opaque(0, "id", "resp_1"));
  expect(read([created, completed([], { store: false })]).events).toEqual([started, finished("stop")]);
});

test("a message that is not the answer yet says so", () => {
  const item = { type: "message", phase: "commentary", content: [{ type: "output_text", text: "First…" }] };
  const { events } = read([
    created,
    added(0, { ...item, content: [] }),
    textDelta(0, "First…"),
    done(0, item),
    completed(),
  ]);
  expect(events.slice(1, 4)).toEqual([opaque(0, "message.phase", "commentary"), stop(0), start(1, "text")]);
  const answer = { ...item, phase: "final_answer" };
  expect(read([created, done(0, answer), completed()]).events[1]).toEqual(start(0, "text"));
});
