import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatProgress, RepeatedStart } from "../../../src/core/chat/continuation.ts";
import type { ChatEvent, PartStart, Seam } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";

const request: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Tell me more." }] }],
};
const begun = (index: number, part: PartStart): ChatEvent => ({ type: "part_started", index, part });
const delta = (index: number, text: string): ChatEvent => ({ type: "part_delta", index, text });
const done = (index: number): ChatEvent => ({ type: "part_finished", index });
const seam = (policy: Seam["policy"]): ChatEvent => ({
  type: "seam",
  provider: "second",
  model: "m",
  policy,
  losses: [],
});
const tool: PartStart = { kind: "tool_call", id: "1", name: "f" };

function progress(...events: readonly ChatEvent[]): ChatProgress {
  const made = new ChatProgress();
  for (const event of events) made.add(event);
  return made;
}

/** The answer that the continuing model is given. */
function prefill(made: ChatProgress, asked = request): string | undefined {
  const part = made.continuation(asked)?.request.messages.at(-1)?.parts.at(-1);
  return part?.type === "text" ? part.text : undefined;
}

/** Splits at the given places, each taken round the text's length. */
function piecesOf(text: string, places: readonly number[]): readonly string[] {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [...cuts, text.length].map((end, i) => text.slice(cuts[i - 1] ?? 0, end));
}

const anyText = fc.string({
  unit: fc.constantFrom("a", "b", " ", "\n", "\u0085", "😀", "🚀", "é", "\u00A0"),
});
const places = fc.array(fc.nat(), { maxLength: 5 });

describe("an answer that is continued", () => {
  it("is the whole text, wherever it is cut and however it comes", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), places, places, (whole, cut, before, after) => {
        const soFar = whole.slice(0, cut % (whole.length + 1));
        const made = progress(begun(0, { kind: "text" }));
        for (const piece of piecesOf(soFar, before)) made.add(delta(0, piece));
        const continuation = made.continuation(request);
        if (continuation === undefined) {
          expect(soFar).toMatch(/^[\s\u0085]*[\uD83D]?$/);
          return;
        }
        const given = prefill(made) ?? "";
        const repeated = new RepeatedStart(continuation.trimmed);
        const rest = piecesOf(whole.slice(given.length), after).map((piece) => repeated.newOf(piece));
        expect(soFar + rest.join("")).toBe(whole);
      }),
    );
  });

  it("is given to the next model without white space or half a character at its end", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (whole, cut) => {
        const soFar = whole.slice(0, cut % (whole.length + 1));
        const made = progress(begun(0, { kind: "text" }), delta(0, soFar));
        const given = prefill(made);
        if (given === undefined) return;
        expect(given).not.toMatch(/[\s\u0085]$/);
        expect(given.isWellFormed()).toBe(true);
        expect(given + (made.continuation(request)?.trimmed ?? "")).toBe(soFar);
      }),
    );
  });

  it("keeps what the next model says otherwise than the caller has it", () => {
    const repeated = new RepeatedStart(" \n");
    expect(["", " ", "And"].map((text) => repeated.newOf(text))).toEqual(["", "", "And"]);
    expect(repeated.newOf(" \n")).toBe(" \n");
    expect(new RepeatedStart(" ").newOf("And")).toBe("And");
    expect(new RepeatedStart("\n").newOf(" \n")).toBe(" \n");
  });

  it("goes on with the caller's own beginning of it", () => {
    const made = progress(begun(0, { kind: "text" }), delta(0, "brown fox "));
    const own: ChatRequest = {
      messages: [...request.messages, { role: "assistant", parts: [{ type: "text", text: "The quick " }] }],
    };
    expect(made.continuation(own)?.request.messages).toEqual([
      ...request.messages,
      { role: "assistant", parts: [{ type: "text", text: "The quick brown fox" }] },
    ]);
  });

  it("holds the texts of all its parts, and neither finished reasoning nor sources", () => {
    const made = progress(
      begun(0, { kind: "reasoning" }),
      delta(0, "Hm."),
      done(0),
      begun(1, { kind: "text" }),
      delta(1, "One"),
      begun(2, { kind: "citation", citation: { raw: {} } }),
      done(2),
      done(1),
      begun(3, { kind: "text" }),
      delta(3, ", two"),
    );
    expect(prefill(made)).toBe("One, two");
    expect(made.continuation(request)?.index).toBe(3);
    expect(made.nextIndex()).toBe(4);
  });

  it("is asked for what is left of the caller's tokens, and for no more reasoning", () => {
    const made = progress(begun(0, { kind: "text" }), delta(0, "12345678"));
    const asked = { ...request, maxOutputTokens: 10, reasoning: { effort: "high" } } satisfies ChatRequest;
    expect(made.continuation(asked)?.request).toMatchObject({ maxOutputTokens: 8, reasoning: undefined });
    expect(made.continuation({ ...asked, maxOutputTokens: 1 })?.request.maxOutputTokens).toBe(1);
    expect(made.continuation(request)?.request.maxOutputTokens).toBeUndefined();
  });

  it("can break and go on again", () => {
    const made = progress(begun(0, { kind: "text" }), delta(0, "One"), seam("continue"), delta(0, " two"));
    expect(prefill(made)).toBe("One two");
  });

  it("counts from the seam where it was begun again", () => {
    const made = progress(begun(0, { kind: "text" }), delta(0, "One"), begun(1, tool), seam("restart"));
    expect(made.nextIndex()).toBe(0);
    expect(prefill(made)).toBeUndefined();
    made.add(begun(0, { kind: "text" }));
    made.add(delta(0, "Eins"));
    expect(prefill(made)).toBe("Eins");
  });
});

