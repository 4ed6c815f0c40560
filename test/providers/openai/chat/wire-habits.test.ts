// What the clouds of the family do on the wire, habit by habit, as recorded traffic shows it.

import { describe, expect, test } from "vitest";
import { readOpenAiError } from "../../../../src/providers/openai/errors.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import {
  azureMember,
  groqMember,
  openAiMember,
  openRouterMember,
  xAiMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { readOpenAiAnswer } from "../../../../src/providers/openai/chat/response.ts";
import { chunk, finish, finishOf, partsOf, read, readBody, usageChunk, usageOf } from "./read-chunks.ts";

const errorOf = (status: number, body: unknown, member: FamilyMember, headers = {}) =>
  readOpenAiError({ status, headers, text: typeof body === "string" ? body : JSON.stringify(body) }, member);
const body = (...chunks: readonly object[]) =>
  chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("");

const choice = (index: number, content: string) => ({ model: "m", choices: [{ index, delta: { content } }] });

describe("OpenAI", () => {
  test("usage comes in a last chunk without choices, or never", () => {
    const text = [chunk({ content: "Hi" }), finish("stop")];
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    expect(usageOf(read([...text, usageChunk(usage), "[DONE]"]).events)).toMatchObject({
      input: { total: 3 },
      output: { total: 2 },
    });
    expect(usageOf(read([...text, "[DONE]"]).events)).toBeUndefined();
  });

  test("with n=2 the choices interleave: the first is read", () => {
    const { events } = read([
      choice(0, "a"),
      choice(1, "x"),
      choice(0, "b"),
      choice(1, "y"),
      finish("stop"),
      "[DONE]",
    ]);
    expect(partsOf(events)).toEqual(["text: ab"]);
  });

  test("a refusal has null content and ends with stop", () => {
    const message = { content: null, refusal: "No." };
    const answer = JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] });
    const events = readOpenAiAnswer(answer, openAiMember);
    expect(partsOf(events)).toEqual(["refusal: No."]);
    expect(finishOf(events)).toEqual(["refusal", "stop"]);
  });
});

describe("Azure OpenAI", () => {
  const safe = { hate: { filtered: false, severity: "safe" } };
  const prompt = [{ prompt_index: 0, content_filter_results: safe }];
  const first = {
    choices: [],
    created: 0,
    id: "",
    model: "",
    object: "",
    prompt_filter_results: prompt,
  };

  test("a first chunk tells how the prompt was filtered, and no model yet", () => {
    const { events } = read([first, chunk({ content: "Hi" }), finish("stop"), "[DONE]"], azureMember);
    expect(events[0]).toEqual({ type: "started", model: "gpt-x" });
    expect(partsOf(events)).toEqual([`azure prompt_filter_results: ${JSON.stringify(prompt)}`, "text: Hi"]);
  });

  test("filter results in every chunk are handed on once while they say the same", () => {
    const bad = { hate: { filtered: true, severity: "high" } };
    const { events } = read(
      [
        chunk({ content: "" }, { content_filter_results: {} }),
        chunk({ content: "a" }, { content_filter_results: safe }),
        chunk({ content: "b" }, { content_filter_results: safe }),
        chunk({}, { content_filter_results: bad, finish_reason: "content_filter" }),
        chunk({}, { content_filter_results: safe }),
        chunk({}, { content_filter_results: { ...safe, error: "late" } }),
        "[DONE]",
      ],
      azureMember,
    );
    expect(partsOf(events)).toEqual([
      "text: ab",
      `azure content_filter_results: ${JSON.stringify(safe)}`,
      `azure content_filter_results: ${JSON.stringify(bad)}`,
      `azure content_filter_results: ${JSON.stringify({ ...safe, error: "late" })}`,
    ]);
    expect(finishOf(events)).toEqual(["content_filter", "content_filter"]);
  });

  test("a filtered choice may lack its message", () => {
    const choice = { index: 0, finish_reason: "content_filter", content_filter_results: safe };
    const events = readOpenAiAnswer(JSON.stringify({ model: "m", choices: [choice] }), azureMember);
    expect(finishOf(events)).toEqual(["content_filter", "content_filter"]);
  });

  test("an error's code is a string that is a status", () => {
    const error = { code: "401", message: "Access denied due to invalid subscription key." };
    expect(errorOf(401, { error }, azureMember)).toMatchObject({ failure: "authentication" });
    // Inside a 200 it is all that tells.
    expect(read([{ error }], azureMember).error).toMatchObject({ failure: "authentication" });
  });

  test("a prompt that the filter refused is refused content, by either of its codes", () => {
    const innererror = { code: "ResponsibleAIPolicyViolation" };
    for (const error of [
      { code: "content_filter", message: "filtered", status: 400 },
      { code: null, message: "filtered", innererror },
    ]) {
      expect(errorOf(400, { error }, azureMember).failure).toBe("content_refused");
    }
  });

  test("a deployment that is not there is a model that is not there", () => {
    const error = { type: "invalid_request_error", code: "DeploymentNotFound", message: "m" };
    const headers = { "apim-request-id": "a-1", "x-request-id": "x-1" };
    expect(errorOf(404, { error }, azureMember, headers)).toMatchObject({
      failure: "model_unavailable",
      upstreamRequestId: "a-1",
    });
  });
});

