// Whatever a server sends: events in order, or a ProviderError; never anything else.

import fc from "fast-check";
import { expect, test } from "vitest";
import { costNanos } from "../../../../src/core/pricing/price.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import {
  azureMember,
  compatibleMember,
  groqMember,
  mistralMember,
  openRouterMember,
  xAiMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { readOpenAiError } from "../../../../src/providers/openai/errors.ts";
import { brokenRule } from "../../recorded/check-sequence.ts";
import { chunk, read } from "./read-chunks.ts";

const members = [azureMember, compatibleMember, groqMember, mistralMember, openRouterMember, xAiMember];

const anything = fc.jsonValue({ maxDepth: 3 });
const texts = fc.constantFrom("", "a", "b", null, undefined, 1, {});
const count = fc.constantFrom(0, 1, 5, -1, 1.5, 1e300, "3", null, undefined);

const toolCall = fc.record(
  {
    index: fc.constantFrom(0, 1, null),
    id: texts,
    type: fc.constantFrom("function", "custom", null),
    function: fc.record({ name: texts, arguments: fc.oneof(texts, anything) }, { requiredKeys: [] }),
    extra_content: fc.constantFrom({ google: { thought_signature: "s" } }, { other: 1 }),
  },
  { requiredKeys: [] },
);
const detail = fc.record(
  {
    type: fc.constantFrom("reasoning.text", "reasoning.summary", "reasoning.encrypted", "other"),
    text: texts,
    summary: texts,
    data: texts,
    signature: texts,
    id: texts,
    index: fc.constantFrom(0, 1),
    format: fc.constantFrom("google-gemini-v1", "anthropic-claude-v1", null),
  },
  { requiredKeys: ["type"] },
);
const piece = fc.oneof(
  anything,
  fc.record({ type: fc.constant("text"), text: texts }),
  fc.record({
    type: fc.constant("thinking"),
    thinking: fc.oneof(fc.array(fc.record({ text: texts })), texts),
  }),
);
const delta = fc.record(
  {
    content: fc.oneof(texts, fc.array(piece, { maxLength: 3 })),
    refusal: texts,
    reasoning: fc.oneof(texts, anything),
    reasoning_content: texts,
    reasoning_details: fc.array(detail, { maxLength: 3 }),
    tool_calls: fc.array(toolCall, { maxLength: 3 }),
    function_call: fc.record({ name: texts, arguments: texts }),
    annotations: fc.array(anything, { maxLength: 2 }),
    audio: anything,
  },
  { requiredKeys: [] },
);
const usage = fc.record(
  {
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    prompt_tokens_details: fc.record({ cached_tokens: count, cache_write_tokens: count }),
    completion_tokens_details: fc.record({ reasoning_tokens: count }),
  },
  { requiredKeys: [] },
);
const anyChunk = fc
  .record({
    delta,
    choice: fc.record(
      { finish_reason: fc.constantFrom("stop", "tool_calls", "", null, 5), content_filter_results: anything },
      { requiredKeys: [] },
    ),
    top: fc.record(
      { usage: fc.oneof(usage, anything), citations: anything, search_results: anything, more: anything },
      { requiredKeys: [] },
    ),
  })
  .map(({ delta: told, choice, top }) => Object.assign(chunk(told, choice), top));

test.each(members)("$name: chunks of documented members with any values", (member: FamilyMember) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anyChunk, anyChunk, anything), { maxLength: 8 }), (chunks) => {
      // `read` throws whatever is no ProviderError.
      const { events, error, complete } = read(
        [...chunks.map((each) => JSON.stringify(each)), "[DONE]"],
        member,
      );
      expect(brokenRule({ events, failure: error })).toBeUndefined();
      expect(complete).toBe(error === undefined);
      for (const event of events) {
        if (event.type !== "usage") continue;
        const { input, output } = event.usage;
        for (const told of [...Object.values(input), ...Object.values(output)]) {
          if (told !== undefined) expect(Number.isSafeInteger(told) && told >= 0).toBe(true);
        }
        if (output.text !== undefined) expect(output.text + (output.reasoning ?? 0)).toBe(output.total);
        const price = { version: "v", inputPicos: 1n, outputPicos: 1n };
        const bothKnown = input.total !== undefined && output.total !== undefined;
        expect(costNanos(event.usage, price) !== undefined).toBe(bothKnown);
      }
    }),
    { numRuns: 300 },
  );
});

test("any body of an error is an error of its status", () => {
  fc.assert(
    fc.property(
      fc.oneof(anything, fc.record({ error: anything }), fc.record({ detail: anything })),
      (told) => {
        const answer = { status: 500, headers: {}, text: JSON.stringify(told) };
        const { failure, httpStatus, message } = readOpenAiError(answer, compatibleMember);
        expect(httpStatus).toBe(500);
        expect(failure).toEqual(expect.any(String));
        expect(message.length).toBeLessThan(700);
      },
    ),
    { numRuns: 500 },
  );
});
