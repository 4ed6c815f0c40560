import { describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { readOllamaAnswer } from "../../../src/providers/ollama/response.ts";
import { createOllamaStreamDecoder } from "../../../src/providers/ollama/stream.ts";
import { failureOf } from "../../support/failure-of.ts";

const line = (message: JsonObject, members: JsonObject = {}): JsonObject => ({
  model: "qwen3:8b",
  created_at: "2026-08-07T06:08:46.460387Z",
  message: { role: "assistant", content: "", ...message },
  done: false,
  ...members,
});
const last = (members: JsonObject = {}): JsonObject =>
  line({}, { done: true, done_reason: "stop", total_duration: 7, load_duration: 1, ...members });

function decode(...lines: readonly JsonValue[]) {
  const decoder = createOllamaStreamDecoder();
  const events: ProviderChatEvent[] = [];
  for (const each of lines) events.push(...decoder.decode(JSON.stringify(each)));
  return { events, complete: decoder.isComplete(), untold: decoder.untoldUsage() };
}

const partsOf = (events: readonly ProviderChatEvent[]) =>
  events.flatMap((event) => (event.type === "part_started" ? [event.part] : []));

describe("a reply of Ollama's", () => {
  test("has thoughts, then text, and ends with the line that is done", () => {
    const { events, complete } = decode(
      line({ thinking: "Hm" }),
      line({ thinking: "." }),
      line({ content: "Hal" }),
      line({ content: "lo" }),
      last({ prompt_eval_count: 3, eval_count: 4 }),
    );
    expect(complete).toBe(true);
    expect(events).toEqual([
      { type: "started", model: "qwen3:8b" },
      { type: "part_started", index: 0, part: { kind: "reasoning" } },
      { type: "part_delta", index: 0, text: "Hm" },
      { type: "part_delta", index: 0, text: "." },
      { type: "part_finished", index: 0 },
      { type: "part_started", index: 1, part: { kind: "text" } },
      { type: "part_delta", index: 1, text: "Hal" },
      { type: "part_delta", index: 1, text: "lo" },
      { type: "part_finished", index: 1 },
      { type: "usage", usage: { input: { total: 3 }, output: { total: 4 }, source: "reported" } },
      { type: "finished", reason: "stop", rawReason: "stop" },
    ]);
  });

  test("comes whole with the same events", () => {
    const whole = {
      ...last({ eval_count: 4 }),
      message: { role: "assistant", thinking: "Hm", content: "Hi" },
    };
    expect(readOllamaAnswer(JSON.stringify(whole))).toEqual(decode(whole).events);
  });

  test("has tool calls with an object of arguments and ids of ours where there are none; it ends with `stop`", () => {
    const { events } = decode(
      line({
        tool_calls: [
          { function: { index: 0, name: "weather", arguments: { city: "Bern" } } },
          { id: "own", function: { name: "time", arguments: {} } },
          { function: { name: "text", arguments: '{"a":1}' } },
        ],
      }),
      line({ tool_calls: [{ function: { name: "more" } }] }),
      last(),
    );
    expect(partsOf(events)).toEqual([
      { kind: "tool_call", id: "call_20260807060846460387_0", name: "weather" },
      { kind: "tool_call", id: "own", name: "time" },
      { kind: "tool_call", id: "call_20260807060846460387_2", name: "text" },
      { kind: "tool_call", id: "call_20260807060846460387_3", name: "more" },
    ]);
    expect(events.flatMap((event) => (event.type === "part_delta" ? [event.text] : []))).toEqual([
      '{"city":"Bern"}',
      "{}",
      '{"a":1}',
      "{}",
    ]);
    expect(events.at(-1)).toEqual({ type: "finished", reason: "tool_calls", rawReason: "stop" });
  });

  test("tells calls apart that were given one id", () => {
    const call = { id: "1", function: { name: "f", arguments: {} } };
    const { events } = decode(line({ tool_calls: [call, call] }), last());
    const ids = events.flatMap((event) =>
      event.type === "part_started" && event.part.kind === "tool_call" ? [event.part.id] : [],
    );
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe("1");
  });

  test("ends by its length though it calls tools, and without a word by older servers", () => {
    const call = line({ tool_calls: [{ function: { name: "f", arguments: {} } }] });
    expect(decode(call, last({ done_reason: "length" })).events.at(-1)).toMatchObject({ reason: "length" });
    expect(decode(last({ done_reason: null })).events.at(-1)).toEqual({ type: "finished", reason: "stop" });
  });

  test("has log probabilities with the tokens that they are of", () => {
    const logprobs = [{ token: "Hi", logprob: -0.5 }];
    const { events } = decode(
      line({ content: "Hi" }, { logprobs }),
      line({ thinking: "h" }, { logprobs }),
      last(),
    );
    expect(events.filter(({ type }) => type === "part_delta")).toEqual([
      { type: "part_delta", index: 0, text: "Hi", logprobs },
      { type: "part_delta", index: 1, text: "h", logprobs },
    ]);
    expect(decode(line({}, { logprobs })).events.at(-1)).toMatchObject({ text: "", logprobs });
  });

  test("hands on what the core has no place for, once while it says the same", () => {
    const { events } = decode(
      line({ content: "a", images: ["aGFsbG8="] }, { debug: { x: 1 }, empty: [] }),
      line({ content: "b" }, { debug: { x: 1 }, remote_model: "m" }),
      line({ content: "c" }, { debug: { x: 2 } }),
      last(),
    );
    expect(partsOf(events)).toEqual([
      { kind: "text" },
      { kind: "opaque", vendor: "ollama", type: "images", json: ["aGFsbG8="] },
      { kind: "opaque", vendor: "ollama", type: "debug", json: { x: 1 } },
      { kind: "opaque", vendor: "ollama", type: "debug", json: { x: 2 } },
    ]);
  });

  test.each([
    [{ prompt_eval_count: -1, eval_count: "7" }, undefined],
    [{ eval_count: 4 }, { input: {}, output: { total: 4 } }],
    [
      { prompt_eval_count: 1e300, eval_count: 4 },
      { input: {}, output: { total: 4 } },
    ],
    [{}, undefined],
  ])("makes no number of the counts %j", (counts, usage) => {
    const told = decode(last(counts)).events.find(({ type }) => type === "usage");
    expect(told).toEqual(
      usage === undefined ? undefined : { type: "usage", usage: { ...usage, source: "reported" } },
    );
  });

  test("fails by an error in its midst, which is a plain text", () => {
    const error = { error: "an error was encountered while running the model: unexpected EOF" };
    expect(failureOf(() => decode(line({ content: "a" }), error))).toBe("unavailable");
    expect(failureOf(() => decode({ error: { message: "this model does not support tools" } }))).toBe(
      "model_unavailable",
    );
    expect(failureOf(() => readOllamaAnswer(JSON.stringify(error)))).toBe("unavailable");
  });

  test("is broken where it is not of the format", () => {
    for (const lines of [[7], [{}], [{ message: "a" }], [line({ tool_calls: [{ function: {} }] })]]) {
      expect(failureOf(() => decode(...lines))).toBe("broken_reply");
    }
    let deep: JsonValue = 1;
    for (let i = 0; i < 100; i += 1) deep = [deep];
    expect(failureOf(() => decode(line({}, { deep })))).toBe("broken_reply");
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, i]));
    expect(failureOf(() => decode(line({}, many)))).toBe("broken_reply");
    for (const text of ["", "<html>", "[]", JSON.stringify(line({ content: "a" }))]) {
      expect(failureOf(() => readOllamaAnswer(text))).toBe("broken_reply");
    }
  });

  test("is not complete before its last line, and says nothing after it", () => {
    expect(decode(line({ content: "a" }, { eval_count: 1 }))).toMatchObject({
      complete: false,
      untold: { type: "usage", usage: { output: { total: 1 } } },
    });
    expect(decode(last(), line({ content: "a" })).events).toHaveLength(2);
  });
});
