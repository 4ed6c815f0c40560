import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatRequest, Part } from "../../../src/core/chat/request.ts";
import { embedOperation } from "../../../src/core/embed/operation.ts";
import { utf8Bytes } from "../../../src/core/limits/estimated-tokens.ts";

const sizeOf = (request: Partial<ChatRequest>) => {
  const { textBytes, images, fileBytes } = chatOperation.inputSize({ messages: [], ...request }, utf8Bytes);
  return { textBytes, images, fileBytes };
};
const user = (...parts: readonly Part[]): Partial<ChatRequest> => ({ messages: [{ role: "user", parts }] });

describe("the bytes of a text", () => {
  it("are those that Node counts", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff })), (points) => {
        const text = String.fromCodePoint(...points);
        expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
      }),
    );
    // Halves of surrogate pairs, which no whole character has.
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd700, max: 0xe100 })), (units) => {
        const text = String.fromCharCode(...units);
        expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
      }),
    );
  });
});

describe("what a model reads", () => {
  it("of a chat is texts, tool calls and results, tools, schemas, images and files", () => {
    expect(sizeOf(user({ type: "text", text: "grüß" }))).toEqual({ textBytes: 6, images: 0, fileBytes: 0 });
    const image: Part = { type: "image", source: { url: "https://example.test/a.png" } };
    expect(sizeOf(user(image, image))).toEqual({ textBytes: 0, images: 2, fileBytes: 0 });
    const file: Part = { type: "file", source: { data: "A".repeat(400), mediaType: "application/pdf" } };
    expect(sizeOf(user(file))).toEqual({ textBytes: 0, images: 0, fileBytes: 300 });
    const address: Part = { type: "file", source: { url: "https://example.test/a.pdf" } };
    expect(sizeOf(user(address))).toEqual({ textBytes: 0, images: 1, fileBytes: 0 });
    expect(
      sizeOf(
        user(
          { type: "reasoning", text: "12345", redactedData: "123" },
          { type: "tool_call", id: "1", name: "add", argumentsJson: '{"a":1}' },
          { type: "tool_result", toolCallId: "1", content: [{ type: "text", text: "22" }, { ...image }] },
        ),
      ),
    ).toEqual({ textBytes: 8 + 10 + 2, images: 1, fileBytes: 0 });
    expect(
      sizeOf({
        tools: [{ name: "add", description: "Adds", parameters: { type: "object" } }],
        responseFormat: {
          type: "json_schema",
          name: "sum",
          schema: { type: "object" },
          description: "A sum",
        },
      }),
    ).toEqual({ textBytes: 7 + 17 + 17 + 5, images: 0, fileBytes: 0 });
  });

  it("of texts to embed is their bytes, and what is given as tokens is known by their number", () => {
    const size = embedOperation.inputSize({ inputs: ["äb", [1, 2, 3]] }, utf8Bytes);
    expect(size).toEqual({ textBytes: 3 + 12, images: 0, fileBytes: 0 });
  });
});
