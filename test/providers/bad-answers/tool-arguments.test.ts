// Arguments of tool calls that are no JSON object: they are handed on as they came, for the caller to judge.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenRule } from "../recorded/check-sequence.ts";
import { startAnsweringServer } from "./answering-server.ts";
import type { AnsweringServer, Outcome } from "./answering-server.ts";
import { json } from "./encode.ts";
import { wireFormats } from "./formats.ts";

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

const texts: readonly (readonly [string, string])[] = [
  ["words", "no JSON at all"],
  ["cut", '{"city": "Zür'],
  ["two objects", '{"a": 1}{"b": 2}'],
  ["a list", "[1, 2]"],
  ["a number", "7"],
  ["a text in JSON", '"Zürich"'],
  ["null", "null"],
  ["half a character", '{"a": "\\ud83d"}'],
  ["a page", "<html></html>"],
  ["a code fence", '```json\n{"a": 1}\n```'],
];

const values: readonly (readonly [string, unknown])[] = [
  ["an object", { city: "Zürich" }],
  ["a list", [1, { a: null }]],
  ["a number", 7],
  ["true", true],
];

function callIn({ events, failure }: Outcome): { readonly name: string; readonly written: string } {
  expect(failure).toBeUndefined();
  expect(brokenRule({ events, failure })).toBeUndefined();
  const [call, ...more] = events.flatMap((event) =>
    event.type === "part_started" && event.part.kind === "tool_call"
      ? [{ name: event.part.name, index: event.index }]
      : [],
  );
  if (call === undefined || more.length > 0) throw new Error("not one tool call");
  const pieces = events.flatMap((event) =>
    event.type === "part_delta" && event.index === call.index ? [event.text] : [],
  );
  return { name: call.name, written: pieces.join("") };
}

describe.each(wireFormats)("arguments of $name", (format) => {
  test.each(texts)("that are %s reach the caller unchanged", async (_name, callArguments) => {
    server.answerWith({ type: format.streamType, body: format.stream({ callArguments }) });
    const streamed = callIn(await server.ask(format, "streamed"));
    // Where the vendor gives arguments as a value, a text is a value too.
    const asValue = [callArguments, JSON.stringify(callArguments)];
    expect(streamed.name).toBe("look_up");
    expect(asValue).toContain(streamed.written);
    server.answerWith({ type: "application/json", body: json(format.whole({ callArguments })) });
    expect(asValue).toContain(callIn(await server.ask(format, "unary")).written);
  });

  test.each(values)("that are %s in the place of a text are written as JSON", async (_name, value) => {
    server.answerWith({ type: "application/json", body: json(format.whole({ callArguments: value })) });
    expect(callIn(await server.ask(format, "unary")).written).toBe(JSON.stringify(value));
  });

  test("that are nested too deep break the reply", async () => {
    const nest = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const body = json(format.whole({ callArguments: ["deep"] })).replace('"deep"', nest);
    server.answerWith({ type: "application/json", body });
    const { failure } = await server.ask(format, "unary");
    expect(failure?.failure).toBe("broken_reply");
  });
});
