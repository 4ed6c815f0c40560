// What the other makers and servers of the family do on the wire, habit by habit, as recorded traffic shows it.

import { describe, expect, test } from "vitest";
import { readOpenAiError } from "../../../../src/providers/openai/errors.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import {
  compatibleMember,
  deepSeekMember,
  mistralMember,
  openAiMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { chunk, finish, finishOf, partsOf, read, readBody, usageOf } from "./read-chunks.ts";

const errorOf = (status: number, body: unknown, member: FamilyMember, headers = {}) =>
  readOpenAiError({ status, headers, text: typeof body === "string" ? body : JSON.stringify(body) }, member);
const calls = (...entries: readonly object[]) => chunk({ tool_calls: entries });
const body = (...chunks: readonly object[]) =>
  chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("");

/** A thought of Mistral's. */
const thinking = (text: string) => ({ type: "thinking", thinking: [{ type: "text", text }] });
/** What Perplexity repeats in every chunk. */
const beside = (completion: number) => ({
  usage: { prompt_tokens: 8, completion_tokens: completion },
  citations: ["https://a.example", "https://b.example"],
  search_results: [{ url: "https://a.example", title: "A", snippet: "a" }],
});
/** A piece of Together's. */
const piece = (content: string) => chunk({ content, token_id: 16 }, { text: content, seed: null });

describe("Mistral", () => {
  test("content becomes a list when the model thinks", () => {
    const { events } = read(
      [
        chunk({ role: "assistant", content: "" }),
        chunk({ content: [thinking("12 ×")] }),
        chunk({
          content: [
            { ...thinking(" 12"), closed: true },
            { type: "text", text: "1" },
          ],
        }),
        { ...chunk({ content: "44" }), p: "abcdefgh" },
        finish("stop"),
        "[DONE]",
      ],
      mistralMember,
    );
    expect(partsOf(events)).toEqual(["reasoning: 12 × 12", "text: 144"]);
  });

  test("tool calls lack an index, and a later delta has no name", () => {
    const { events } = read(
      [
        calls({ id: "a", function: { name: "f", arguments: '{"x":' } }),
        calls({ id: "", function: { name: "", arguments: "1}" } }),
        calls({ id: "b", function: { name: "g", arguments: "{}" } }),
        finish("tool_calls"),
        "[DONE]",
      ],
      mistralMember,
    );
    expect(partsOf(events)).toEqual(['a f({"x":1})', "b g({})"]);
  });

  test("401 is a detail, 422 a list of faults, an unknown model a type", () => {
    expect(errorOf(401, { detail: "Unauthorized" }, mistralMember)).toMatchObject({
      failure: "authentication",
    });
    const detail = [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }];
    for (const told of [{ detail }, { object: "error", message: { detail }, code: null }]) {
      expect(errorOf(422, told, mistralMember)).toMatchObject({
        failure: "caller_fault",
        message: "Mistral answered with status 422: body.messages: Field required",
      });
    }
    const unknown = { object: "error", message: "Invalid model: m", type: "invalid_model", code: "1500" };
    expect(errorOf(400, unknown, mistralMember).failure).toBe("model_unavailable");
  });

  test("model_length is a length; references that bear an address are citations, others stay as they are", () => {
    const reference = { type: "tool_reference", tool: "web_search", title: "A", url: "https://a.example" };
    const numbers = { type: "reference", reference_ids: [1] };
    const { events } = read(
      [
        chunk({ content: [{ type: "text", text: "Hi" }, reference, numbers] }),
        finish("model_length"),
        "[DONE]",
      ],
      mistralMember,
    );
    expect(partsOf(events)).toEqual([
      "text: Hi",
      "citation: https://a.example",
      `mistral content: ${JSON.stringify(numbers)}`,
    ]);
    expect(finishOf(events)).toEqual(["length", "model_length"]);
  });
});

describe("DeepSeek", () => {
  test("an error is JSON, whatever its content type", () => {
    const error = {
      message: "This model's maximum context length is 1 token.",
      type: "invalid_request_error",
    };
    const headers = { "content-type": "application/octet-stream" };
    expect(errorOf(400, { error }, deepSeekMember, headers).failure).toBe("model_unavailable");
  });

  test("content is null beside reasoning_content; cached tokens have a name of their own", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 8 };
    const { events } = read(
      [
        chunk({ content: null, reasoning_content: "Hm" }),
        chunk({ content: "Hi", reasoning_content: null }),
        { ...finish("stop"), usage },
        "[DONE]",
      ],
      deepSeekMember,
    );
    expect(partsOf(events)).toEqual(["reasoning: Hm", "text: Hi"]);
    expect(usageOf(events)).toMatchObject({ input: { total: 10, uncached: 2, cacheRead: 8 } });
  });

  test("an answer that its servers gave up is one of an overloaded vendor", () => {
    const { error } = read([chunk({ content: "H" }), finish("insufficient_system_resource")], deepSeekMember);
    expect(error).toMatchObject({ failure: "overloaded" });
  });
});

