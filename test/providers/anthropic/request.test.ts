import { describe, expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../src/core/chat/request.ts";
import { buildAnthropicRequest } from "../../../src/providers/anthropic/request.ts";

const hello: Message = { role: "user", parts: [{ type: "text", text: "Hello" }] };

function build(request: Partial<ChatRequest>, model = "claude-haiku-4-5") {
  return buildAnthropicRequest({ messages: [hello], ...request }, { model, delivery: "unary" });
}

const lostIn = (request: Partial<ChatRequest>, model?: string) =>
  build(request, model).losses.map((loss) => loss.field);

const messagesOf = (messages: readonly Message[]) => build({ messages }).body.messages;
const user = (...parts: Part[]): Message => ({ role: "user", parts });
const assistant = (...parts: Part[]): Message => ({ role: "assistant", parts });
const text = (words: string): Part => ({ type: "text", text: words });

const system = (words: string): Message => ({ role: "system", parts: [{ type: "text", text: words }] });

const call = (id: string): Part => ({ type: "tool_call", id, name: "f", argumentsJson: '{"a":1}' });
const result = (toolCallId: string, isError?: boolean): Message => ({
  role: "tool",
  parts: [{ type: "tool_result", toolCallId, content: [{ type: "text", text: "r" }], isError }],
});

const hinted = (cacheHint: "short" | "long"): Part => ({ type: "text", text: "x", cacheHint });

describe("a request to Anthropic", () => {
  test("holds no more than it must", () => {
    const built = buildAnthropicRequest(
      { messages: [hello], labels: { team: "a" } },
      { model: "m", delivery: "streamed" },
    );
    expect(built).toEqual({
      body: {
        model: "m",
        max_tokens: 4096,
        messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
        stream: true,
      },
      betas: [],
      losses: [],
    });
  });

  test("has system text beside the messages, moved there with a loss from further down", () => {
    const { body, losses } = build({ messages: [system("A"), hello, system("B")] });
    expect(body.system).toEqual([
      { type: "text", text: "A" },
      { type: "text", text: "B" },
    ]);
    expect(losses.map((loss) => loss.field)).toEqual(["messages[2]"]);
  });

  test("gives tool results to the user's turn, before its text", () => {
    const messages = [
      hello,
      assistant(call("1"), call("2")),
      result("1"),
      user(text("And?")),
      result("2", true),
    ];
    expect(messagesOf(messages).slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "1", name: "f", input: { a: 1 } },
          { type: "tool_use", id: "2", name: "f", input: { a: 1 } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "r" }] },
          { type: "tool_result", tool_use_id: "2", content: [{ type: "text", text: "r" }], is_error: true },
          { type: "text", text: "And?" },
        ],
      },
    ]);
  });

  test.each([
    ["", {}, []],
    ['{"a":[1]}', { a: [1] }, []],
    ["[1]", { arguments: "[1]" }, ["messages[0].parts[0].argumentsJson"]],
    ["{oops", { arguments: "{oops" }, ["messages[0].parts[0].argumentsJson"]],
  ])("sends the arguments %s as %o", (argumentsJson, input, lost) => {
    const messages = [assistant({ type: "tool_call", id: "1", name: "f", argumentsJson })];
    const { body, losses } = build({ messages });
    expect(body.messages[0]?.content).toEqual([{ type: "tool_use", id: "1", name: "f", input }]);
    expect(losses.map((loss) => loss.field)).toEqual(lost);
  });

  test("can still be written when arguments are nested very deep", () => {
    const argumentsJson = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    const { body } = build({
      messages: [assistant({ type: "tool_call", id: "1", name: "f", argumentsJson })],
    });
    expect(JSON.stringify(body)).toContain("[[[[");
  });

  test("gives call and result the same id, in the letters that Anthropic takes", () => {
    const messages = messagesOf([
      assistant({ type: "tool_call", id: "functions.f:0", name: "f", argumentsJson: "" }),
      { role: "tool", parts: [{ type: "tool_result", toolCallId: "functions.f:0", content: [] }] },
    ]);
    expect(messages.flatMap((message) => message.content)).toEqual([
      { type: "tool_use", id: "functions_2ef_3a0", name: "f", input: {} },
      { type: "tool_result", tool_use_id: "functions_2ef_3a0" },
    ]);
  });

  test("gives reasoning back with its proof, and never without", () => {
    const messages = [
      assistant(
        { type: "reasoning", text: "Hm", signature: "sig" },
        { type: "reasoning", text: "", redactedData: "eA==" },
        { type: "reasoning", text: "unsigned" },
        text("Hi"),
      ),
    ];
    const { body, losses } = build({ messages });
    expect(body.messages[0]?.content).toEqual([
      { type: "thinking", thinking: "Hm", signature: "sig" },
      { type: "redacted_thinking", data: "eA==" },
      { type: "text", text: "Hi" },
    ]);
    expect(losses.map((loss) => loss.field)).toEqual(["messages[0].parts[2]"]);
  });

  test("sends images and files by data and by address", () => {
    const { body, losses } = build({
      messages: [
        user(
          { type: "image", source: { data: "eA==", mediaType: "image/png" }, detail: "high" },
          { type: "image", source: { url: "https://e.org/a.png" } },
          { type: "file", source: { data: "eA==", mediaType: "application/pdf" }, filename: "a.pdf" },
          { type: "file", source: { data: "SGk=", mediaType: "text/plain" } },
          { type: "file", source: { data: "eyJ9", mediaType: "application/json" } },
          { type: "file", source: { url: "https://e.org/a.pdf" } },
          { type: "file", source: { data: "eA==", mediaType: "audio/mpeg" } },
        ),
      ],
    });
    expect(body.messages[0]?.content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: "eA==" } },
      { type: "image", source: { type: "url", url: "https://e.org/a.png" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "eA==" },
        title: "a.pdf",
      },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "Hi" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: '{"}' } },
      { type: "document", source: { type: "url", url: "https://e.org/a.pdf" } },
    ]);
    expect(losses.map((loss) => loss.field)).toEqual([
      "messages[0].parts[0].detail",
      "messages[0].parts[4].source.mediaType",
      "messages[0].parts[6]",
    ]);
  });

  test("marks what to cache, four times at most, and never long after short", () => {
    const { body, losses } = build({
      tools: [{ name: "f", cacheHint: "long" }],
      messages: [
        { role: "system", parts: [hinted("short")] },
        user(hinted("long"), hinted("short"), hinted("short")),
      ],
    });
    const marks = [...(body.tools ?? []), ...(body.system ?? [])].map((item) => item.cache_control);
    expect(marks).toEqual([{ type: "ephemeral", ttl: "1h" }, { type: "ephemeral" }]);
    expect(body.messages[0]?.content).toEqual([
      { type: "text", text: "x", cache_control: { type: "ephemeral" } },
      { type: "text", text: "x", cache_control: { type: "ephemeral" } },
      { type: "text", text: "x" },
    ]);
    expect(losses.map((loss) => loss.field)).toEqual([
      "messages[1].parts[0].cacheHint",
      "messages[1].parts[2].cacheHint",
    ]);
  });

  test("demands no tool call of a model that refuses to have one demanded", () => {
    const demand: Partial<ChatRequest> = { tools: [{ name: "f" }], toolChoice: { type: "required" } };
    expect(build(demand, "claude-opus-5-5").body.tool_choice).toEqual({ type: "auto" });
    expect(lostIn(demand, "claude-opus-5-5")).toContain("toolChoice");
    expect(build(demand, "claude-haiku-4-5").body.tool_choice).toEqual({ type: "any" });
    expect(lostIn(demand, "claude-haiku-4-5")).toEqual([]);
  });

  test("names tools with a schema, and a choice only beside tools", () => {
    const parameters = { type: "object", properties: { a: { type: "string" } } };
    const tools = [{ name: "f", description: "F", parameters, strict: true }, { name: "g" }];
    const choose = (request: Partial<ChatRequest>) => build({ tools, ...request }).body.tool_choice;
    expect(build({ tools }).body.tools).toEqual([
      { name: "f", description: "F", input_schema: parameters, strict: true },
      { name: "g", input_schema: { type: "object", properties: {} } },
    ]);
    expect([
      choose({}),
      choose({ toolChoice: { type: "auto" } }),
      choose({ toolChoice: { type: "none" }, parallelToolCalls: false }),
      choose({ toolChoice: { type: "required" }, parallelToolCalls: false }),
      choose({ toolChoice: { type: "tool", name: "f" } }),
      choose({ parallelToolCalls: false }),
      build({ toolChoice: { type: "auto" } }).body.tool_choice,
    ]).toEqual([
      undefined,
      { type: "auto" },
      { type: "none" },
      { type: "any", disable_parallel_tool_use: true },
      { type: "tool", name: "f" },
      { type: "auto", disable_parallel_tool_use: true },
      undefined,
    ]);
  });

  test("asks for a JSON schema, and tells that plain JSON cannot be asked for", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    const { body } = build({ responseFormat: { type: "json_schema", name: "a", schema } });
    expect(body.output_config).toEqual({ format: { type: "json_schema", schema } });
    expect(lostIn({ responseFormat: { type: "json" } })).toEqual(["responseFormat"]);
  });

  test("sends what sampling there is, and lists the rest", () => {
    const { body, losses } = build({
      sampling: { temperature: 1.5, topK: 5, seed: 0, frequencyPenalty: 0.5, presencePenalty: 0 },
      stop: ["END", " \n"],
    });
    expect(body).toMatchObject({ temperature: 1, top_k: 5, stop_sequences: ["END"] });
    expect(losses.map((loss) => loss.field)).toEqual([
      "sampling.seed",
      "sampling.frequencyPenalty",
      "sampling.temperature",
      "stop[1]",
    ]);
  });

  test("sends temperature and topP together only to models that take both", () => {
    const sampling = { temperature: 0.5, topP: 0.5 };
    expect(build({ sampling }, "claude-3-5-haiku-20241022").body).toMatchObject({ top_p: 0.5 });
    expect(build({ sampling }, "claude-sonnet-4-20250514").body).toMatchObject({ top_p: 0.5 });
    expect(lostIn({ sampling }, "claude-sonnet-4-5-20250929")).toEqual(["sampling.topP"]);
    expect(lostIn({ sampling }, "claude-opus-4-7")).toEqual(["sampling.temperature", "sampling.topP"]);
  });

  test("passes the vendor's own options on, but not over what the request says", () => {
    const { body, betas, losses } = build({
      providerOptions: {
        anthropic: { service_tier: "auto", model: "other", betas: ["context-1m-2025-08-07", "a\nb"] },
        openai: { user: "x" },
      },
    });
    expect(body).toMatchObject({ service_tier: "auto", model: "claude-haiku-4-5" });
    expect(body).not.toHaveProperty("user");
    expect(betas).toEqual(["context-1m-2025-08-07"]);
    expect(losses.map((loss) => loss.field)).toEqual([
      "providerOptions.anthropic.model",
      "providerOptions.anthropic.betas",
    ]);
  });

  test("leaves out empty text, and lists text of whitespace, names and a cut end", () => {
    const messages: Message[] = [
      { role: "user", parts: [text(""), text(" "), text("Go")], name: "Ada" },
      assistant(text("So \n")),
    ];
    const { body, losses } = build({ messages });
    expect(body.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "Go" }] },
      { role: "assistant", content: [{ type: "text", text: "So" }] },
    ]);
    expect(losses.map((loss) => loss.field)).toEqual([
      "messages[0].name",
      "messages[0].parts[1]",
      "messages",
    ]);
  });
});
