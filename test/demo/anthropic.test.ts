import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { isRecord } from "../../src/demo/json-value.ts";
import { ask, parse, post, postAnthropic, readSse, type SseEvent } from "./post.ts";
import { hasRecordings, recordedBody, shapeOf } from "./recorded.ts";

let upstream: DemoUpstream;
beforeEach(async () => {
  upstream = await createDemoUpstream();
});
afterEach(() => upstream.close());

const weather = {
  name: "get_weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const thinking = { type: "enabled", budget_tokens: 1024 };

async function reply(body: object): Promise<unknown> {
  return parse((await postAnthropic(upstream, body)).text);
}

async function stream(body: object): Promise<SseEvent[]> {
  return readSse((await postAnthropic(upstream, { ...body, stream: true })).text);
}

function deltas(events: readonly SseEvent[], type: string, field: string): string {
  return events
    .map(({ data }) => (isRecord(data) && isRecord(data["delta"]) ? data["delta"] : {}))
    .map((delta) => (delta["type"] === type ? delta[field] : ""))
    .join("");
}

function contentOf(answer: unknown): unknown[] {
  return isRecord(answer) && Array.isArray(answer["content"]) ? answer["content"] : [];
}

describe("a message", () => {
  test("is answered in words that name it, streamed as whole", async () => {
    const whole = await reply(ask("Grüß dich 👋🏽 世界"));
    expect(whole).toMatchObject({
      type: "message",
      model: "demo-chat-2026-01-01",
      content: [{ type: "text", text: expect.stringContaining("Grüß dich 👋🏽 世界") }],
      stop_reason: "end_turn",
    });
    const events = await stream(ask("Grüß dich 👋🏽 世界"));
    expect(contentOf(whole)).toEqual([{ type: "text", text: deltas(events, "text_delta", "text") }]);
  });

  test("gets parallel tool calls, and their results are quoted", async () => {
    const asked = ask("Weather? [demo tools=2]", { tools: [weather] });
    const calls = contentOf(await reply(asked)).filter(isRecord);
    expect(calls).toMatchObject([
      { type: "tool_use", name: "get_weather", input: { city: "demo city" } },
      { type: "tool_use", name: "get_weather", input: { city: "demo city 2" } },
    ]);
    const events = await stream(asked);
    expect(deltas(events, "input_json_delta", "partial_json")).toBe(
      '{"city":"demo city"}{"city":"demo city 2"}',
    );
    expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: "tool_use" } });

    const results = calls.map((call) => ({
      type: "tool_result",
      tool_use_id: call["id"],
      content: "20 degrees",
    }));
    const messages = [
      { role: "user", content: "Weather? [demo tools=2]" },
      { role: "assistant", content: calls },
      { role: "user", content: results },
    ];
    expect(await reply({ ...asked, messages })).toMatchObject({
      content: [{ type: "text", text: 'The tool answered: "20 degrees". The tool answered: "20 degrees".' }],
    });
  });

  test("can be thought about; the thinking is taken back with its signature only", async () => {
    const asked = ask("Think", { thinking });
    const answer = await reply(asked);
    const [thought] = contentOf(answer);
    expect(thought).toMatchObject({ type: "thinking", thinking: expect.stringContaining("Think") });
    const events = await stream(asked);
    expect(thought).toMatchObject({ signature: deltas(events, "signature_delta", "signature") });

    const next = { role: "user", content: "Go on" };
    const turns = (block: unknown): object => ({
      ...asked,
      messages: [{ role: "user", content: "Think" }, { role: "assistant", content: [block] }, next],
    });
    expect((await postAnthropic(upstream, turns(thought))).status).toBe(200);
    const forged = isRecord(thought) ? { ...thought, signature: "forged" } : {};
    expect(await reply(turns(forged))).toMatchObject({
      error: { message: "messages.1.content.0: Invalid `signature` in `thinking` block" },
    });
  });

  test("ends at its token limit or stop sequence", async () => {
    expect(await reply(ask("[demo tokens=50]", { max_tokens: 7 }))).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 7 },
    });
    expect(await reply(ask("alpha beta", { stop_sequences: ["nothing", " beta"] }))).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: " beta",
    });
  });

  test("writes a long system prompt to the cache, and reads it from there", async () => {
    const body = ask("x", { system: [{ type: "text", text: "rule ".repeat(80) }] });
    const first = await reply(body);
    const second = await reply(body);
    expect(first).toMatchObject({ usage: { cache_creation_input_tokens: 81, cache_read_input_tokens: 0 } });
    expect(second).toMatchObject({ usage: { cache_creation_input_tokens: 0, cache_read_input_tokens: 81 } });
    expect(second).toMatchObject({ usage: { input_tokens: 10 } });
  });

  test("gets JSON that fits the schema, and images are counted", async () => {
    const schema = { type: "object", properties: { age: { type: "integer" } } };
    const format = { type: "json_schema", schema };
    expect(await reply(ask("A person", { output_config: { format } }))).toMatchObject({
      content: [{ type: "text", text: '{"age":1}' }],
    });
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    expect(await reply(ask([image, { type: "text", text: "Look" }]))).toMatchObject({
      content: [{ text: expect.stringContaining("1 image.") }],
    });
  });
});

