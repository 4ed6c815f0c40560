import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateChatTokens } from "../../../src/core/chat/estimate-tokens.ts";
import type { ChatRequest, Part } from "../../../src/core/chat/request.ts";
import { embedOperation } from "../../../src/core/embed/operation.ts";
import { jsonBytes } from "../../../src/core/limits/token-estimate.ts";
import { utf8Bytes } from "../../support/utf8-bytes.ts";

const inputOf = (parts: readonly Part[], more: Partial<ChatRequest> = {}): number =>
  estimateChatTokens({ messages: [{ role: "user", parts }], ...more }, utf8Bytes).input;

describe("the estimate of a chat's tokens", () => {
  it("is a quarter of the bytes of its texts, rounded up once", () => {
    expect(inputOf([])).toBe(0);
    expect(inputOf([{ type: "text", text: "a" }])).toBe(1);
    expect(inputOf([{ type: "text", text: "abcd" }])).toBe(1);
    expect(
      inputOf([
        { type: "text", text: "ab" },
        { type: "reasoning", text: "abc" },
      ]),
    ).toBe(2);
    expect(inputOf([{ type: "text", text: "日本語" }])).toBe(3);
    expect(inputOf([{ type: "tool_call", id: "1", name: "abcd", argumentsJson: `{"a":1}!` }])).toBe(3);
  });

  it("is a constant for each picture, wherever it stands, and for files that only the vendor will see", () => {
    const image: Part = { type: "image", source: { data: "A".repeat(40_000), mediaType: "image/png" } };
    expect(inputOf([image, image])).toBe(2_000);
    const text: Part = { type: "text", text: "abcd" };
    expect(inputOf([{ type: "tool_result", toolCallId: "1", content: [text, image] }])).toBe(1_001);
    expect(inputOf([{ type: "file", source: { url: "https://files.example/a.pdf" } }])).toBe(1_000);
  });

  it("goes by the bytes of a file that is sent", () => {
    const data = Buffer.alloc(3_000).toString("base64");
    expect(inputOf([{ type: "file", source: { data, mediaType: "application/pdf" } }])).toBe(750);
  });

  it("counts what is said of tools and of the answer's form", () => {
    const parameters = { type: "object", properties: { city: { type: "string", description: "Where" } } };
    const tools = [{ name: "weather", description: "Tells the weather.", parameters }];
    const written = JSON.stringify(parameters).length + "weather".length + "Tells the weather.".length;
    const estimate = inputOf([], { tools });
    expect(estimate).toBeGreaterThanOrEqual(Math.ceil(written / 4));
    expect(estimate).toBeLessThan(Math.ceil(written / 4) + 5);
    expect(
      inputOf([], { responseFormat: { type: "json_schema", name: "a", schema: parameters } }),
    ).toBeGreaterThan(20);
  });

  it("counts what is said to one vendor alone, which may be instructions", () => {
    const providerOptions = { anthropic: { system: "word ".repeat(800) } };
    expect(inputOf([], { providerOptions })).toBeGreaterThanOrEqual(1_000);
    const embedded = { inputs: ["abcd"], providerOptions };
    expect(embedOperation.estimate(embedded, utf8Bytes).input).toBeGreaterThanOrEqual(1_001);
    expect(embedOperation.estimate({ inputs: ["abcd"] }, utf8Bytes).input).toBe(1);
  });

  it("gives what the caller said of the answer", () => {
    expect(estimateChatTokens({ messages: [], maxOutputTokens: 77 }, utf8Bytes).output).toBe(77);
    expect(estimateChatTokens({ messages: [] }, utf8Bytes).output).toBeUndefined();
  });

  it("takes JSON for about as long as it is written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const written = utf8Bytes(JSON.stringify(value));
        const found = jsonBytes(JSON.parse(JSON.stringify(value)), utf8Bytes);
        // Escapes and long numbers are not looked at.
        expect(found).toBeGreaterThan(written / 8);
        expect(found).toBeLessThan(written * 5 + 8);
      }),
    );
  });
});
