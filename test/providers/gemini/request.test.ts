import { expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../src/core/chat/request.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { buildGeminiRequest } from "../../../src/providers/gemini/request.ts";

const hello: Message = { role: "user", parts: [{ type: "text", text: "Hello" }] };

function built(over: Partial<ChatRequest>, model = "gemini-2.5-flash") {
  const { body, losses } = buildGeminiRequest({ messages: [hello], ...over }, { model });
  return { body, losses: losses.map(({ field, detail }) => `${field}: ${detail}`) };
}

const fields = (losses: readonly string[]): readonly string[] =>
  losses.map((loss) => loss.split(": ")[0] ?? "");

/** The contents of a conversation, without its first message. */
const turns = (messages: readonly Message[], model?: string) => {
  const { body, losses } = built({ messages: [hello, ...messages] }, model);
  return { contents: body.contents.slice(1), losses };
};

const assistant = (...parts: readonly Part[]): Message => ({ role: "assistant", parts });
const toolResult = (toolCallId: string, text: string, isError?: boolean): Message => ({
  role: "tool",
  parts: [{ type: "tool_result", toolCallId, content: [{ type: "text", text }], isError }],
});
const call = (id: string, over: object = {}): Part => ({
  type: "tool_call",
  id,
  name: `tool_${id}`,
  argumentsJson: '{"a":1}',
  ...over,
});

test("a plain request is its text alone", () => {
  expect(built({})).toEqual({
    body: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
    losses: [],
  });
});

test("system texts go to the front, with a loss where they stood behind", () => {
  const { body, losses } = built({
    messages: [
      { role: "system", parts: [{ type: "text", text: "Be brief" }] },
      hello,
      { role: "system", parts: [{ type: "text", text: "Be kind" }] },
    ],
  });
  expect(body.systemInstruction).toEqual({ parts: [{ text: "Be brief" }, { text: "Be kind" }] });
  expect(body.contents).toHaveLength(1);
  expect(fields(losses)).toEqual(["messages[2]"]);
});

test("system text is the user's first for models without a place for it", () => {
  const messages: readonly Message[] = [
    { role: "system", parts: [{ type: "text", text: "Be brief" }] },
    hello,
  ];
  const { body, losses } = built({ messages }, "gemma-3-27b-it");
  expect(body).toEqual({
    contents: [{ role: "user", parts: [{ text: "Be brief" }, { text: "Hello" }] }],
  });
  expect(fields(losses)).toEqual(["messages[0]"]);
  expect(built({ messages }, "gemma-4-31b-it").body.systemInstruction).toBeDefined();
});

test("neighbours of one role are one turn, with results of tools first", () => {
  const { contents } = turns([
    assistant(call("1")),
    assistant(call("2")),
    toolResult("1", "one"),
    hello,
    toolResult("2", "two"),
  ]);
  expect(contents.map(({ role, parts }) => [role, parts.map((part) => Object.keys(part)[0])])).toEqual([
    ["model", ["functionCall", "functionCall"]],
    ["user", ["functionResponse", "functionResponse", "text"]],
  ]);
});

test("empty texts and names of speakers are left out", () => {
  const named: Message = { ...hello, name: "Ada", parts: [{ type: "text", text: "" }, ...hello.parts] };
  const { body, losses } = built({ messages: [named] });
  expect(body.contents[0]?.parts).toEqual([{ text: "Hello" }]);
  expect(fields(losses)).toEqual(["messages[0].name"]);
});

test.each<[string, boolean | undefined, unknown]>([
  ['{"temperature":3}', undefined, { temperature: 3 }],
  ["warm", undefined, { output: "warm" }],
  ["[1]", undefined, { output: "[1]" }],
  ['{"output":"x","code":0}', undefined, { output: { output: "x", code: 0 } }],
  ['{"id":12345678901234567890}', undefined, { output: '{"id":12345678901234567890}' }],
  ["no such city", true, { error: "no such city" }],
  ['{"code":404}', true, { error: { code: 404 } }],
])("a tool's result %s, failed: %s", (text, isError, response) => {
  const { contents, losses } = turns([assistant(call("1")), toolResult("1", text, isError)]);
  expect(contents[1]?.parts).toEqual([{ functionResponse: { id: "1", name: "tool_1", response } }]);
  expect(losses).toEqual([]);
});

test("a result of no known call is named by its id", () => {
  const { contents, losses } = turns([toolResult("9", "x")]);
  expect(contents).toEqual([]);
  expect(fields(losses)).toEqual(["messages[1].parts[0]"]);
  expect(built({ messages: [toolResult("9", "x")] }).body.contents[0]?.parts[0]).toMatchObject({
    functionResponse: { id: "9", name: "9" },
  });
});

const image: Part = { type: "image", source: { data: "AAAA", mediaType: "image/PNG" } };
const imageResult: Message = {
  role: "tool",
  parts: [{ type: "tool_result", toolCallId: "1", content: [{ type: "text", text: "see" }, image] }],
};

test("Gemini 3 takes an image inside a result, older models beside it", () => {
  const inlineData = { mimeType: "image/png", data: "AAAA" };
  const signed = call("1", { signature: "c2ln", vendor: "gemini" });
  const newer = turns([assistant(signed), imageResult], "gemini-3-flash-preview");
  expect(newer.contents[1]?.parts).toEqual([
    { functionResponse: { id: "1", name: "tool_1", response: { output: "see" }, parts: [{ inlineData }] } },
  ]);
  expect(newer.losses).toEqual([]);
  const older = turns([assistant(signed), imageResult]);
  expect(older.contents[1]?.parts).toEqual([
    { functionResponse: { id: "1", name: "tool_1", response: { output: "see" } } },
    { inlineData },
  ]);
  expect(fields(older.losses)).toEqual(["messages[2].parts[0].content[1]"]);
});

test("an image of a type that results cannot hold stands beside its result", () => {
  const gif = { type: "image", source: { data: "AAAA", mediaType: "image/gif" } } as const;
  const result: Message = {
    role: "tool",
    parts: [{ type: "tool_result", toolCallId: "1", content: [gif] }],
  };
  const signed = call("1", { signature: "c2ln", vendor: "gemini" });
  const { contents, losses } = turns([assistant(signed), result], "gemini-3-flash-preview");
  expect(contents[1]?.parts).toEqual([
    { functionResponse: { id: "1", name: "tool_1", response: { output: "" } } },
    { inlineData: { mimeType: "image/gif", data: "AAAA" } },
  ]);
  expect(fields(losses)).toEqual(["messages[2].parts[0].content[0]"]);
});

test("the detail of an image is a resolution from Gemini 3 on", () => {
  const detailed: Message = { role: "user", parts: [{ ...image, detail: "high" }] };
  const newer = built({ messages: [detailed] }, "gemini-3-flash-preview");
  expect(newer.body.contents[0]?.parts).toEqual([
    {
      inlineData: { mimeType: "image/png", data: "AAAA" },
      mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" },
    },
  ]);
  expect(newer.losses).toEqual([]);
  expect(fields(built({ messages: [detailed] }).losses)).toEqual(["messages[0].parts[0].detail"]);
});

test("images and files as data or by address, their type guessed from the address", () => {
  const { body, losses } = built({
    messages: [
      {
        role: "user",
        parts: [
          { ...image, detail: "low" },
          { type: "image", source: { url: "https://e.org/a/b.JPG?x=1" } },
          {
            type: "file",
            source: { url: "https://e.org/x", mediaType: "application/pdf" },
            filename: "x.pdf",
          },
          { type: "file", source: { url: "https://e.org/watch" } },
        ],
      },
    ],
  });
  expect(body.contents[0]?.parts).toEqual([
    { inlineData: { mimeType: "image/png", data: "AAAA" } },
    { fileData: { fileUri: "https://e.org/a/b.JPG?x=1", mimeType: "image/jpeg" } },
    { fileData: { fileUri: "https://e.org/x", mimeType: "application/pdf" } },
    { fileData: { fileUri: "https://e.org/watch" } },
  ]);
  expect(fields(losses)).toEqual(["messages[0].parts[0].detail", "messages[0].parts[2].filename"]);
});

const reasoning = (text: string, signature: string): Part => ({
  type: "reasoning",
  text,
  signature,
  vendor: "gemini",
});

test("signatures go back to where they came from", () => {
  const { contents, losses } = turns([
    assistant(
      reasoning("thinking", "s1"),
      reasoning("", "s2"),
      { type: "text", text: "answer" },
      reasoning("", "s3"),
      call("1", { signature: "s4", vendor: "gemini" }),
      reasoning("", "s5"),
    ),
  ]);
  expect(contents[0]?.parts).toEqual([
    { text: "thinking", thought: true, thoughtSignature: "s1" },
    { text: "answer", thoughtSignature: "s2" },
    { text: "", thoughtSignature: "s3" },
    { functionCall: { id: "1", name: "tool_1", args: { a: 1 } }, thoughtSignature: "s4" },
    { text: "", thoughtSignature: "s5" },
  ]);
  expect(losses).toEqual([]);
});

test("reasoning without a signature of Gemini's is dropped with a loss", () => {
  const { contents, losses } = turns([
    assistant(
      { type: "reasoning", text: "mine", signature: "s", vendor: "anthropic" },
      { type: "reasoning", text: "unproved" },
      { type: "reasoning", text: "", redactedData: "x" },
      { type: "text", text: "answer" },
    ),
  ]);
  expect(contents[0]?.parts).toEqual([{ text: "answer" }]);
  expect(fields(losses)).toEqual([0, 1, 2].map((i) => `messages[1].parts[${i}]`));
});

test("a call made elsewhere has the documented mark for Gemini 3, and only the first one of a turn", () => {
  const messages = [
    assistant(call("1", { signature: "s", vendor: "anthropic" }), call("2")),
    toolResult("1", "x"),
    assistant(call("3", { signature: "own", vendor: "gemini" }), call("4")),
  ];
  const marks = (model: string) => {
    const { contents, losses } = turns(messages, model);
    const parts = contents.flatMap((content) => content.parts);
    return {
      marks: parts.flatMap((part) =>
        "functionCall" in part ? [[part.functionCall.id, part.thoughtSignature ?? ""]] : [],
      ),
      losses: fields(losses),
    };
  };
  expect(marks("gemini-3-pro-preview")).toEqual({
    marks: [
      ["1", "skip_thought_signature_validator"],
      ["2", ""],
      ["3", "own"],
      ["4", ""],
    ],
    losses: ["messages[1].parts[0].signature"],
  });
  expect(marks("gemini-2.5-pro")).toMatchObject({ losses: [] });
  expect(marks("gemini-flash-latest").losses).toHaveLength(1);
});

test("arguments that are no object are wrapped with a loss, none are an empty object", () => {
  const { contents, losses } = turns([
    assistant(call("1", { argumentsJson: "[1" }), call("2", { argumentsJson: " " })),
  ]);
  expect(contents[0]?.parts).toMatchObject([
    { functionCall: { args: { arguments: "[1" } } },
    { functionCall: { args: {} } },
  ]);
  expect(fields(losses)).toEqual(["messages[1].parts[0].argumentsJson"]);
});

const tools = [{ name: "f", description: "d", parameters: { type: "object" } }];

test("tools as declarations with JSON Schemas", () => {
  const { body, losses } = built({
    tools: [...tools, { name: "g", strict: true }],
    parallelToolCalls: false,
  });
  expect(body.tools).toEqual([
    {
      functionDeclarations: [
        { name: "f", description: "d", parametersJsonSchema: { type: "object" } },
        { name: "g" },
      ],
    },
  ]);
  expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: "VALIDATED" } });
  expect(fields(losses)).toEqual(["parallelToolCalls"]);
});

