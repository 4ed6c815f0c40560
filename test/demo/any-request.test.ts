// Whatever is sent to the demo upstream is read, or refused in its vendor's words.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signThinking } from "../../src/demo/anthropic-messages.ts";
import { readAnthropicRequest } from "../../src/demo/anthropic-request.ts";
import { Refusal } from "../../src/demo/demo-request.ts";
import { geminiEmbeddings } from "../../src/demo/gemini-embeddings.ts";
import { readGeminiRequest } from "../../src/demo/gemini-request.ts";
import { GeminiRefusal } from "../../src/demo/gemini-error.ts";
import { signCall } from "../../src/demo/gemini-signature.ts";
import { openaiEmbeddings } from "../../src/demo/openai-embeddings.ts";
import { readOpenaiRequest } from "../../src/demo/openai-request.ts";

const schema = { type: "object", properties: { a: { type: "string" } } };

const readers = {
  openai: {
    read: readOpenaiRequest,
    full: {
      model: "m",
      messages: [
        { role: "system", content: "a" },
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
          ],
        },
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
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "t", signature: signThinking("t") },
            { type: "tool_use", id: "c", name: "f", input: {} },
          ],
        },
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
        { role: "user", parts: [{ text: "a" }, { inlineData: { mimeType: "image/png", data: "AA==" } }] },
        {
          role: "model",
          parts: [{ functionCall: { name: "f", args: {} }, thoughtSignature: signCall("f", {}) }],
        },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { a: 1 } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: "f", parameters: schema }] }],
      toolConfig: { functionCallingConfig: { mode: "AUTO" } },
      generationConfig: { temperature: 1, maxOutputTokens: 5, stopSequences: ["a"] },
    },
  },
  "openai embeddings": {
    read: (body) => openaiEmbeddings.readRequest(body, { batch: true }),
    full: { model: "m", input: ["a"], dimensions: 4, encoding_format: "float", user: "u" },
  },
  "gemini embeddings": {
    read: (body) => geminiEmbeddings.readRequest(body, { model: "m", batch: true }),
    full: {
      requests: [
        {
          model: "models/m",
          content: { parts: [{ text: "a" }] },
          taskType: "RETRIEVAL_DOCUMENT",
          title: "t",
        },
      ],
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

const oddities = {
  "an object with its own toString": { toString: 0 },
  "a list of one": [{ toString: 0 }],
  "an object with its own toJSON": { toJSON: 0, valueOf: 0 },
};

/** What a reader does not know how to take. */
function faultOf(read: (body: unknown) => object, body: unknown): unknown {
  try {
    read(body);
    return undefined;
  } catch (error) {
    return error instanceof Refusal || error instanceof GeminiRefusal ? undefined : error;
  }
}

describe.each(Object.entries(readers))("%s", (_, { full, read }) => {
  test("a request with every kind of member is read", () => {
    expect(Object.keys(read(full))).toContainEqual(expect.stringMatching(/^(messages|inputs)$/));
  });

  test.each(Object.entries(oddities))("%s at every place is read or refused", (_name, value) => {
    const faults = pathsIn(full).map((path) => [path.join("."), faultOf(read, replaced(full, path, value))]);
    expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
  });

  test("anything at any place is read or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...pathsIn(full)), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        expect(faultOf(read, replaced(full, path, value))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});
