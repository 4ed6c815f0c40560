import OpenAI, { APIError, AuthenticationError, NotFoundError, RateLimitError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { isRecord } from "../../src/demo/json-value.ts";
import { ask, parse, postOpenai, readSse } from "./post.ts";
import { hasRecordings, recordedBody, shapeOf } from "./recorded.ts";

let upstream: DemoUpstream;
let client: OpenAI;
const model = "demo-chat";
const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

beforeAll(async () => {
  upstream = await createDemoUpstream({ apiKey: "sk-demo" });
  client = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "sk-demo", maxRetries: 0 });
});
afterAll(() => upstream.close());

async function gather<T>(source: AsyncIterable<T> | PromiseLike<AsyncIterable<T>>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of await source) items.push(item);
  return items;
}

function user(content: string): [{ role: "user"; content: string }] {
  return [{ role: "user", content }];
}

describe("the official client", () => {
  test("gets a completion that names what was asked", async () => {
    const { data: completion, request_id: requestId } = await client.chat.completions
      .create({ model, messages: user("Grüß dich 👋🏽 世界") })
      .withResponse();
    expect(completion.model).toBe("demo-chat-2026-01-01");
    expect(requestId).toMatch(/^req_/u);
    expect(completion.choices[0]?.message.content).toContain("Grüß dich 👋🏽 世界");
    expect(completion.choices[0]?.finish_reason).toBe("stop");
    expect(completion.usage?.total_tokens).toBe(
      (completion.usage?.prompt_tokens ?? 0) + (completion.usage?.completion_tokens ?? 0),
    );
  });

  test("streams the same text that it gets whole, one chunk a token, with usage only when asked", async () => {
    const messages = user("The same 🙂 words twice");
    const whole = await client.chat.completions.create({ model, messages });
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let tokens = 0;
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content ?? "";
      text += piece;
      if (piece !== "") tokens += 1;
      usage = chunk.usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usage).toEqual(whole.usage);
    expect(tokens).toBe(usage?.completion_tokens);

    const plain = await client.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of plain) {
      expect(chunk).not.toHaveProperty("usage");
      expect(chunk.choices).toHaveLength(1);
    }
  });

  test("runs tools in parallel, and quotes their results afterwards", async () => {
    const messages = user("Weather? [demo tool=get_weather tools=2]");
    const request = { model, messages, tools: [weather] };
    const stream = client.chat.completions.stream(request);
    const { message, finish_reason: reason } = (await stream.finalChatCompletion()).choices[0] ?? {};
    expect(reason).toBe("tool_calls");
    const calls = (message?.tool_calls ?? []).flatMap((call) => (call.type === "function" ? [call] : []));
    expect(calls.map((call) => parse(call.function.arguments))).toEqual([
      { city: "demo city" },
      { city: "demo city 2" },
    ]);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);

    const results = calls.map((call, position) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: `${20 + position} degrees`,
    }));
    const turn = { role: "assistant" as const, content: null, tool_calls: calls };
    const answer = await client.chat.completions.create({
      ...request,
      messages: [...messages, turn, ...results],
    });
    expect(answer.choices[0]?.message.content).toMatch(/20 degrees.*21 degrees/su);
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  });

  test("forces or forbids tools by tool_choice", async () => {
    const named = { type: "function" as const, function: { name: "get_weather" } };
    for (const choice of ["required", named] as const) {
      const forced = await client.chat.completions.create({
        model,
        messages: user("Hello"),
        tools: [weather],
        tool_choice: choice,
      });
      expect(forced.choices[0]?.message).toMatchObject({
        content: null,
        tool_calls: [{ type: "function", function: { name: "get_weather" } }],
      });
    }
    const forbidden = await client.chat.completions.create({
      model,
      messages: user("[demo tool=get_weather]"),
      tools: [weather],
      tool_choice: "none",
    });
    expect(forbidden.choices[0]?.message.tool_calls).toBeUndefined();
  });

  test("honours token limits and stop sequences", async () => {
    const long = user("[demo tokens=50] word");
    const cut = await client.chat.completions.create({ model, messages: long, max_completion_tokens: 7 });
    expect(cut.choices[0]?.finish_reason).toBe("length");
    expect(cut.usage?.completion_tokens).toBe(7);
    const tokens = await client.chat.completions.create({ model, messages: long });
    expect(tokens.usage?.completion_tokens).toBe(50);
    const stopped = await client.chat.completions.create({
      model,
      messages: user("alpha beta gamma"),
      stop: " beta",
    });
    expect(stopped.choices[0]?.message.content).toMatch(/alpha$/u);
    expect(stopped.choices[0]?.finish_reason).toBe("stop");
  });

  test("gets JSON that fits the schema", async () => {
    const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } } };
    const completion = await client.chat.completions.create({
      model,
      messages: user("A person"),
      response_format: { type: "json_schema", json_schema: { name: "person", schema } },
    });
    expect(parse(completion.choices[0]?.message.content ?? "")).toEqual({ name: "demo name", age: 1 });
  });

  test("counts images and reports reasoning", async () => {
    const image = { type: "image_url" as const, image_url: { url: "data:image/png;base64,AAAA" } };
    const completion = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: [{ type: "text", text: "Look" }, image, image] }],
      reasoning_effort: "low",
    });
    expect(completion.choices[0]?.message.content).toContain("2 images");
    expect(completion.choices[0]?.message).toHaveProperty("reasoning", expect.stringContaining("Look"));
    expect(completion.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });

  test("finds a long first message cached the second time", async () => {
    const system = { role: "system" as const, content: "rule ".repeat(80) };
    const usages = [];
    for (const content of ["one", "two"]) {
      const completion = await client.chat.completions.create({
        model,
        messages: [system, { role: "user", content }],
      });
      usages.push(completion.usage);
    }
    expect(usages[0]?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(usages[1]?.prompt_tokens_details?.cached_tokens).toBe(81);
    expect(usages[1]?.prompt_tokens).toBe(usages[0]?.prompt_tokens);
  });

  test("raises the vendor's errors", async () => {
    const stranger = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "sk-other", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
    const messages = user("x");
    const missing = client.chat.completions.create({ model: "gpt-0", messages });
    await expect(missing).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    await expect(missing).rejects.toBeInstanceOf(NotFoundError);
    const limited = client.chat.completions.create({ model, messages: user("[demo fault=status:429:7]") });
    await expect(limited).rejects.toBeInstanceOf(RateLimitError);
    await expect(limited).rejects.toMatchObject({ code: "rate_limit_exceeded", type: "requests" });
    const broken = await client.chat.completions.create({
      model,
      messages: user("[demo fault=error_event:3]"),
      stream: true,
    });
    await expect(gather(broken)).rejects.toBeInstanceOf(APIError);
  });

  test("lists the models", async () => {
    const names = (await gather(client.models.list())).map((entry) => entry.id);
    expect(names).toEqual(["demo-chat", "demo-mini", "demo-embed"]);
    expect(await client.models.retrieve("demo-mini")).toMatchObject({ id: "demo-mini", object: "model" });
  });
});

