import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { decodeStream } from "../../../src/providers/decode-stream.ts";
import { createGeminiStreamDecoder } from "../../../src/providers/gemini/stream.ts";
import { brokenRule } from "../recorded/check-sequence.ts";

/** What a body of these events' data gives, when it ends cleanly. */
async function play(...data: readonly string[]) {
  const decoder = createGeminiStreamDecoder();
  async function* batches() {
    for (const each of data) yield [{ event: undefined, data: each }];
  }
  const events: ProviderChatEvent[] = [];
  try {
    for await (const event of decodeStream(batches(), decoder)) events.push(event);
    return { events, failure: undefined };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { events, failure: error };
  }
}

const chunk = (parts: readonly unknown[], over: object = {}, beside: object = {}): string =>
  JSON.stringify({ candidates: [{ content: { parts }, ...over }], responseId: "r1", ...beside });

const text = (words: string, over: object = {}): string => chunk([{ text: words }], over);
const stop = { finishReason: "STOP" };

const textsOf = (events: readonly ProviderChatEvent[]): string =>
  events.map((event) => (event.type === "part_delta" ? event.text : "")).join("");

test("a stream is whole when its body ends and a reason has come", async () => {
  const { events, failure } = await play(text("Hel"), text("lo", stop));
  expect(failure).toBeUndefined();
  expect(events).toEqual([
    { type: "started" },
    { type: "part_started", index: 0, part: { kind: "text" } },
    { type: "part_delta", index: 0, text: "Hel" },
    { type: "part_delta", index: 0, text: "lo" },
    { type: "part_finished", index: 0 },
    { type: "finished", reason: "stop", rawReason: "STOP" },
  ]);
});

test("a reason in every chunk ends nothing; the last one counts", async () => {
  const { events } = await play(text("a", stop), text("b", { finishReason: "MAX_TOKENS" }), chunk([]));
  expect(textsOf(events)).toBe("ab");
  expect(events.at(-1)).toEqual({ type: "finished", reason: "length", rawReason: "MAX_TOKENS" });
});

test("a body that ends without a reason is a broken reply, after what was counted", async () => {
  const { events, failure } = await play(
    chunk([{ text: "a" }], {}, { usageMetadata: { promptTokenCount: 3 } }),
  );
  expect(failure?.failure).toBe("broken_reply");
  expect(events.at(-1)).toMatchObject({ type: "usage", usage: { input: { total: 3 } } });
  expect((await play()).failure?.failure).toBe("broken_reply");
  expect((await play(chunk([], { finishReason: "FINISH_REASON_UNSPECIFIED" }))).failure?.failure).toBe(
    "broken_reply",
  );
});

test("the last usage counts, and one without counts takes nothing away", async () => {
  const { events } = await play(
    chunk([{ text: "a" }], {}, { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 1 } }),
    chunk([], stop, { usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2 } }),
    chunk([], {}, { usageMetadata: { trafficType: "ON_DEMAND" } }),
  );
  expect(events.filter(({ type }) => type === "usage")).toEqual([
    { type: "usage", usage: { input: { total: 5 }, output: { total: 2, text: 2 }, source: "reported" } },
  ]);
});

test.each([
  ["in an event", '{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}', "overloaded"],
  ["in a list", '[{"error":{"code":499,"status":"CANCELLED"}}]', "unavailable"],
])("an error %s fails the stream even behind a reason", async (_, data, failure) => {
  const told = await play(chunk([{ text: "a" }], stop, { usageMetadata: { promptTokenCount: 3 } }), data);
  expect(told.failure?.failure).toBe(failure);
  expect(told.events.at(-1)?.type).toBe("usage");
});

test("what is no JSON is a broken reply; empty events and the end of another format are nothing", async () => {
  expect((await play(text("a", stop), "{")).failure?.failure).toBe("broken_reply");
  expect((await play(text("a", stop), "[]")).failure?.failure).toBe("broken_reply");
  expect((await play("", text("a", stop), "[DONE]")).failure).toBeUndefined();
});

test("a blocked prompt", async () => {
  const { events } = await play('{"promptFeedback":{"blockReason":"OTHER"}}');
  expect(events.at(-1)).toEqual({ type: "finished", reason: "content_filter", rawReason: "OTHER" });
});

const rated = (probability: string) => ({ safetyRatings: [{ category: "c", probability }] });

test("ratings that every chunk repeats are told once, at the end", async () => {
  const { events } = await play(text("a", rated("LOW")), text("b", { ...rated("HIGH"), ...stop }));
  expect(events.filter((event) => event.type === "part_started" && event.part.kind === "opaque")).toEqual([
    {
      type: "part_started",
      index: 1,
      part: {
        kind: "opaque",
        vendor: "gemini",
        type: "safetyRatings",
        json: rated("HIGH").safetyRatings,
      },
    },
  ]);
});

const call = (functionCall: object, over: object = {}): string => chunk([{ functionCall, ...over }]);

test("arguments in pieces become one delta", async () => {
  const piece = (partialArgs: readonly unknown[]): string => call({ partialArgs, willContinue: true });
  const { events } = await play(
    call({ name: "f", willContinue: true }, { thoughtSignature: "s" }),
    piece([{ jsonPath: "$.city", stringValue: "Bos", willContinue: true }]),
    piece([{ jsonPath: "$.city", stringValue: "ton", willContinue: true }]),
    piece([{ jsonPath: "$.city", stringValue: "" }]),
    piece([
      { jsonPath: "$.days[0].n", numberValue: 1 },
      { jsonPath: "$.days[1].n", boolValue: false },
      { jsonPath: "$['a.b'][\"__proto__\"]", nullValue: "NULL_VALUE" },
    ]),
    call({}),
    call({ name: "g", args: {} }),
    chunk([], stop),
  );
  expect(events.filter(({ type }) => type === "part_delta")).toEqual([
    {
      type: "part_delta",
      index: 0,
      text: '{"city":"Boston","days":[{"n":1},{"n":false}],"a.b":{"__proto__":null}}',
    },
    { type: "part_delta", index: 1, text: "{}" },
  ]);
  expect(events).toContainEqual({ type: "part_finished", index: 0, signature: "s", vendor: "gemini" });
  expect(events.at(-1)).toMatchObject({ reason: "tool_calls" });
});

