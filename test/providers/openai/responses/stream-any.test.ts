// Whatever a vendor sends: no error but ours, and events in the order that the core asks for.

import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenRule } from "../../recorded/check-sequence.ts";
import { openAiResponses } from "../../../../src/providers/openai/responses/members.ts";
import { readResponsesAnswer } from "../../../../src/providers/openai/responses/response.ts";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import { read } from "./read-stream.ts";

const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("", null, -1, "a"));
const index = fc.constantFrom(0, 1, 2, undefined, -1, "0");

const piece = fc.oneof(
  fc.record({ type: fc.constant("output_text"), text: fc.string(), annotations: odd, logprobs: odd }),
  fc.record({ type: fc.constant("refusal"), refusal: fc.string() }),
  odd,
);
const item = fc.oneof(
  fc.record({
    type: fc.constant("message"),
    content: fc.oneof(fc.array(piece, { maxLength: 3 }), odd),
    phase: odd,
  }),
  fc.record({ type: fc.constant("reasoning"), id: odd, summary: odd, content: odd, encrypted_content: odd }),
  fc.record({
    type: fc.constant("function_call"),
    call_id: odd,
    name: fc.constantFrom("f", "", null),
    arguments: odd,
  }),
  fc.record({ type: fc.constantFrom("web_search_call", "image_generation_call", "new"), result: odd }),
  odd,
);
const response = fc.record({
  id: odd,
  model: odd,
  status: fc.constantFrom("completed", "incomplete", undefined, 5),
  output: fc.oneof(fc.array(item, { maxLength: 3 }), odd),
  usage: odd,
  incomplete_details: odd,
  moderation: odd,
});
const types = [
  "response.created",
  "response.in_progress",
  "response.output_item.added",
  "response.output_item.done",
  "response.content_part.done",
  "response.output_text.delta",
  "response.output_text.done",
  "response.output_text.annotation.added",
  "response.refusal.delta",
  "response.reasoning_summary_text.delta",
  "response.reasoning_summary_part.done",
  "response.reasoning_text.delta",
  "response.function_call_arguments.delta",
  "response.function_call_arguments.done",
  "response.web_search_call.searching",
  "response.new_event",
];
const event = fc.record({
  type: fc.constantFrom(...types),
  output_index: index,
  content_index: index,
  summary_index: index,
  item,
  delta: odd,
  text: odd,
  refusal: odd,
  arguments: odd,
  annotation: odd,
  logprobs: odd,
  response,
});
const last = fc.record({ type: fc.constantFrom("response.completed", "response.incomplete"), response });

test("any stream of events", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), last, (events, end) => {
      const run = read([...events, end]);
      // A stream without an error comes to its end.
      expect(run.complete).toBe(run.error === undefined);
      expect(
        run.events.length === 0 ? undefined : brokenRule({ events: run.events, failure: run.error }),
      ).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test("any whole answer", () => {
  fc.assert(
    fc.property(fc.oneof(response, odd), (answer) => {
      const text = JSON.stringify(answer) ?? "";
      try {
        const events = readResponsesAnswer(text, { member: openAiResponses, maker: "openai" });
        expect(brokenRule({ events, failure: undefined })).toBeUndefined();
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a text is told as it is, however it is cut into deltas and wherever it is told again", () => {
  const ends = ["text", "item", "response"] as const;
  fc.assert(
    fc.property(
      fc.array(fc.string(), { maxLength: 6 }),
      fc.nat(6),
      fc.subarray([...ends], { minLength: 1 }),
      (texts, told, again) => {
        const all = texts.join("");
        const message = { type: "message", content: [{ type: "output_text", text: all }] };
        const { events, error } = read([
          ...texts.slice(0, told).map((delta) => ({
            type: "response.output_text.delta",
            output_index: 0,
            content_index: 0,
            delta,
          })),
          ...(again.includes("text")
            ? [{ type: "response.output_text.done", output_index: 0, content_index: 0, text: all }]
            : []),
          ...(again.includes("item")
            ? [{ type: "response.output_item.done", output_index: 0, item: message }]
            : []),
          { type: "response.completed", response: { output: again.includes("response") ? [message] : [] } },
        ]);
        expect(error).toBeUndefined();
        expect(events.map((each) => (each.type === "part_delta" ? each.text : "")).join("")).toBe(all);
      },
    ),
  );
});