test("a tool that asks for it holds all calls to their schemas, where the model can", () => {
  const strict = [...tools, { name: "g", strict: true }];
  const sent = (over: Partial<ChatRequest>, model?: string) => {
    const { body, losses } = built({ tools: strict, ...over }, model);
    return [body.toolConfig?.functionCallingConfig.mode, fields(losses)];
  };
  expect(sent({ toolChoice: { type: "auto" } })).toEqual(["VALIDATED", []]);
  expect(sent({ toolChoice: { type: "required" } })).toEqual(["ANY", []]);
  expect(sent({ tools })).toEqual([undefined, []]);
  expect(sent({}, "gemini-2.0-flash")).toEqual([undefined, ["tools[1].strict"]]);
});

test.each<[ChatRequest["toolChoice"], unknown]>([
  [{ type: "auto" }, { mode: "AUTO" }],
  [{ type: "none" }, { mode: "NONE" }],
  [{ type: "required" }, { mode: "ANY" }],
  [
    { type: "tool", name: "f" },
    { mode: "ANY", allowedFunctionNames: ["f"] },
  ],
])("the choice %j", (toolChoice, functionCallingConfig) => {
  expect(built({ tools, toolChoice }).body.toolConfig).toEqual({ functionCallingConfig });
  expect(built({ toolChoice }).body.toolConfig).toBeUndefined();
});