describe("compatible servers", () => {
  test("tool indices start at 1", () => {
    const { events } = read(
      [
        calls({ index: 1, id: "a", function: { name: "f", arguments: "{}" } }),
        calls({ index: 2, id: "b", function: { name: "g", arguments: "{}" } }),
        "[DONE]",
      ],
      compatibleMember,
    );
    expect(partsOf(events)).toEqual(["a f({})", "b g({})"]);
  });

  test("a later delta has an empty id, arguments that are null, or an id of its own", () => {
    const { events } = read(
      [
        calls({ index: 0, id: "a", function: { name: "f", arguments: null } }),
        calls({ index: 0, id: "", function: { name: "f", arguments: '{"x"' } }),
        calls({ index: 0, id: "another", function: { name: null, arguments: ":1}" } }),
        "[DONE]",
      ],
      compatibleMember,
    );
    expect(partsOf(events)).toEqual(['a f({"x":1})']);
  });

  test("some streams have no finish reason: [DONE] makes them whole, and what they hold tells why", () => {
    const call = calls({ index: 0, id: "a", function: { name: "f", arguments: "{}" } });
    expect(finishOf(read([call, "[DONE]"], compatibleMember).events)).toEqual(["tool_calls", undefined]);
    expect(finishOf(read([chunk({ content: "Hi" }), "[DONE]"], compatibleMember).events)).toEqual([
      "stop",
      undefined,
    ]);
  });

  test("others end with eos", () => {
    const { events } = read([chunk({ content: "Hi" }), finish("eos"), "[DONE]"], compatibleMember);
    expect(finishOf(events)).toEqual(["stop", "eos"]);
  });

  test("Perplexity ends lines with CRLF, repeats usage and sources in every chunk, and sends no [DONE]", () => {
    const whole = {
      model: "sonar",
      choices: [
        {
          index: 0,
          message: { content: "1 2" },
          delta: { content: "" },
          finish_reason: "stop",
        },
      ],
      ...beside(2),
    };
    const chunks = [
      { ...chunk({ content: "1" }), ...beside(1) },
      { ...chunk({ content: " 2" }), ...beside(2) },
      whole,
    ];
    const { events, complete } = readBody(body(...chunks).replaceAll("\n", "\r\n"), compatibleMember);
    expect(complete).toBe(true);
    expect(partsOf(events)).toEqual([
      "text: 1 2",
      "citation: https://a.example",
      "citation: https://b.example",
    ]);
    expect(usageOf(events)).toMatchObject({ input: { total: 8 }, output: { total: 2 } });
  });

  test("a whole message behind its pieces says them once more", () => {
    const done = { choices: [{ index: 0, message: { content: "1 2" }, finish_reason: "stop" }] };
    expect(partsOf(read([chunk({ content: "1 2" }), done], compatibleMember).events)).toEqual(["text: 1 2"]);
    expect(partsOf(read([done], compatibleMember).events)).toEqual(["text: 1 2"]);
  });

  test("nor does gpustack: a finish reason makes a stream whole, but nothing less does", () => {
    const text = chunk({ content: "Hi" });
    expect(read([text, finish("stop")], compatibleMember)).toMatchObject({ complete: true });
    expect(read([text], compatibleMember)).toMatchObject({ complete: false });
    // Where the vendor documents [DONE], its absence is a cut.
    expect(read([text, finish("stop")], openAiMember)).toMatchObject({ complete: false });
  });

  test("vLLM tells an error in mid-stream, and the text that ended an answer", () => {
    const error = { object: "error", message: "EngineCore failed", type: "InternalServerError", code: 500 };
    for (const told of [{ error }, error]) {
      expect(read([chunk({ content: "H" }), told, "[DONE]"], compatibleMember).error).toMatchObject({
        failure: "unavailable",
      });
    }
    const stopped = chunk({}, { finish_reason: "stop", stop_reason: "END" });
    expect(read([chunk({ content: "H" }), stopped, "[DONE]"], compatibleMember).events.at(-1)).toMatchObject({
      stopSequence: "END",
    });
  });

  test("errors without an error object, pages of HTML and empty bodies", () => {
    const tooLong = { object: "error", message: "This model's maximum context length is 4096.", code: 400 };
    expect(errorOf(400, tooLong, compatibleMember).failure).toBe("model_unavailable");
    expect(errorOf(404, { detail: "Not Found" }, compatibleMember).failure).toBe("model_unavailable");
    for (const text of ["<html>502</html>", ""]) {
      expect(errorOf(502, text, compatibleMember)).toMatchObject({
        failure: "unavailable",
        message: "The OpenAI-compatible server answered with status 502.",
      });
    }
  });

  test("Together repeats each piece as `text`, with notes on it", () => {
    const { events } = read(
      [
        piece("1"),
        piece(","),
        chunk({ content: "" }, { text: "", seed: 7, finish_reason: "stop" }),
        "[DONE]",
      ],
      compatibleMember,
    );
    expect(partsOf(events)).toEqual(["text: 1,"]);
  });

  test("reasoning under any of its names is read once; thoughts inside the text stay there", () => {
    const { events } = read(
      [
        chunk({ reasoning_text: "a" }),
        chunk({ thinking: "b" }),
        chunk({ reasoning: "c", reasoning_content: "c" }),
        chunk({ content: "<think>d</think>e" }),
        finish("stop"),
      ],
      compatibleMember,
    );
    expect(partsOf(events)).toEqual(["reasoning: abc", "text: <think>d</think>e"]);
  });
});