describe("a Chat Completions request that the vendor would refuse", () => {
  test.each<[string, object | string, object]>([
    ["no model", { messages: [] }, { message: "you must provide a model parameter" }],
    ["no messages", { model }, { param: "messages", code: "missing_required_parameter" }],
    ["empty messages", { model, messages: [] }, { param: "messages", code: "empty_array" }],
    ["text for messages", { model, messages: "x" }, { param: "messages", code: "invalid_type" }],
    [
      "an unknown role",
      { model, messages: [{ role: "bot" }] },
      { param: "messages[0].role", code: "invalid_value" },
    ],
    [
      "an unknown part",
      ask([{ type: "video" }]),
      { param: "messages[0].content[0].type", code: "invalid_value" },
    ],
    [
      "an orphaned tool result",
      { model, messages: [{ role: "tool", tool_call_id: "a" }] },
      { param: "messages[0].role" },
    ],
    ["no tokens", ask("x", { max_tokens: 0 }), { param: "max_tokens", code: "integer_below_min_value" }],
    ["heat", ask("x", { temperature: 3 }), { param: "temperature", code: "decimal_above_max_value" }],
    [
      "usage without a stream",
      ask("x", { stream_options: { include_usage: true } }),
      { param: "stream_options" },
    ],
    ["a choice of no tools", ask("x", { tool_choice: "required" }), { param: "tool_choice" }],
    ["broken JSON", '{"model":', { param: null }],
  ])("%s", async (_name, body, error) => {
    const open = await createDemoUpstream();
    const reply = await postOpenai(open, body).finally(() => open.close());
    expect(reply.status).toBe(400);
    expect(parse(reply.text)).toEqual({
      error: {
        message: expect.any(String),
        type: "invalid_request_error",
        param: null,
        code: null,
        ...error,
      },
    });
  });
});

function choicesOf(data: unknown): unknown {
  return isRecord(data) ? data["choices"] : data;
}

function withoutPadding(data: unknown): unknown {
  if (!isRecord(data)) return data;
  const { obfuscation: _padding, ...rest } = data;
  return rest;
}

describe.skipIf(!hasRecordings)("the wire is shaped as recorded", () => {
  test("streams of text with usage", async () => {
    const open = await createDemoUpstream();
    const body = ask("Hi", { max_tokens: 3, stream: true, stream_options: { include_usage: true } });
    const made = readSse((await postOpenai(open, body).finally(() => open.close())).text);
    const recorded = readSse(recordedBody("openai/stream-finish-length"));
    for (const position of [0, 1, -3, -2, -1]) {
      expect(shapeOf(made.at(position)?.data)).toEqual(shapeOf(withoutPadding(recorded.at(position)?.data)));
    }
    expect(made.at(-1)?.data).toBe("[DONE]");
  });

  test("streams of tool calls", async () => {
    const open = await createDemoUpstream();
    const body = ask("[demo tools=2]", {
      tools: [weather],
      stream: true,
      stream_options: { include_usage: true },
    });
    const made = readSse((await postOpenai(open, body).finally(() => open.close())).text);
    const recorded = readSse(recordedBody("openai/stream-parallel-tools-with-usage"));
    const shapes = (events: typeof made): Set<string> =>
      new Set(events.map((event) => JSON.stringify(shapeOf(choicesOf(event.data)))));
    expect(shapes(made)).toEqual(shapes(recorded));
  });

  test("whole answers", async () => {
    const open = await createDemoUpstream();
    const reply = await postOpenai(open, ask("Hi")).finally(() => open.close());
    expect(shapeOf(parse(reply.text))).toEqual(shapeOf(parse(recordedBody("openai/stop-sequence-param"))));
  });
});
