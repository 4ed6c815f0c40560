// The official client's own helpers: what they make of answers, and what they send back by themselves.

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ErrorCode, GatewayError } from "../../../src/core/errors.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Script } from "../../support/scripted-provider.ts";
import { plain, refused, refusedWithLogprobs, withLogprobs } from "./scripts.ts";
import { type FaceOptions, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

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

describe("runTools", () => {
  const calling: Script = {
    steps: [
      { type: "started" },
      { type: "part_started", index: 0, part: { kind: "reasoning" } },
      { type: "part_delta", index: 0, text: "A look " },
      { type: "part_delta", index: 0, text: "outside." },
      { type: "part_finished", index: 0, signature: "s1", vendor: "anthropic" },
      { type: "part_started", index: 1, part: { kind: "tool_call", id: "call_a", name: "weather" } },
      { type: "part_delta", index: 1, text: '{"city":' },
      { type: "part_delta", index: 1, text: '"Oslo"}' },
      { type: "part_finished", index: 1, signature: "t1", vendor: "gemini" },
      { type: "finished", reason: "tool_calls" },
    ],
  };
  const weather = {
    type: "function" as const,
    function: {
      name: "weather",
      description: "The weather in a city.",
      parameters: { type: "object", properties: { city: { type: "string" } } },
      parse: (text: string) => z.object({ city: z.string() }).parse(JSON.parse(text)),
      function: ({ city }: { city: string }) => `Rain in ${city}.`,
    },
  };

  test.each([false, true])("goes through the tools to the end (streamed: %s)", async (stream) => {
    const { client, provider } = await serve({ scripts: [calling, plain] });
    const runner = stream
      ? client.chat.completions.runTools({ ...asked, tools: [weather], stream })
      : client.chat.completions.runTools({ ...asked, tools: [weather] });
    expect(await runner.finalContent()).toBe("Hello, world");
    const sent = provider.calls[1]?.request.messages.map(({ role, parts }) => ({ role, parts }));
    expect(JSON.parse(JSON.stringify(sent))).toEqual([
      { role: "user", parts: [{ type: "text", text: "Hi" }] },
      {
        role: "assistant",
        parts: [
          // The helper gives back OpenAI's own members alone: reasoning and proofs end with it.
          { type: "tool_call", id: "call_a", name: "weather", argumentsJson: '{"city":"Oslo"}' },
        ],
      },
      {
        role: "tool",
        parts: [
          { type: "tool_result", toolCallId: "call_a", content: [{ type: "text", text: "Rain in Oslo." }] },
        ],
      },
    ]);
  });
});

describe("parse", () => {
  const city = zodResponseFormat(z.object({ city: z.string() }), "city");
  const answer: Script = {
    steps: [
      { type: "started" },
      { type: "part_started", index: 0, part: { kind: "text" } },
      { type: "part_delta", index: 0, text: '{"city":' },
      { type: "part_delta", index: 0, text: '"Oslo"}' },
      { type: "part_finished", index: 0 },
      { type: "finished", reason: "stop" },
    ],
  };

  test("reads an answer that holds to a schema, whole and streamed", async () => {
    const { client, provider } = await serve({ scripts: [answer] });
    const whole = await client.chat.completions.parse({ ...asked, response_format: city });
    expect(whole.choices[0]?.message.parsed).toEqual({ city: "Oslo" });
    expect(provider.calls[0]?.request.responseFormat).toMatchObject({
      type: "json_schema",
      name: "city",
      strict: true,
      schema: { type: "object", required: ["city"] },
    });
    const streamed = client.chat.completions.stream({ ...asked, response_format: city });
    expect((await streamed.finalChatCompletion()).choices[0]?.message.parsed).toEqual({ city: "Oslo" });
  });

  test("sees a refusal as one", async () => {
    const { client } = await serve({ scripts: [refused] });
    const { choices } = await client.chat.completions.parse({ ...asked, response_format: city });
    expect(choices[0]?.message).toMatchObject({ parsed: null, refusal: "I will not." });
  });
});

describe("log probabilities", () => {
  test.each(Object.entries({ withLogprobs, refusedWithLogprobs }))(
    "of %s, gathered from a stream, are those of a whole answer",
    async (_, script) => {
      const { client, provider } = await serve({ scripts: [script] });
      const wished = { ...asked, logprobs: true, top_logprobs: 2 };
      const whole = await client.chat.completions.create(wished);
      const gathered = await client.chat.completions.stream(wished).finalChatCompletion();
      const told = whole.choices[0]?.logprobs;
      expect((told?.content ?? told?.refusal)?.length).toBe(2);
      // The client makes empty lists of what it gathered nothing for.
      const filled = { content: told?.content ?? null, refusal: told?.refusal ?? null };
      expect(gathered.choices[0]?.logprobs).toEqual(filled);
      expect(provider.calls[0]?.request.providerOptions).toEqual({
        openai_family: { logprobs: true, top_logprobs: 2 },
      });
    },
  );
});

describe("errors have the client's classes, and are sent again only where that may help", () => {
  const classes: readonly [ErrorCode, unknown, attempts: number][] = [
    ["invalid_request", OpenAI.BadRequestError, 1],
    ["content_blocked", OpenAI.BadRequestError, 1],
    ["unauthenticated", OpenAI.AuthenticationError, 1],
    ["budget_exceeded", OpenAI.APIError, 1],
    ["permission_denied", OpenAI.PermissionDeniedError, 1],
    ["not_found", OpenAI.NotFoundError, 1],
    ["conflict", OpenAI.ConflictError, 1],
    ["payload_too_large", OpenAI.APIError, 1],
    ["idempotency_mismatch", OpenAI.UnprocessableEntityError, 1],
    ["rate_limited", OpenAI.RateLimitError, 2],
    ["internal", OpenAI.InternalServerError, 1],
    ["all_providers_failed", OpenAI.InternalServerError, 1],
    ["overloaded", OpenAI.InternalServerError, 2],
    ["unavailable", OpenAI.InternalServerError, 2],
    ["deadline_exceeded", OpenAI.InternalServerError, 1],
  ];
  test.each(classes)("%s", async (code, errorClass, attempts) => {
    const failing = (gateway: Gateway): Gateway => ({
      ...gateway,
      chat: () =>
        Promise.reject(
          new GatewayError({ code, message: "No.", retryAfterMs: retries(code) ? 1 : undefined }),
        ),
    });
    const { baseUrl, requests } = await serve({ scripts: [], wrap: failing });
    const client = new OpenAI({ baseURL: baseUrl, apiKey: "any", maxRetries: 1 });
    const error = await client.chat.completions
      .create(asked, { headers: { "x-request-id": "mine" } })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ code, requestID: "mine", error: { message: "No." } });
    expect(requests).toHaveLength(attempts);
  });
});

/** These tell how long to wait; the client then does not wait for a time of its own choice. */
const retries = (code: ErrorCode): boolean =>
  code === "rate_limited" || code === "overloaded" || code === "unavailable";