describe("an answer that the request begins", () => {
  const question = { role: "user", content: "Say it all" };
  const begin = (content: unknown, more: object = {}): object =>
    ask("x", { messages: [question, { role: "assistant", content }], ...more });
  const whole = 'This is the demo model; you wrote: "Say it all".';

  test("goes on exactly behind it, streamed as whole", async () => {
    for (let end = 1; end < whole.length; end += 1) {
      const begun = whole.slice(0, end);
      if (begun.endsWith(" ")) continue;
      expect(contentOf(await reply(begin(begun)))).toEqual([{ type: "text", text: whole.slice(end) }]);
    }
    const events = await stream(begin([{ type: "text", text: "This is" }]));
    expect(deltas(events, "text_delta", "text")).toBe(whole.slice("This is".length));
  });

  test("is over where it was whole, and is counted from there", async () => {
    expect(await reply(begin(whole))).toMatchObject({ content: [], stop_reason: "end_turn" });
    const { length } = "This is the demo model;";
    const limited = await reply(begin(whole.slice(0, length), { max_tokens: 2 }));
    expect(limited).toMatchObject({ content: [{ text: " you wrote:" }], stop_reason: "max_tokens" });
    expect(limited).toMatchObject({ usage: { output_tokens: 2 } });
  });

  test("is told from its own beginning where it was begun otherwise", async () => {
    expect(contentOf(await reply(begin("Certainly:")))).toEqual([{ type: "text", text: whole }]);
  });

  test("needs no more thoughts, and quotes the results of tools all the same", async () => {
    const messages = [
      { role: "user", content: "Weather? [demo reasoning]" },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "Rain" }] },
      { role: "assistant", content: "The tool" },
    ];
    expect(contentOf(await reply(ask("x", { messages, tools: [weather] })))).toEqual([
      { type: "text", text: ' answered: "Rain".' },
    ]);
  });
});

