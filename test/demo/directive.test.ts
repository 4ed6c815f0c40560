import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseDirective, type DemoDirective } from "../../src/demo/directive.ts";
import type { DemoFault } from "../../src/demo/faults.ts";

describe("a directive", () => {
  test("is read word by word and taken out of the message", () => {
    const { directive, text } = parseDirective(
      "How warm is it? [demo tokens=50 delay=10 tool=get_weather tools=2 reasoning fault=status:503] Please.",
    );
    expect(directive).toEqual({
      tokens: 50,
      delayMs: 10,
      tool: "get_weather",
      tools: 2,
      reasoning: true,
      fault: { kind: "status", status: 503 },
    });
    expect(text).toBe("How warm is it? Please.");
  });

  test("leaves words that it does not know in the message", () => {
    const { directive, text } = parseDirective(
      "[demo tokens=5 please tokens=many tools=99 fault=flood] hello",
    );
    expect(directive).toEqual({ tokens: 5 });
    expect(text).toBe("please tokens=many tools=99 fault=flood hello");
  });

  test("is the first one alone, and not any word in brackets", () => {
    expect(parseDirective("[demo tokens=5][demo tokens=6]")).toEqual({
      directive: { tokens: 5 },
      text: "[demo tokens=6]",
    });
    expect(parseDirective("[demonstration] x")).toEqual({ directive: {}, text: "[demonstration] x" });
    expect(parseDirective("[demo]")).toEqual({ directive: {}, text: "" });
  });

  test.each<[string, DemoFault]>([
    ["status:429:7", { kind: "status", status: 429, retryAfterSeconds: 7 }],
    ["status:502:html", { kind: "status", status: 502, body: "html" }],
    ["status:429:7:truncated", { kind: "status", status: 429, retryAfterSeconds: 7, body: "truncated" }],
    ["reset:before", { kind: "reset", at: "before_headers" }],
    ["reset:after", { kind: "reset", at: "after_headers" }],
    ["hang:before", { kind: "hang", at: "before_headers" }],
    ["hang:3", { kind: "hang", at: { afterEvents: 3 } }],
    ["cut:4", { kind: "cut", afterEvents: 4 }],
    ["malformed_line:0", { kind: "malformed_line", afterEvents: 0 }],
    ["error_event:2", { kind: "error_event", afterEvents: 2 }],
    ["quiet_end", { kind: "quiet_end" }],
  ])("asks for the fault %s", (word, fault) => {
    expect(parseDirective(`[demo fault=${word}]`).directive).toEqual({ fault });
    expect(parseDirective(`[demo times=2 fault=${word} only=demo-mini]`).directive).toEqual({
      fault: { ...fault, times: 2 },
      onlyModel: "demo-mini",
    });
  });

  test.each([
    "status",
    "status:99",
    "status:503:soon",
    "status:503:1:2",
    "reset",
    "reset:never",
    "cut",
    "cut:x",
  ])("takes no fault from %s", (word) =>
    expect(parseDirective(`[demo fault=${word}]`)).toEqual({ directive: {}, text: `fault=${word}` }),
  );

  test("never fails, and touches no message without one", () => {
    const words = fc.constantFrom(
      "[demo",
      "]",
      " ",
      "tokens=",
      "fault=",
      "status:",
      "cut:",
      "9",
      "x",
      "=",
      ":",
      "[",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
        const message = pieces.join("");
        const { text, directive } = parseDirective(message);
        expect(text.length).toBeLessThanOrEqual(message.length + 2);
        if (!message.includes("[demo")) expect({ text, directive }).toEqual({ text: message, directive: {} });
      }),
    );
  });

  test("is read back as it was written", () => {
    const name = fc.stringMatching(/^[\w-]{1,20}$/u);
    const written = fc.record<DemoDirective>(
      {
        tokens: fc.integer({ min: 1, max: 20_000 }),
        delayMs: fc.integer({ min: 0, max: 60_000 }),
        tools: fc.integer({ min: 1, max: 8 }),
        tool: name,
        onlyModel: name,
        reasoning: fc.constant(true),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(written, (directive) => {
        const names: Record<string, string> = { delayMs: "delay", onlyModel: "only" };
        const words = Object.entries(directive).map(([key, value]) =>
          value === true ? key : `${names[key] ?? key}=${typeof value === "object" ? "" : value}`,
        );
        expect(parseDirective(`before [demo ${words.join(" ")}] after`)).toEqual({
          directive,
          text: "before after",
        });
      }),
    );
  });

  test("takes time in proportion to the message", () => {
    const message = "[demo ".repeat(50_000) + " ".repeat(50_000);
    expect(parseDirective(message).text).toBe(message);
  });
});