describe("Groq", () => {
  test("an error in mid-stream comes as `event: error`, with no [DONE]", () => {
    const error = { message: "m", type: "invalid_request_error", code: "tool_use_failed", status_code: 400 };
    const sent = `${body(chunk({ reasoning: "Hm" }))}event: error\ndata: ${JSON.stringify({ error })}\n\n`;
    const { events, error: thrown } = readBody(sent, groqMember);
    expect(partsOf(events)).toEqual(["reasoning: Hm"]);
    expect(thrown).toMatchObject({ failure: "broken_reply" });
  });

  test("usage comes twice, the second time under its usual name", () => {
    const { events } = read(
      [
        chunk({ content: "Hi" }),
        { ...finish("stop"), x_groq: { id: "r", usage: { prompt_tokens: 3, completion_tokens: 2 } } },
        usageChunk({ prompt_tokens: 3, completion_tokens: 2 }),
        "[DONE]",
      ],
      groqMember,
    );
    expect(usageOf(events)).toMatchObject({ input: { total: 3 }, output: { total: 2 } });
  });

  test("a stream may be given up with a text in x_groq", () => {
    const { error } = read([{ ...chunk({}), x_groq: { error: "over capacity" } }], groqMember);
    expect(error).toMatchObject({ failure: "overloaded" });
  });
});

describe("OpenRouter", () => {
  test("streams open with comments; two chunks bear a finish reason, the second with usage", () => {
    const last = { ...finish("stop"), usage: { prompt_tokens: 3, completion_tokens: 2 } };
    const sent = `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${body(
      chunk({ content: "Hi" }),
      finish("stop"),
      last,
    )}data: [DONE]\n\n`;
    const { events } = readBody(sent, openRouterMember);
    expect(partsOf(events)).toEqual(["text: Hi"]);
    expect(usageOf(events)).toMatchObject({ input: { total: 3 } });
    expect(finishOf(events)).toEqual(["stop", "stop"]);
  });

  test("an error stands beside the choices, its code is a number", () => {
    const { error } = read(
      [{ ...finish("error"), error: { code: 502, message: "Upstream failed" } }],
      openRouterMember,
    );
    expect(error).toMatchObject({ failure: "unavailable" });
  });

  test("an error holds JSON in its message", () => {
    const inner = JSON.stringify({ error: { message: "Slow down", type: "rate_limit" } });
    const error = { code: 429, message: inner };
    expect(errorOf(429, { error }, openRouterMember)).toMatchObject({
      failure: "rate_limited",
      message: "OpenRouter answered with status 429: Slow down",
    });
  });
});

describe("xAI", () => {
  test("reasoning tokens are not inside completion_tokens", () => {
    const told = {
      prompt_tokens: 12,
      completion_tokens: 1,
      completion_tokens_details: { reasoning_tokens: 290 },
    };
    for (const usage of [{ ...told, total_tokens: 303 }, told]) {
      const { events } = read([chunk({ content: "Hi" }), usageChunk(usage), "[DONE]"], xAiMember);
      expect(usageOf(events)).toMatchObject({ output: { total: 291, text: 1, reasoning: 290 } });
    }
  });

  test("the vendor's own sum says on which side reasoning is counted", () => {
    const completion_tokens_details = { reasoning_tokens: 4 };
    const inside = { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16, completion_tokens_details };
    const beside = { ...inside, total_tokens: 20 };
    expect(
      usageOf(read([chunk({ content: "a" }), usageChunk(inside), "[DONE]"], xAiMember).events),
    ).toMatchObject({
      output: { total: 6, text: 2, reasoning: 4 },
    });
    expect(usageOf(read([chunk({ content: "a" }), usageChunk(beside), "[DONE]"]).events)).toMatchObject({
      output: { total: 10, text: 6, reasoning: 4 },
    });
  });

  test("a bad key gives 400, with a text for an error", () => {
    const told = {
      code: "Client specified an invalid argument",
      error: "Incorrect API key provided: xa***1.",
    };
    expect(errorOf(400, told, xAiMember)).toMatchObject({ failure: "authentication" });
    const slow = { code: "Some resource has been exhausted", error: "Too many requests." };
    expect(errorOf(429, slow, xAiMember)).toMatchObject({
      failure: "rate_limited",
      message: "xAI answered with status 429: Too many requests.",
    });
  });
});
