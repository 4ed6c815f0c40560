import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import { openAiResponses } from "../../../../src/providers/openai/responses/members.ts";
import { readResponsesAnswer } from "../../../../src/providers/openai/responses/response.ts";
import { finished, message, more, opaque, start, started, stop, tool } from "./read-stream.ts";

const readText = (text: string): readonly ProviderChatEvent[] =>
  readResponsesAnswer(text, { member: openAiResponses, maker: "openai" });
const read = (answer: object): readonly ProviderChatEvent[] =>
  readText(JSON.stringify({ id: "resp_1", model: "gpt-x", status: "completed", ...answer }));

test("reasoning, a text with its citations and log probabilities, a call, and what only the vendor knows", () => {
  const annotation = { type: "url_citation", url: "https://a.example/", title: "A" };
  const logprobs = [{ token: "a", logprob: -1 }];
  const search = { type: "file_search_call", id: "fs_1", results: null };
  const events = read({
    output: [
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "Hm." }],
        encrypted_content: "e",
      },
      search,
      message("a", { annotations: [annotation], logprobs }),
      { type: "function_call", call_id: "c", name: "f", arguments: '{"x":1}', status: "completed" },
    ],
  });
  expect(events).toEqual([
    started,
    start(0, "reasoning"),
    more(0, "Hm."),
    { ...stop(0), signature: "rs_1", redactedData: "e", vendor: "openai" },
    opaque(1, "file_search_call", search),
    stop(1),
    start(2, "text"),
    { ...more(2, "a"), logprobs },
    {
      type: "part_started",
      index: 3,
      part: { kind: "citation", citation: { url: "https://a.example/", title: "A", raw: annotation } },
    },
    stop(3),
    stop(2),
    tool(4, "c", "f"),
    more(4, '{"x":1}'),
    stop(4),
    finished("tool_calls"),
  ]);
});

test("texts and refusals of one message are parts of their own", () => {
  const content = [
    { type: "output_text", text: "a" },
    { type: "output_text", text: "b" },
    { type: "refusal", refusal: "No." },
  ];
  expect(read({ output: [{ type: "message", content }] })).toEqual([
    started,
    start(0, "text"),
    more(0, "a"),
    stop(0),
    start(1, "text"),
    more(1, "b"),
    stop(1),
    start(2, "refusal"),
    more(2, "No."),
    stop(2),
    finished("refusal"),
  ]);
});

test("servers that leave things out: no status, content as a string", () => {
  const text = JSON.stringify({ model: "gpt-x", output: [{ type: "message", content: "Hi" }] });
  expect(readText(text)).toEqual([started, start(0, "text"), more(0, "Hi"), stop(0), finished("stop")]);
});

test("an empty output that is complete", () => {
  expect(read({ output: [] })).toEqual([started, finished("stop")]);
});

test.each(["queued", "in_progress"])("background mode is not served: %s", (status) => {
  expect(() => read({ status, output: [] })).toThrow(/background mode is not served/);
  expect(() => read({ status, output: [] })).toThrow(expect.objectContaining({ failure: "broken_reply" }));
});

test.each([
  [
    "failed, and says why",
    { status: "failed", error: { code: "server_error", message: "m" } },
    "unavailable",
  ],
  ["failed without a word", { status: "failed" }, "unavailable"],
  ["refused", { status: "failed", error: { code: "image_content_policy_violation" } }, "content_refused"],
  ["cancelled", { status: "cancelled", output: [] }, "unavailable"],
  ["an error in its place", { error: { code: 401, message: "m" } }, "authentication"],
  ["of an unknown status", { status: "expired", output: [] }, "broken_reply"],
  ["complete without an output", {}, "broken_reply"],
])("a response that is %s", (_name, answer, failure) => {
  expect(() => read(answer)).toThrow(expect.objectContaining({ failure }));
});

test.each(["", "{", "[]", "null", "{}", '{"output":[]}', '{"choices":[]}'])(
  "no response at all: %s",
  (text) => {
    expect(() => readText(text)).toThrow(expect.objectContaining({ failure: "broken_reply" }));
  },
);

test("an item that is no object is handed on, one without a type too", () => {
  const events = read({ output: ["odd", { id: "x" }] });
  expect(events).toContainEqual(opaque(0, "output", "odd"));
  expect(events).toContainEqual(opaque(1, "output", { id: "x" }));
});

const call = (written: unknown) => ({ type: "function_call", call_id: "c", name: "f", arguments: written });

test("arguments as an object are written as JSON; what is nested too deep is a broken reply", () => {
  expect(read({ output: [call({ x: 1 })] })).toContainEqual(more(0, '{"x":1}'));
  const deep = `${"[".repeat(9_000)}${"]".repeat(9_000)}`;
  const text = JSON.stringify({ status: "completed", output: [{ type: "odd", json: 0 }] }).replace("0", deep);
  expect(() => readText(text)).toThrow(expect.objectContaining({ failure: "broken_reply" }));
});
