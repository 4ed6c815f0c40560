// For whatever the core lets pass, a request is built that the vendor's rules allow.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../src/core/chat/request.ts";
import { validateChatRequest } from "../../../src/core/chat/validate.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { buildGeminiRequest } from "../../../src/providers/gemini/request.ts";

const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arb, { nil: undefined });
const word = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const schema = fc.oneof(
  fc.constantFrom<JsonObject>(
    {},
    { type: "object" },
    { $ref: "#/$defs/a", title: "t" },
    { const: 3, allOf: [] },
  ),
  fc.dictionary(
    fc.constantFrom("properties", "items", "anyOf", "const", "$ref", "__proto__"),
    fc.jsonValue({ maxDepth: 3 }),
  ),
);
const json = fc.dictionary(
  fc.constantFrom(
    "generationConfig",
    "toolConfig",
    "tools",
    "contents",
    "systemInstruction",
    "__proto__",
    "x",
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The arbitraries give plain JSON; the core's type of it is a narrower one. */
const asJson = (arb: fc.Arbitrary<object>): fc.Arbitrary<JsonObject> =>
  arb.map((value): JsonObject => JSON.parse(JSON.stringify(value)));

const source = fc.oneof(
  fc.record({
    data: fc.base64String({ minLength: 4 }),
    mediaType: fc.constantFrom("image/png", "application/pdf", "text/csv"),
  }),
  fc.record({
    url: fc.constantFrom("https://e.org/x", "https://e.org/x.png", "http://e.org/a.b/.?q=.pdf"),
    mediaType: maybe(fc.constant("image/png")),
  }),
);
const proof = {
  signature: maybe(fc.constantFrom("", "sig")),
  vendor: maybe(fc.constantFrom("gemini", "anthropic", "")),
};
const id = fc.constantFrom("1", "2", "3");
const textPart = fc.record({ type: fc.constant("text" as const), text: fc.string() });
const imagePart = fc.record({ type: fc.constant("image" as const), source });
const filePart = fc.record({ type: fc.constant("file" as const), source, filename: maybe(fc.string()) });
const callPart = fc.record({
  type: fc.constant("tool_call" as const),
  id,
  name: word,
  argumentsJson: fc.oneof(fc.json(), fc.string()),
  ...proof,
});
const resultPart = fc.record({
  type: fc.constant("tool_result" as const),
  toolCallId: id,
  content: fc.array(fc.oneof(textPart, imagePart), { maxLength: 3 }),
  isError: maybe(fc.boolean()),
});
const reasoningPart = fc.record({
  type: fc.constant("reasoning" as const),
  text: fc.constantFrom("", "why"),
  redactedData: maybe(fc.string()),
  ...proof,
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
    fc.uniqueArray(fc.record({ name: word, parameters: maybe(asJson(schema)) }), {
      maxLength: 3,
      selector: (tool) => tool.name,
    }),
  ),
  toolChoice: maybe(fc.constantFrom({ type: "auto" as const }, { type: "none" as const })),
  parallelToolCalls: maybe(fc.boolean()),
  responseFormat: maybe(
    fc.oneof(
      fc.constantFrom({ type: "text" as const }, { type: "json" as const }),
      fc.record({ type: fc.constant("json_schema" as const), name: word, schema: asJson(schema) }),
    ),
  ),
  sampling: maybe(
    fc.record({
      temperature: maybe(fc.double({ min: 0, max: 2, noNaN: true })),
      seed: maybe(fc.maxSafeInteger()),
    }),
  ),
  maxOutputTokens: maybe(fc.integer({ min: 1, max: 100_000 })),
  stop: maybe(fc.array(fc.string({ minLength: 1 }), { maxLength: 9 })),
  reasoning: maybe(
    fc.record({
      effort: maybe(fc.constantFrom("none" as const, "minimal" as const, "low" as const, "xhigh" as const)),
      budgetTokens: maybe(fc.nat()),
    }),
  ),
  providerOptions: maybe(fc.record({ gemini: asJson(json) })),
});

const model = fc.constantFrom(
  "gemini-2.0-flash",
  "gemini-2.5-flash-lite",
  "gemini-2.5-pro",
  "gemini-3-pro-preview",
  "gemini-flash-latest",
  "tunedModels/mine",
);

test("any valid request can be built and written, within the vendor's rules", () => {
  fc.assert(
    fc.property(request, model, (chat, name) => {
      validateChatRequest(chat);
      const { body, losses } = buildGeminiRequest(chat, { model: name });
      expect(JSON.parse(JSON.stringify(body))).toBeTypeOf("object");
      for (const { field, detail } of losses) expect([field, detail]).not.toContain("");
      for (const [i, { role, parts }] of body.contents.entries()) {
        expect(parts.length).toBeGreaterThan(0);
        expect(role).not.toBe(body.contents[i - 1]?.role);
        const first = parts.find((part) => "functionCall" in part);
        if (/gemini-3|latest/.test(name) && first !== undefined && "functionCall" in first) {
          expect(first.thoughtSignature).toBeDefined();
        }
        for (const part of parts) {
          if ("functionResponse" in part) expect(part.functionResponse.response).toBeTypeOf("object");
          if ("thoughtSignature" in part) expect(part.thoughtSignature).not.toBe("");
        }
      }
      const asked = body.generationConfig;
      expect(asked?.stopSequences?.length ?? 0).toBeLessThanOrEqual(chat.stop === undefined ? Infinity : 5);
    }),
    { numRuns: 400 },
  );
});