describe("a Messages request that the vendor would refuse", () => {
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: "x" };
  test.each<[string, object | string, string]>([
    ["no model", ask("x", { model: undefined }), "model: Field required"],
    ["no messages", ask("x", { messages: undefined }), "messages: Field required"],
    ["no token limit", ask("x", { max_tokens: undefined }), "max_tokens: Field required"],
    ["empty messages", ask("x", { messages: [] }), "messages: at least one message is required"],
    [
      "a system role",
      ask("x", { messages: [{ role: "system", content: "x" }] }),
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    ["empty text", ask([{ type: "text", text: "" }]), "messages: text content blocks must be non-empty"],
    ["heat", ask("x", { temperature: 1.5 }), "temperature: range: 0..1"],
    [
      "thinking without room",
      ask("x", { thinking, max_tokens: 1000 }),
      "`max_tokens` must be greater than `thinking.budget_tokens`",
    ],
    [
      "an orphaned tool result",
      ask([result]),
      "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
    ],
    [
      "a tool without a schema",
      ask("x", { tools: [{ name: "t" }] }),
      "tools.0.custom.input_schema: Field required",
    ],
    [
      "a begun answer that ends in white space",
      ask("x", { messages: [{ role: "assistant", content: [{ type: "text", text: "So " }] }] }),
      "messages: final assistant content cannot end with trailing whitespace",
    ],
    [
      "thinking in an answer that was begun without",
      ask("x", {
        thinking,
        messages: [
          { role: "user", content: "x" },
          { role: "assistant", content: "So" },
        ],
      }),
      "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.",
    ],
    ["broken JSON", '{"model":', "The request body is not valid JSON"],
  ])("%s", async (_name, body, message) => {
    const { status, text, headers } = await postAnthropic(upstream, body);
    expect(status).toBe(400);
    expect(headers.get("x-should-retry")).toBe("false");
    expect(parse(text)).toEqual({
      type: "error",
      error: { type: "invalid_request_error", message },
      request_id: headers.get("request-id"),
    });
  });

  test("an unknown model, a missing version and a wrong key", async () => {
    expect(await reply(ask("x", { model: "claude-0" }))).toMatchObject({
      error: { type: "not_found_error", message: "model: claude-0" },
    });
    const url = `${upstream.url}/v1/messages`;
    expect(parse((await post(url, ask("x"), {})).text)).toMatchObject({
      error: { type: "invalid_request_error", message: "anthropic-version: header is required" },
    });
    const locked = await createDemoUpstream({ apiKey: "sk-ant-demo" });
    const { status, text } = await postAnthropic(locked, ask("x")).finally(() => locked.close());
    expect(status).toBe(401);
    expect(parse(text)).toMatchObject({
      error: { type: "authentication_error", message: "invalid x-api-key" },
    });
  });
});

function shapes(events: readonly SseEvent[]): string[] {
  return [...new Set(events.map((event) => JSON.stringify([event.event, shapeOf(event.data)])))];
}

test("the list of models is the vendor's that the client speaks", async () => {
  const headers = { "anthropic-version": "2023-06-01" };
  const anthropic: unknown = await (await fetch(`${upstream.url}/v1/models`, { headers })).json();
  expect(anthropic).toMatchObject({ data: [{ type: "model", id: "demo-chat" }, {}], has_more: false });
  const openai: unknown = await (await fetch(`${upstream.url}/v1/models`)).json();
  expect(openai).toMatchObject({ object: "list", data: [{ object: "model", id: "demo-chat" }, {}, {}] });
});

describe.skipIf(!hasRecordings)("the wire is shaped as recorded", () => {
  test("streams of text", async () => {
    expect(shapes(await stream(ask("Hi")))).toEqual(
      shapes(readSse(recordedBody("anthropic/stream-text-short"))),
    );
  });

  test("streams of thinking and a tool call", async () => {
    const tool = { name: "version", input_schema: { type: "object", properties: {} } };
    const events = await stream(ask("[demo tool=version]", { thinking, tools: [tool] }));
    expect(shapes(events)).toEqual(shapes(readSse(recordedBody("anthropic/stream-thinking-then-tool"))));
  });

  test("whole answers and errors", async () => {
    const made = shapeOf(await reply(ask("Hi")));
    expect(made).toEqual(shapeOf(parse(recordedBody("anthropic/json-schema-output"))));
    const refused = shapeOf(await reply(ask("Hi", { model: "claude-0" })));
    expect(refused).toEqual(shapeOf(parse(recordedBody("anthropic/error-404-model-not-found"))));
  });
});
