// Whatever is sent to the demo upstream is read, or refused in its vendor's words.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAnthropicRequest } from "../../src/demo/anthropic-request.ts";
import { Refusal } from "../../src/demo/demo-request.ts";
import { readGeminiRequest } from "../../src/demo/gemini-request.ts";
import { GeminiRefusal } from "../../src/demo/gemini-error.ts";
import { readOpenaiRequest } from "../../src/demo/openai-request.ts";

const schema = { type: "object", properties: { a: { type: "string" } } };

const readers = {
  openai: {
    read: readOpenaiRequest,
    full: {
      model: "m",
      messages: [
        { role: "system", content: "a" },
        { role: "user", content: [{ type: "text", text: "a" }] },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c", content: "b" },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: schema } }],
      tool_choice: { type: "function", function: { name: "f" } },
      response_format: { type: "json_schema", json_schema: { name: "s", schema } },
      temperature: 1,
      max_tokens: 5,
      stop: ["a"],
      stream: true,
      stream_options: { include_usage: true },
    },
  },
  anthropic: {
    read: readAnthropicRequest,
    full: {
      model: "m",
      max_tokens: 2_000,
      system: [{ type: "text", text: "a" }],
      messages: [
        { role: "user", content: [{ type: "text", text: "a" }] },
        { role: "assistant", content: [{ type: "tool_use", id: "c", name: "f", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c", content: "b" }] },
      ],
      tools: [{ name: "f", input_schema: schema }],
      tool_choice: { type: "auto" },
      thinking: { type: "enabled", budget_tokens: 1_024 },
      stop_sequences: ["a"],
    },
  },
  gemini: {
    read: (body) => readGeminiRequest(body, { model: "m", stream: true }),
    full: {
      systemInstruction: { parts: [{ text: "a" }] },
      contents: [
        { role: "user", parts: [{ text: "a" }] },
        { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { a: 1 } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: "f", parameters: schema }] }],
      toolConfig: { functionCallingConfig: { mode: "AUTO" } },
      generationConfig: { temperature: 1, maxOutputTokens: 5, stopSequences: ["a"] },
    },
  },
} satisfies Readonly<Record<string, { full: object; read: (body: unknown) => object }>>;

type Path = readonly string[];

const pathsIn = (value: unknown, at: Path = []): readonly Path[] => [
  at,
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, member]) => pathsIn(member, [...at, key]))
    : []),
];

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((each, i) => (String(i) === key ? replaced(each, rest, by) : each));
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, each]) => [name, name === key ? replaced(each, rest, by) : each]),
  );
}

test("an enum's place that holds an object with its own toString is refused", () => {
  const { full, read } = readers.gemini;
  const path = ["tools", "0", "functionDeclarations", "0", "parameters", "type"];
  expect(() => read(replaced(full, path, { toString: 0 }))).toThrow(GeminiRefusal);
});

describe.each(Object.entries(readers))("%s", (_, { full, read }) => {
  test("a request with every kind of member is read", () => {
    expect(read(full)).toMatchObject({ messages: expect.any(Array) });
  });

  test("anything at any place is read or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...pathsIn(full)), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        try {
          read(replaced(full, path, value));
        } catch (error) {
          if (!(error instanceof Refusal) && !(error instanceof GeminiRefusal)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