test("a schema goes out whole; what Gemini does not hold to is a loss", () => {
  const properties = {
    pattern: { type: "string", pattern: "^a" },
    kind: { const: "a" },
    node: { $ref: "#/$defs/node", description: "d" },
    list: { type: "array", items: { type: "integer", exclusiveMinimum: 0 } },
  };
  const schema: JsonObject = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties,
    $defs: { node: { anyOf: [{ type: "null" }, { not: { type: "string" } }] } },
  };
  const { body, losses } = built({ responseFormat: { type: "json_schema", name: "n", schema } });
  expect(body.generationConfig).toEqual({
    responseMimeType: "application/json",
    responseJsonSchema: {
      ...schema,
      properties: { ...properties, kind: { enum: ["a"] }, node: { $ref: "#/$defs/node" } },
    },
  });
  expect(losses).toEqual([
    "responseFormat.schema: Gemini does not hold to pattern, exclusiveMinimum, not in a schema.",
    "responseFormat.schema: description beside $ref was left out: Gemini takes nothing there.",
  ]);
});

test("formats of the answer, and their losses", () => {
  expect(built({ responseFormat: { type: "text" } }).body.generationConfig).toBeUndefined();
  expect(built({ responseFormat: { type: "json" } }).body.generationConfig).toEqual({
    responseMimeType: "application/json",
  });
  const format = { type: "json_schema", name: "n", description: "d", schema: {}, strict: false } as const;
  expect(fields(built({ responseFormat: format }).losses)).toEqual([
    "responseFormat.description",
    "responseFormat.strict",
  ]);
});

