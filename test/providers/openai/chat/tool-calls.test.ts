import { expect, test } from "vitest";
import {
  read,
  chunk,
  call,
  piece,
  finish,
  started,
  start,
  delta,
  stop,
  tool,
  finishOf,
  partsOf,
} from "./read-chunks.ts";

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

test("tool calls without an index, from 1 on, under one index, or numbered by text", () => {
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
  const asText = [
    call({ index: "0", id: "a", function: { name: "f", arguments: "1" } }),
    call({ index: "1", id: "b", function: { name: "f", arguments: "3" } }),
    call({ index: "0", function: { arguments: "24" } }),
  ];
  for (const chunks of [noIndex, fromOne, oneIndex, asText]) {
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

test("several calls under one index: another id with a name, or another name without an id", () => {
  const byId = read([
    call({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
    call({ index: 0, id: "b", function: { name: "f", arguments: "{}" } }),
    "[DONE]",
  ]);
  expect(partsOf(byId.events)).toEqual(["a f({})", "b f({})"]);
  const byName = read([
    call({ index: 0, function: { name: "f", arguments: "{}" } }),
    call({ index: 0, function: { name: "g", arguments: "{}" } }),
    "[DONE]",
  ]);
  expect(partsOf(byName.events)).toEqual(["call_chatcmpl-1_0 f({})", "call_chatcmpl-1_1 g({})"]);
});

test("arguments as an object are written as JSON, those that are none are handed on as they stand", () => {
  const { events } = read([
    call({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }),
    call({ index: 1, id: "b", function: { name: "g", arguments: "not JSON {" } }),
    "[DONE]",
  ]);
  expect(partsOf(events)).toEqual(['a f({"x":1})', "b g(not JSON {)"]);
});

test("tool_calls for a reason where there are none is an ordinary stop; null says nothing", () => {
  expect(finishOf(read([chunk({ content: "Hi" }), finish("tool_calls"), "[DONE]"]).events)).toEqual([
    "stop",
    "tool_calls",
  ]);
  expect(finishOf(read([piece({ name: "f", arguments: "{}" }), finish("stop"), "[DONE]"]).events)).toEqual([
    "tool_calls",
    "stop",
  ]);
});