describe("an answer that cannot be continued", () => {
  const text = [begun(0, { kind: "text" }), delta(0, "One")];
  const cases: [string, readonly ChatEvent[], string][] = [
    ["nothing came yet", [], "No text is under way."],
    ["there is white space alone", [begun(0, { kind: "text" }), delta(0, " \n")], "There is no text yet."],
    ["it thinks still", [begun(0, { kind: "reasoning" }), delta(0, "Hm")], "The reasoning is not finished."],
    ["it thinks again", [...text, begun(1, { kind: "reasoning" })], "The reasoning is not finished."],
    ["its text is complete", [...text, done(0)], "No text is under way."],
    ["it is inside a tool call", [...text, done(0), begun(1, tool)], "The answer holds a tool call."],
    [
      "it called a tool before",
      [begun(0, tool), done(0), begun(1, { kind: "text" }), delta(1, "One")],
      "The answer holds a tool call.",
    ],
    [
      "two texts are under way",
      [...text, begun(1, { kind: "text" })],
      "Several texts are under way at once.",
    ],
    [
      "it holds an image",
      [begun(0, { kind: "image", source: { url: "https://a.example/1.png" } }), ...text],
      "The answer holds a part of kind image, which cannot be given to another model.",
    ],
    [
      "it holds something of the vendor's",
      [begun(0, { kind: "opaque", vendor: "v", type: "search", json: {} }), ...text],
      "The answer holds a part of kind opaque, which cannot be given to another model.",
    ],
    [
      "it is refused",
      [begun(0, { kind: "refusal" }), delta(0, "No")],
      "The answer holds a part of kind refusal, which cannot be given to another model.",
    ],
  ];
  it.each(cases)("where %s", (_, events, why) => {
    const made = progress(...events);
    expect(made.continuation(request)).toBeUndefined();
    expect(made.obstacle(request)).toBe(why);
  });

  const schema = { type: "json_schema", name: "s", schema: {} } as const;
  const requests: [string, Partial<ChatRequest>, RegExp | undefined][] = [
    ["JSON is asked for", { responseFormat: { type: "json" } }, /held to JSON/],
    ["a schema is given", { responseFormat: schema }, /held to JSON/],
    ["a tool must be called", { toolChoice: { type: "required" } }, /must call a tool/],
    ["one tool must be called", { toolChoice: { type: "tool", name: "f" } }, /must call a tool/],
    ["text is asked for", { responseFormat: { type: "text" }, toolChoice: { type: "auto" } }, undefined],
  ];
  it.each(requests)("asked where %s", (_, asked, why) => {
    const made = progress(...text);
    expect(made.continuation({ ...request, ...asked }) === undefined).toBe(why !== undefined);
    if (why === undefined) expect(made.obstacle({ ...request, ...asked })).toBeUndefined();
    else expect(made.obstacle({ ...request, ...asked })).toMatch(why);
  });
});