test("beside tools only Gemini 3 takes a format", () => {
  const request = { tools, responseFormat: { type: "json" } } as const;
  expect(built(request, "gemini-3-flash-preview").body.generationConfig).toBeDefined();
  const { body, losses } = built(request);
  expect(body.generationConfig).toBeUndefined();
  expect(fields(losses)).toEqual(["responseFormat"]);
  expect(built({ ...request, toolChoice: { type: "none" } }).losses).toEqual([]);
});

test("sampling, limits and stop sequences", () => {
  const sampling = {
    temperature: 0,
    topP: 0.5,
    topK: 3,
    seed: 7,
    frequencyPenalty: 1,
    presencePenalty: -1,
  };
  const { body, losses } = built({ sampling, maxOutputTokens: 9, stop: ["a", "b", "c", "d", "e", "f"] });
  expect(body.generationConfig).toEqual({
    ...sampling,
    maxOutputTokens: 9,
    stopSequences: ["a", "b", "c", "d", "e"],
  });
  expect(fields(losses)).toEqual(["stop[5]"]);
  expect(fields(built({ sampling: { seed: 2 ** 31 } }).losses)).toEqual(["sampling.seed"]);
});

test("labels and cache hints leave no trace", () => {
  const hinted: Message = { role: "user", parts: [{ type: "text", text: "Hello", cacheHint: "long" }] };
  expect(built({ messages: [hinted], labels: { team: "x" } })).toEqual(built({}));
});

test("the caller's own options are joined in, and never win over the request", () => {
  const { body, losses } = built({
    tools,
    sampling: { temperature: 1 },
    toolChoice: { type: "auto" },
    providerOptions: {
      gemini: {
        safetySettings: [{ category: "c" }],
        contents: [],
        tools: [{ googleSearch: {} }],
        toolConfig: { includeServerSideToolInvocations: true, functionCallingConfig: { mode: "ANY" } },
        generationConfig: { temperature: 2, responseLogprobs: true, candidateCount: 2 },
      },
      openai: { x: 1 },
    },
  });
  expect(body).toMatchObject({
    contents: [{ role: "user" }],
    safetySettings: [{ category: "c" }],
    tools: [{ functionDeclarations: [{ name: "f" }] }, { googleSearch: {} }],
    toolConfig: { includeServerSideToolInvocations: true, functionCallingConfig: { mode: "AUTO" } },
    generationConfig: { temperature: 1, responseLogprobs: true },
  });
  expect(body).not.toHaveProperty("x");
  expect(body.generationConfig).not.toHaveProperty("candidateCount");
  expect(fields(losses)).toEqual(
    [
      "contents",
      "toolConfig.functionCallingConfig.mode",
      "generationConfig.temperature",
      "generationConfig.candidateCount",
    ].map((name) => `providerOptions.gemini.${name}`),
  );
});

test("only one candidate can be asked for, whatever the request sets itself", () => {
  const generationConfig = {
    candidateCount: 2,
    responseJsonSchema: { properties: { candidateCount: { type: "integer" } } },
  };
  const { body, losses } = built({ providerOptions: { gemini: { generationConfig } } });
  expect(body.generationConfig).toEqual({ responseJsonSchema: generationConfig.responseJsonSchema });
  expect(fields(losses)).toEqual(["providerOptions.gemini.generationConfig.candidateCount"]);
});

test("newer models take no penalties", () => {
  const sampling = { frequencyPenalty: 1, presencePenalty: 0 };
  const { body, losses } = built({ sampling }, "gemini-3.8-flash");
  expect(body.generationConfig).toBeUndefined();
  expect(fields(losses)).toEqual(["sampling.frequencyPenalty"]);
  expect(built({ sampling }, "gemini-3-flash-preview").body.generationConfig).toEqual(sampling);
});
