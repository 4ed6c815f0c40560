// The official client is the judge: what it makes of our answers is what tools get.

import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { ProviderError } from "../../../src/core/provider-error.ts";
import {
  filtered,
  parallelTools,
  plain,
  reasoned,
  refused,
  refusedWithoutAWord,
  rich,
  toolOnly,
  withLogprobs,
} from "./scripts.ts";
import { allOf, type FaceOptions, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

const faces: OpenAiFace[] = [];
async function serve(options: FaceOptions): Promise<OpenAiFace> {
  const face = await serveOpenAi(options);
  faces.push(face);
  return face;
}
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

const asked = { model: "default", messages: [{ role: "user" as const, content: "Hi" }] };
const tools = ["weather", "time"].map((name) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: {} } },
}));

// The client's helper adds what it parsed of the arguments.
const withoutParsed = (value: unknown): unknown =>
  value === undefined
    ? undefined
    : JSON.parse(JSON.stringify(value), (key, each) => (key.startsWith("parsed") ? undefined : each));

describe("a unary call", () => {
  test("gives text, usage, the served model and our id", async () => {
    const { client } = await serve({ scripts: [plain] });
    const completion = await client.chat.completions.create(asked);
    expect(completion).toEqual({
      id: "id-1",
      object: "chat.completion",
      created: 1_750_000_000,
      model: "acme-1-2026",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hello, world", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 9,
        total_tokens: 20,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 2 },
      },
    });
  });

  test("tells the call in headers", async () => {
    const { client } = await serve({ scripts: [plain] });
    const { response, request_id } = await client.chat.completions
      .create(asked, { headers: { "x-request-id": "mine-7" } })
      .withResponse();
    expect(request_id).toBe("mine-7");
    expect(response.headers.get("x-sluice-request-id")).toBe("id-1");
    expect(response.headers.get("x-sluice-provider")).toBe("acme");
    const other = await client.chat.completions.create(asked).withResponse();
    expect(other.request_id).toBe(other.data.id);
  });

  test("hands the request on in the chat model's words", async () => {
    const { client, provider, ledger } = await serve({ scripts: [parallelTools] });
    await client.chat.completions.create({
      ...asked,
      tools,
      tool_choice: { type: "function", function: { name: "weather" } },
      temperature: 0.5,
      max_completion_tokens: 7,
      metadata: { use_case: "chat", tenant: "blue" },
      user: "u1",
      logit_bias: { "50256": -100 },
    });
    expect(provider.calls[0]?.request).toMatchObject({
      messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
      tools: [{ name: "weather", parameters: { type: "object", properties: {} } }, { name: "time" }],
      toolChoice: { type: "tool", name: "weather" },
      sampling: { temperature: 0.5 },
      maxOutputTokens: 7,
      providerOptions: { openai_family: { user: "u1", logit_bias: { "50256": -100 } } },
    });
    expect(ledger.opened[0]).toMatchObject({
      tenantId: "blue",
      useCase: "chat",
      labels: { use_case: "chat", tenant: "blue" },
    });
  });
});

describe("a stream", () => {
  test("gives chunks of one id, the role first, the usage last and alone", async () => {
    const { client } = await serve({ scripts: [plain] });
    const stream = await client.chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await allOf(stream);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["id-1"]));
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Hello, world");
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 9 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  test("tells no usage unless asked", async () => {
    const { client } = await serve({ scripts: [plain] });
    const chunks = await allOf(await client.chat.completions.create({ ...asked, stream: true }));
    expect(chunks.some((chunk) => "usage" in chunk)).toBe(false);
  });

  test("that is left early ends the call at the provider", async () => {
    const { client, provider, ledger } = await serve({
      scripts: [{ steps: [...plain.steps.slice(0, 3), "hang"] }],
    });
    const stream = await client.chat.completions.create({ ...asked, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content === "Hello") break;
    const signal = provider.calls[0]?.context.signal;
    await new Promise<void>((resolve) => {
      if (signal?.aborted === true) resolve();
      else signal?.addEventListener("abort", () => resolve());
    });
    expect(ledger.settled[0]).toMatchObject({ status: "cancelled", errorCode: "cancelled" });
  });
});

describe("the client's own gathering of a stream is what a unary call gives", () => {
  const scripts = {
    plain,
    reasoned,
    parallelTools,
    toolOnly,
    refused,
    refusedWithoutAWord,
    filtered,
    rich,
    withLogprobs,
  };
  test.each(Object.entries(scripts))("%s", async (_, script) => {
    const { client } = await serve({ scripts: [script] });
    const whole = await client.chat.completions.create(asked);
    const gathered = await client.chat.completions
      .stream({ ...asked, stream_options: { include_usage: true } })
      .finalChatCompletion();
    const [wholeChoice, gatheredChoice] = [whole.choices[0], gathered.choices[0]];
    expect(gathered.model).toBe(whole.model);
    // Of an unknown usage the stream says null.
    expect(gathered.usage ?? undefined).toEqual(whole.usage);
    expect(gatheredChoice?.finish_reason).toBe(wholeChoice?.finish_reason);
    const members = ["role", "content", "refusal", "tool_calls"] as const;
    for (const member of members) {
      expect(withoutParsed(gatheredChoice?.message[member]), member).toEqual(wholeChoice?.message[member]);
    }
  });
});

describe("errors have the client's classes", () => {
  test("a fault of the request", async () => {
    const { client } = await serve({ scripts: [plain] });
    const error = await client.chat.completions.create({ ...asked, temperature: 3 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      code: "invalid_request",
      param: "temperature",
      type: "invalid_request_error",
      message: "400 temperature: must be between 0 and 2, not 3",
    });
  });

  test("all providers failed: the attempts are told, and the client does not try again", async () => {
    const refuse = new ProviderError({ failure: "unavailable", message: "is down", httpStatus: 503 });
    const { baseUrl, requests } = await serve({ scripts: [{ steps: [], refuse }] });
    const client = new OpenAI({ baseURL: baseUrl, apiKey: "any" });
    const error = await client.chat.completions.create(asked).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({
      status: 502,
      error: {
        code: "all_providers_failed",
        type: "server_error",
        attempts: [
          { provider: "acme", model: "m", failure: "unavailable", message: "is down", http_status: 503 },
        ],
        request_id: "id-1",
      },
    });
    expect(requests).toHaveLength(1);
  });

  test("a stream that breaks off throws after what came before", async () => {
    const broken = new ProviderError({ failure: "broken_reply", message: "ended too soon" });
    const { client } = await serve({ scripts: [{ steps: [...plain.steps.slice(0, 3), broken] }] });
    const stream = await client.chat.completions.create({ ...asked, stream: true });
    let text = "";
    const reading = async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    };
    await expect(reading()).rejects.toMatchObject({ code: "all_providers_failed" });
    expect(text).toBe("Hello");
  });
});

test("all is served under /api/v1 too", async () => {
  const { baseUrl } = await serve({ scripts: [plain] });
  const client = new OpenAI({ baseURL: baseUrl.replace("/v1", "/api/v1"), apiKey: "any", maxRetries: 0 });
  expect((await client.models.retrieve("auto")).id).toBe("auto");
  expect((await client.chat.completions.create(asked)).choices[0]?.message.content).toBe("Hello, world");
});
