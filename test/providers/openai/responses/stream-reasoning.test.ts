import { expect, test } from "vitest";
import {
  azureResponses,
  deepSeekResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../../src/providers/openai/responses/members.ts";
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
} from "./read-stream.ts";

const summaryDelta = (summary_index: number, delta: string) => ({
  type: "response.reasoning_summary_text.delta",
  output_index: 0,
  summary_index,
  delta,
});
const reasoning = (more: object = {}) => ({ type: "reasoning", id: "rs_1", summary: [], ...more });
const summary = (...texts: string[]) => texts.map((text) => ({ type: "summary_text", text }));

test("summaries are paragraphs of one reasoning, whose proof comes at its end", () => {
  const { events } = read([
    created,
    added(0, reasoning({ encrypted_content: "not yet whole" })),
    { type: "response.reasoning_summary_part.added", output_index: 0, summary_index: 0 },
    summaryDelta(0, "First"),
    summaryDelta(0, " thing"),
    { type: "response.reasoning_summary_text.done", output_index: 0, summary_index: 0, text: "First thing" },
    {
      type: "response.reasoning_summary_part.done",
      output_index: 0,
      summary_index: 0,
      part: { text: "First thing" },
    },
    summaryDelta(1, "Second"),
    done(0, reasoning({ summary: summary("First thing", "Second"), encrypted_content: "whole" })),
    textDelta(1, "Hi"),
    done(1, message("Hi")),
    completed(),
  ]);
  expect(events).toEqual([
    started,
    start(0, "reasoning"),
    more(0, "First"),
    more(0, " thing"),
    more(0, "\n\nSecond"),
    { ...stop(0), signature: "rs_1", redactedData: "whole", vendor: "openai" },
    start(1, "text"),
    more(1, "Hi"),
    stop(1),
    finished("stop"),
  ]);
});

test("reasoning without a text still has its proof; without either it is nothing", () => {
  const sealed = read([created, done(0, reasoning({ encrypted_content: "e" })), completed()]);
  expect(sealed.events.slice(1, 3)).toEqual([
    start(0, "reasoning"),
    { ...stop(0), signature: "rs_1", redactedData: "e", vendor: "openai" },
  ]);
  expect(read([created, done(0, { type: "reasoning", summary: [] }), completed()]).events).toEqual([
    started,
    finished("stop"),
  ]);
});

test("reasoning by its own text, from deltas or at the end alone", () => {
  const item = {
    type: "reasoning",
    id: "r",
    content: [{ type: "reasoning_text", text: "Hm." }],
    summary: [],
  };
  const delta = { type: "response.reasoning_text.delta", output_index: 0, content_index: 0, delta: "Hm." };
  const end = { type: "response.reasoning_text.done", output_index: 0, content_index: 0, text: "Hm." };
  const part = {
    type: "response.content_part.done",
    output_index: 0,
    part: { type: "reasoning_text", text: "Hm." },
  };
  for (const items of [[delta, end, part, done(0, item)], [end, part, done(0, item)], [done(0, item)]]) {
    expect(read([created, ...items, completed([item])], deepSeekResponses).events).toEqual([
      started,
      start(0, "reasoning"),
      more(0, "Hm."),
      { ...stop(0), signature: "r", redactedData: undefined, vendor: "deepseek" },
      finished("stop"),
    ]);
  }
});

test("reasoning and text whose deltas interleave stay apart", () => {
  const { events } = read([
    created,
    summaryDelta(0, "a"),
    textDelta(1, "x"),
    summaryDelta(0, "b"),
    textDelta(1, "y"),
    completed(),
  ]);
  expect(events).toEqual([
    started,
    start(0, "reasoning"),
    more(0, "a"),
    start(1, "text"),
    more(1, "x"),
    more(0, "b"),
    more(1, "y"),
    stop(0),
    stop(1),
    finished("stop"),
  ]);
});

test.each([
  ["Azure", azureResponses, {}, "openai"],
  ["xAI", xAiResponses, {}, "xai"],
  [
    "OpenRouter, by the format",
    openRouterResponses,
    { format: "anthropic-claude-v1", signature: "s" },
    "anthropic",
  ],
  ["OpenRouter, of an unknown format", openRouterResponses, { format: "unknown" }, "openrouter"],
])("whose proof it is: %s", (_name, member, extra, vendor) => {
  const { events } = read(
    [created, done(0, reasoning({ encrypted_content: "e", ...extra })), completed()],
    member,
  );
  expect(events).toContainEqual(
    expect.objectContaining({ type: "part_finished", redactedData: "e", vendor }),
  );
  if ("signature" in extra) expect(events).toContainEqual(expect.objectContaining({ signature: "s" }));
});
