import { describe, expect, test } from "vitest";
import { readCompletionRequest } from "../../../src/api/openai/request-mapping.ts";
import type { JsonValue } from "../../../src/core/json.ts";

const user = { role: "user", content: "Hi" };
/** Without the members that are undefined. */
const mapped = (body: JsonValue): unknown => JSON.parse(JSON.stringify(readCompletionRequest(body)));
const messageOf = (message: object): unknown =>
  JSON.parse(
    JSON.stringify(
      readCompletionRequest(JSON.parse(JSON.stringify({ messages: [message] }))).request.messages[0],
    ),
  );

test("the least request", () => {
  expect(mapped({ messages: [user] })).toEqual({
    request: { messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }], sampling: {} },
    stream: false,
    includeUsage: false,
  });
});

test("null counts as absent", () => {
  const nulls = Object.fromEntries(
    [
      "model",
      "tools",
      "tool_choice",
      "temperature",
      "stop",
      "n",
      "stream",
      "stream_options",
      "metadata",
      "user",
      "functions",
    ].map((name) => [name, null]),
  );
  expect(mapped({ messages: [{ ...user, name: null, mood: null }], ...nulls })).toEqual(
    mapped({ messages: [user] }),
  );
});

test("every setting in the chat model's words", () => {
  const body = {
    model: "acme/m",
    messages: [user],
    tools: [
      {
        type: "function",
        function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
      },
    ],
    tool_choice: "required",
    parallel_tool_calls: false,
    response_format: {
      type: "json_schema",
      json_schema: { name: "s", description: "d", schema: { a: 1 }, strict: false },
    },
    temperature: 0.1,
    top_p: 0.2,
    top_k: 3,
    seed: 4,
    frequency_penalty: 0.5,
    presence_penalty: 0.6,
    max_tokens: 7,
    max_completion_tokens: 7,
    stop: "END",
    reasoning_effort: "xhigh",
    metadata: { tenant: "t", use_case: "u", gone: null },
    n: 1,
    stream: true,
    stream_options: { include_usage: true, include_obfuscation: false },
  };
  expect(mapped(body)).toEqual({
    request: {
      model: "acme/m",
      messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
      tools: [{ name: "f", description: "d", parameters: { type: "object" }, strict: true }],
      toolChoice: { type: "required" },
      parallelToolCalls: false,
      responseFormat: { type: "json_schema", name: "s", description: "d", schema: { a: 1 }, strict: false },
      sampling: {
        temperature: 0.1,
        topP: 0.2,
        topK: 3,
        seed: 4,
        frequencyPenalty: 0.5,
        presencePenalty: 0.6,
      },
      maxOutputTokens: 7,
      stop: ["END"],
      reasoning: { effort: "xhigh" },
      labels: { tenant: "t", use_case: "u" },
    },
    stream: true,
    includeUsage: true,
  });
});

describe("top-level fields without a place in the model", () => {
  test("go to the providers that speak OpenAI's format", () => {
    const { request } = readCompletionRequest({
      messages: [user],
      logprobs: true,
      service_tier: "flex",
      store: false,
      metadata: { a: "b" },
    });
    expect(request.providerOptions).toEqual({
      openai_family: { logprobs: true, service_tier: "flex", store: false },
    });
  });

  test("take the metadata along when the completion is to be stored", () => {
    const { request } = readCompletionRequest({ messages: [user], store: true, metadata: { a: "b" } });
    expect(request.providerOptions).toEqual({ openai_family: { store: true, metadata: { a: "b" } } });
  });
});

const result = (content: object[]) => ({
  role: "tool",
  parts: [{ type: "tool_result", toolCallId: "c", content }],
});

describe("messages", () => {
  test("system and developer", () => {
    const parts = [{ type: "text", text: "Be brief." }];
    expect(messageOf({ role: "system", content: "Be brief." })).toEqual({ role: "system", parts });
    expect(messageOf({ role: "developer", content: parts })).toEqual({ role: "system", parts });
  });

  test("a user's text, images and files", () => {
    const message = {
      role: "user",
      name: "ann",
      content: [
        { type: "text", text: "a", cache_control: { type: "ephemeral" } },
        { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "high" } },
        { type: "image_url", image_url: { url: "DATA:image/png;name=a;base64,AAAA" } },
        {
          type: "file",
          file: { file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" },
          cache_control: { type: "ephemeral", ttl: "1h" },
        },
      ],
    };
    expect(messageOf(message)).toEqual({
      role: "user",
      name: "ann",
      parts: [
        { type: "text", text: "a", cacheHint: "short" },
        { type: "image", source: { url: "https://x.test/a.png" }, detail: "high" },
        { type: "image", source: { data: "AAAA", mediaType: "image/png" } },
        {
          type: "file",
          source: { data: "AAAA", mediaType: "application/pdf" },
          filename: "a.pdf",
          cacheHint: "long",
        },
      ],
    });
  });

  test("an answer sent back as it was given", () => {
    const message = {
      role: "assistant",
      content: "",
      refusal: null,
      annotations: [],
      parsed: { a: 1 },
      audio: null,
      function_call: null,
      reasoning_content: "Hm.",
      tool_calls: [
        {
          index: 0,
          id: "c",
          type: "function",
          function: { name: "f", arguments: '{"a":1}', parsed_arguments: { a: 1 } },
        },
      ],
    };
    expect(messageOf(message)).toEqual({
      role: "assistant",
      parts: [
        { type: "reasoning", text: "Hm." },
        { type: "tool_call", id: "c", name: "f", argumentsJson: '{"a":1}' },
      ],
    });
  });

  test("a refusal is text of the assistant's", () => {
    const parts = [{ type: "text", text: "No." }];
    expect(messageOf({ role: "assistant", content: null, refusal: "No." })).toEqual({
      role: "assistant",
      parts,
    });
    expect(messageOf({ role: "assistant", content: [{ type: "refusal", refusal: "No." }] })).toEqual({
      role: "assistant",
      parts,
    });
  });

  test("a tool's result, as text and as parts", () => {
    expect(messageOf({ role: "tool", tool_call_id: "c", content: "42" })).toEqual(
      result([{ type: "text", text: "42" }]),
    );
    const image = { type: "image_url", image_url: { url: "https://x.test/a.png" } };
    expect(messageOf({ role: "tool", tool_call_id: "c", content: [image] })).toEqual(
      result([{ type: "image", source: { url: "https://x.test/a.png" } }]),
    );
  });
});
