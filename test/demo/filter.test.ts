/** What the demo model does when a content filter objects, in each vendor's format. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { parseDirective } from "../../src/demo/directive.ts";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { ask as askGemini, createGeminiClient, textOf, thinkingConfig } from "./gemini-client.ts";
import { ask, parse, postAnthropic, postOpenai, readSse } from "./post.ts";

let upstream: DemoUpstream;
beforeAll(async () => {
  upstream = await createDemoUpstream();
});
afterAll(() => upstream.close());

const answer = "Hello there [demo tokens=8 filter]";
const prompt = "Hello there [demo filter=prompt]";

test("the directive says what the filter objects to", () => {
  expect(parseDirective("[demo filter]").directive).toEqual({ filter: "answer" });
  expect(parseDirective("[demo filter=answer]").directive).toEqual({ filter: "answer" });
  expect(parseDirective("[demo filter=prompt]").directive).toEqual({ filter: "prompt" });
  expect(parseDirective("[demo filter=all]")).toEqual({ directive: {}, text: "filter=all" });
});

describe("an answer that is filtered", () => {
  test("breaks off in OpenAI's format", async () => {
    const whole = await postOpenai(upstream, ask(answer));
    expect([whole.status, parse(whole.text)]).toMatchObject([
      200,
      {
        choices: [
          { finish_reason: "content_filter", message: { content: expect.stringContaining("This is") } },
        ],
        usage: { completion_tokens: 4 },
      },
    ]);
    const events = readSse((await postOpenai(upstream, ask(answer, { stream: true }))).text);
    expect(events.at(-1)?.data).toBe("[DONE]");
    expect(events.at(-2)?.data).toMatchObject({ choices: [{ delta: {}, finish_reason: "content_filter" }] });
  });

  test("is a refusal in Anthropic's format", async () => {
    const whole = parse((await postAnthropic(upstream, ask(answer))).text);
    expect(whole).toMatchObject({
      content: [{ type: "text" }],
      stop_reason: "refusal",
      stop_sequence: null,
      stop_details: { type: "refusal" },
      usage: { output_tokens: 4 },
    });
    const events = readSse((await postAnthropic(upstream, ask(answer, { stream: true }))).text);
    expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: "refusal" } });
    expect(events.at(-1)?.event).toBe("message_stop");
  });

  test("has no content in Gemini's format, but what was streamed before", async () => {
    const gemini = createGeminiClient(upstream);
    const whole = await gemini.reply(askGemini(answer));
    expect(whole).toMatchObject({ candidates: [{ content: {}, finishReason: "SAFETY" }] });
    expect(textOf([whole])).toBe("");
    const events = await gemini.stream(askGemini(answer));
    expect(textOf(events)).toBe("This is the demo");
    expect(events.at(-1)).toMatchObject({
      candidates: [{ finishReason: "SAFETY", safetyRatings: [{ blocked: true }, {}] }],
      usageMetadata: { candidatesTokenCount: 4 },
    });
  });

  test("may break off in its thoughts", async () => {
    const gemini = createGeminiClient(upstream);
    const thinking = { generationConfig: { thinkingConfig } };
    const events = await gemini.stream(askGemini(`Think well ${answer}`, thinking));
    expect(events.at(-1)).toMatchObject({ candidates: [{ finishReason: "SAFETY" }] });
    const whole = await gemini.reply(askGemini(`Think well ${answer}`, thinking));
    expect(whole).toMatchObject({ usageMetadata: { thoughtsTokenCount: expect.any(Number) } });
  });
});

describe("a prompt that is filtered", () => {
  test("is refused in OpenAI's format", async () => {
    for (const stream of [false, true]) {
      const { status, text } = await postOpenai(upstream, ask(prompt, { stream }));
      expect([status, parse(text)]).toMatchObject([
        400,
        { error: { type: "invalid_request_error", param: "prompt", code: "content_filter" } },
      ]);
    }
  });

  test("is a refusal without content in Anthropic's format", async () => {
    expect(parse((await postAnthropic(upstream, ask(prompt))).text)).toMatchObject({
      content: [],
      stop_reason: "refusal",
      usage: { output_tokens: 0 },
    });
    const events = readSse((await postAnthropic(upstream, ask(prompt, { stream: true }))).text);
    expect(events.map(({ event }) => event)).toEqual(["message_start", "message_delta", "message_stop"]);
  });

  test("has feedback and no candidates in Gemini's format", async () => {
    const gemini = createGeminiClient(upstream);
    const blocked = {
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: expect.any(Number) },
      modelVersion: "demo-chat-2026-01-01",
    };
    const whole = await gemini.reply(askGemini(prompt));
    expect(whole).toMatchObject(blocked);
    expect(whole).not.toHaveProperty("candidates");
    const events = await gemini.stream(askGemini(prompt));
    expect(events).toMatchObject([blocked]);
    expect(events[0]).not.toHaveProperty("candidates");
  });

  test("fails with its fault first", async () => {
    const { status } = await postOpenai(upstream, ask("[demo filter=prompt fault=status:503]"));
    expect(status).toBe(503);
  });
});