test("a text that was finished is replaced, not continued", async () => {
  const { events } = await play(
    call({
      name: "f",
      partialArgs: [
        { jsonPath: "$.a", stringValue: "x" },
        { jsonPath: "$.a", stringValue: "y" },
      ],
    }),
    chunk([], stop),
  );
  expect(textsOf(events)).toBe('{"a":"y"}');
});

test("a call that the limit cut keeps what came", async () => {
  const { events } = await play(
    call({ name: "f", willContinue: true }),
    call({ partialArgs: [{ jsonPath: "$.a", stringValue: "x", willContinue: true }], willContinue: true }),
    chunk([], { finishReason: "MAX_TOKENS" }),
  );
  expect(textsOf(events)).toBe('{"a":"x"}');
  expect(events.at(-1)).toMatchObject({ reason: "length" });
});

test.each([
  [{ stringValue: "x" }],
  [{ jsonPath: "a", stringValue: "x" }],
  [{ jsonPath: "$", stringValue: "x" }],
  [{ jsonPath: "$.", stringValue: "x" }],
  [{ jsonPath: "$[0]", stringValue: "x" }],
  [{ jsonPath: "$.a[999999]", stringValue: "x" }],
  [{ jsonPath: `$.a${"[4000]".repeat(3)}`, stringValue: "x" }],
  [{ jsonPath: "$.b.c", stringValue: "x" }],
  [{ jsonPath: `$${".a".repeat(100)}`, stringValue: "x" }],
  ["piece"],
])("a piece of arguments that fits nowhere, %j, is a broken reply", async (piece) => {
  const before = { jsonPath: "$.b", numberValue: 1 };
  const { failure } = await play(call({ name: "f", partialArgs: [before, piece] }), chunk([], stop));
  expect(failure?.failure).toBe("broken_reply");
});

const callIds = (events: readonly ProviderChatEvent[]) =>
  events.flatMap((event) =>
    event.type === "part_started" && event.part.kind === "tool_call" ? [event.part.id] : [],
  );

test("two calls of one name have two ids, the same in every reading", async () => {
  const data = [call({ name: "f", args: { a: 1 } }), call({ name: "f", args: { a: 2 } }), chunk([], stop)];
  const first = callIds((await play(...data)).events);
  expect(new Set(first).size).toBe(2);
  expect(callIds((await play(...data)).events)).toEqual(first);
});

const anyPart = fc.oneof(
  fc.record(
    { text: fc.oneof(fc.string(), fc.integer()), thought: fc.boolean(), thoughtSignature: fc.string() },
    { requiredKeys: [] },
  ),
  fc.record({
    functionCall: fc.record(
      {
        id: fc.constantFrom("a", "b"),
        name: fc.constantFrom("f", "g", ""),
        args: fc.oneof(fc.object({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 })),
        partialArgs: fc.array(
          fc.record(
            {
              jsonPath: fc.oneof(fc.constantFrom("$.a", "$.a.b", "$.c[0]", "$['d']", "$"), fc.string()),
              stringValue: fc.string(),
              numberValue: fc.double(),
              boolValue: fc.boolean(),
              willContinue: fc.boolean(),
            },
            { requiredKeys: [] },
          ),
          { maxLength: 3 },
        ),
        willContinue: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    inlineData: fc.record({ mimeType: fc.constantFrom("image/png", "audio/wav"), data: fc.string() }),
  }),
  fc.jsonValue({ maxDepth: 3 }),
);

const anyChunk = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        candidates: fc.array(
          fc.record(
            {
              index: fc.constantFrom(0, 1, "x"),
              content: fc.oneof(fc.record({ parts: fc.array(anyPart, { maxLength: 4 }) }), fc.jsonValue()),
              finishReason: fc.constantFrom("STOP", "MAX_TOKENS", "OTHER", 1, 0, null, {}),
              groundingMetadata: fc.oneof(
                fc.record({ groundingChunks: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 2 }) }),
                fc.jsonValue({ maxDepth: 2 }),
              ),
              logprobsResult: fc.jsonValue({ maxDepth: 2 }),
              safetyRatings: fc.jsonValue({ maxDepth: 2 }),
            },
            { requiredKeys: [] },
          ),
          { maxLength: 2 },
        ),
        usageMetadata: fc.oneof(
          fc.record(
            {
              promptTokenCount: fc.integer(),
              candidatesTokenCount: fc.double(),
              totalTokenCount: fc.integer(),
            },
            { requiredKeys: [] },
          ),
          fc.jsonValue({ maxDepth: 1 }),
        ),
        promptFeedback: fc.jsonValue({ maxDepth: 2 }),
        responseId: fc.string(),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);

test("whatever chunks come, the events keep the order, or a ProviderError comes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyChunk, { maxLength: 6 }), async (chunks) => {
      const run = await play(...chunks.map((each) => JSON.stringify(each)));
      if (run.events.length > 0) expect(brokenRule(run)).toBeUndefined();
      for (const event of run.events) {
        if (event.type === "part_delta") expect(typeof event.text).toBe("string");
      }
    }),
    { numRuns: 400 },
  );
});
