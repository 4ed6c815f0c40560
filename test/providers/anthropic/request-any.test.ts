// For whatever the core lets pass, a request is built that the vendor's rules allow.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../src/core/chat/request.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { validateChatRequest } from "../../../src/core/chat/validate.ts";
import { buildAnthropicRequest } from "../../../src/providers/anthropic/request.ts";

const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arb, { nil: undefined });
const schema = fc.constantFrom<JsonObject>({}, { type: "object" }, { properties: { a: { type: "string" } } });
const word = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const cacheHint = maybe(fc.constantFrom("short" as const, "long" as const));
const source = fc.oneof(
  fc.record({
    data: fc.base64String({ minLength: 4 }),
    mediaType: fc.constantFrom("image/png", "application/pdf", "text/plain", "text/csv", "video/mp4"),
  }),
  fc.record({ url: fc.constant("https://e.org/x"), mediaType: maybe(fc.constant("image/png")) }),
);
const textPart = fc.record({ type: fc.constant("text" as const), text: fc.string(), cacheHint });
const imagePart = fc.record({ type: fc.constant("image" as const), source, cacheHint });
const filePart = fc.record({
  type: fc.constant("file" as const),
  source,
  filename: maybe(fc.string()),
  cacheHint,
});
const callPart = fc.record({
  type: fc.constant("tool_call" as const),
  id: fc.string({ minLength: 1 }),
  name: word,
  argumentsJson: fc.oneof(fc.json(), fc.string()),
  cacheHint,
});
const resultPart = fc.record({
  type: fc.constant("tool_result" as const),
  toolCallId: fc.string({ minLength: 1 }),
  content: fc.array(fc.oneof(textPart, imagePart), { maxLength: 3 }),
  isError: maybe(fc.boolean()),
  cacheHint,
});
const reasoningPart = fc.record({
  type: fc.constant("reasoning" as const),
  text: fc.string(),
  signature: maybe(fc.string()),
  redactedData: maybe(fc.string()),
  cacheHint,
});

const message = (role: Message["role"], part: fc.Arbitrary<Part>): fc.Arbitrary<Message> =>
  fc.record({
    role: fc.constant(role),
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    name: maybe(word),
  });

const request: fc.Arbitrary<ChatRequest> = fc.record({
  messages: fc.array(
    fc.oneof(
      message("system", textPart),
      message("user", fc.oneof<fc.Arbitrary<Part>[]>(textPart, imagePart, filePart)),
      message("assistant", fc.oneof<fc.Arbitrary<Part>[]>(textPart, reasoningPart, callPart)),
      message("tool", resultPart),
    ),
    { minLength: 1, maxLength: 6 },
  ),
  tools: maybe(
    fc.uniqueArray(fc.record({ name: word, parameters: maybe(schema), cacheHint }), {
      maxLength: 3,
      selector: (tool) => tool.name,
    }),
  ),
  toolChoice: maybe(fc.constantFrom({ type: "auto" as const }, { type: "none" as const })),
  parallelToolCalls: maybe(fc.boolean()),
  responseFormat: maybe(fc.constantFrom({ type: "text" as const }, { type: "json" as const })),
  sampling: maybe(
    fc.record({
      temperature: maybe(fc.double({ min: 0, max: 2, noNaN: true })),
      topP: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
      topK: maybe(fc.integer({ min: 1, max: 1000 })),
      seed: maybe(fc.integer()),
    }),
  ),
  maxOutputTokens: maybe(fc.integer({ min: 1, max: 100_000 })),
  stop: maybe(fc.array(fc.string({ minLength: 1 }), { maxLength: 3 })),
  reasoning: maybe(
    fc.record({
      effort: maybe(fc.constantFrom("none" as const, "minimal" as const, "low" as const, "high" as const)),
      budgetTokens: maybe(fc.nat({ max: 200_000 })),
    }),
  ),
  providerOptions: maybe(fc.record({ anthropic: fc.constant({ metadata: { user_id: "u" }, stream: 3 }) })),
});

const model = fc.constantFrom(
  "claude-3-haiku-20240307",
  "claude-haiku-4-5",
  "claude-opus-4-6",
  "claude-opus-4-7",
);

test("any valid request can be built and written, within the vendor's rules", () => {
  fc.assert(
    fc.property(
      request,
      model,
      fc.constantFrom("unary" as const, "streamed" as const),
      (chat, name, delivery) => {
        validateChatRequest(chat);
        const { body } = buildAnthropicRequest(chat, { model: name, delivery });
        const json = JSON.stringify(body);
        expect(json.split('"cache_control"').length - 1).toBeLessThanOrEqual(4);
        expect(body.stream).toBe(delivery === "streamed");
        if (body.thinking?.type === "enabled") {
          expect(body.thinking.budget_tokens).toBeGreaterThanOrEqual(1024);
          expect(body.thinking.budget_tokens).toBeLessThan(body.max_tokens);
          expect(body.temperature ?? 1).toBe(1);
        }
        for (const [i, turn] of body.messages.entries()) {
          expect(turn.content.length).toBeGreaterThan(0);
          expect(turn.role).not.toBe(body.messages[i - 1]?.role);
        }
      },
    ),
    { numRuns: 300 },
  );
});
