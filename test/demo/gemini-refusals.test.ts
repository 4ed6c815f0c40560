import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { ask, createGeminiClient, type GeminiClient, key, tools, weather } from "./gemini-client.ts";
import { parse, post } from "./post.ts";

let upstream: DemoUpstream;
let gemini: GeminiClient;
beforeEach(async () => {
  upstream = await createDemoUpstream();
  gemini = createGeminiClient(upstream);
});
afterEach(() => upstream.close());

function contents(...list: object[]): object {
  return { contents: list };
}

function config(fields: object): object {
  return ask("x", { generationConfig: fields });
}

function declared(...list: object[]): object {
  return ask("x", { tools: [{ functionDeclarations: list }] });
}

describe("a request that the vendor would refuse", () => {
  const call = { functionCall: { name: "f", args: {} } };
  const result = { functionResponse: { name: "f", response: {} } };
  const user = { role: "user", parts: [{ text: "x" }] };
  const star = "* GenerateContentRequest.";
  const refused: [string, unknown, string][] = [
    ["no contents", {}, `${star}contents: contents is not specified\n`],
    ["a list", [], 'Invalid JSON payload received. Unknown name "": Root element must be a message.'],
    ["broken JSON", '{"contents":', "Invalid JSON payload received. Unable to parse the body as JSON."],
    ["another role", contents({ ...user, role: "system" }), "Please use a valid role: user, model."],
    [
      "no parts",
      contents({ role: "user", parts: [] }),
      `${star}contents[0].parts: contents.parts must not be empty.\n`,
    ],
    [
      "an empty part",
      contents({ parts: [{ thought: true }] }),
      `${star}contents[0].parts[0].data: required oneof field 'data' must have one initialized field\n`,
    ],
    [
      "a part of two kinds",
      contents({ parts: [{ text: "x", inlineData: { mimeType: "image/png", data: "AAAA" } }] }),
      "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'inlineData'",
    ],
    [
      "a call without a name",
      contents(user, { role: "model", parts: [{ functionCall: {} }] }),
      `${star}contents[1].parts[0].function_call.name: Name cannot be empty.\n`,
    ],
    [
      "an image without a type",
      contents({ parts: [{ inlineData: { data: "AAAA" } }] }),
      "Unsupported MIME type: ",
    ],
    [
      "an image without data",
      contents({ parts: [{ fileData: { mimeType: "image/png" } }] }),
      "Unable to process input image.",
    ],
    [
      "a call that nobody asked for",
      contents({ role: "model", parts: [call] }, { role: "user", parts: [result] }),
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
    ],
    [
      "an orphaned result",
      contents(user, { role: "user", parts: [result] }),
      "Please ensure that function response turn comes immediately after a function call turn.",
    ],
    [
      "a missing result",
      contents(user, { role: "model", parts: [call, call] }, { role: "user", parts: [result] }),
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    ],
    [
      "heat",
      config({ temperature: 3 }),
      `${star}generation_config.temperature: temperature must be in the range [0.0, 2.0].\n`,
    ],
    [
      "a share above one",
      config({ topP: 2 }),
      `${star}generation_config.top_p: top_p must be in the range [0.0, 1.0].\n`,
    ],
    ["no choice", config({ topK: 0 }), `${star}generation_config.top_k: top_k must be positive.\n`],
    [
      "no room",
      config({ maxOutputTokens: 0 }),
      `${star}generation_config.max_output_tokens: max_output_tokens must be positive.\n`,
    ],
    [
      "six stop sequences",
      config({ stopSequences: ["1", "2", "3", "4", "5", "6"] }),
      `${star}generation_config.stop_sequences: there must be at most 5 stop sequences.\n`,
    ],
    [
      "an empty stop sequence",
      config({ stopSequences: [""] }),
      `${star}generation_config.stop_sequences: stop sequences must not be empty.\n`,
    ],
    ["two candidates", config({ candidateCount: 2 }), "Multiple candidates is not enabled for this model"],
    [
      "another format",
      config({ responseMimeType: "image/png" }),
      `${star}generation_config.response_mime_type: allowed mimetypes are \`text/plain\` and \`application/json\`.\n`,
    ],
    [
      "a schema for text",
      config({ responseSchema: { type: "STRING" } }),
      `${star}generation_config.response_mime_type: response_mime_type must be application/json when a response schema is set.\n`,
    ],
    [
      "two schemas",
      config({ responseMimeType: "application/json", responseSchema: {}, responseJsonSchema: {} }),
      "Only one of response_schema and response_json_schema may be set.",
    ],
    [
      "two measures of thinking",
      config({ thinkingConfig: { thinkingBudget: 1, thinkingLevel: "LOW" } }),
      "You can only set only one of thinking budget and thinking level.",
    ],
    [
      "too much thinking",
      config({ thinkingConfig: { thinkingBudget: 99_999 } }),
      "The thinking budget 99999 is invalid. Please choose a value between 0 and 32768.",
    ],
    [
      "thoughts without thinking",
      config({ thinkingConfig: { thinkingBudget: 0, includeThoughts: true } }),
      `${star}generation_config.thinking_config.include_thoughts: include_thoughts is only enabled when thinking is enabled.\n`,
    ],
    [
      "a tool's name",
      declared({ name: "1 tool" }),
      `${star}tools[0].function_declarations[0].name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n`,
    ],
    ["a tool twice", declared(weather, weather), "Duplicate function declaration found: get_weather"],
    [
      "a tool with two schemas",
      declared({ ...weather, parametersJsonSchema: {} }),
      `${star}tools[0].function_declarations[0]: parameters and parameters_json_schema must not both be set.\n`,
    ],
    [
      "a forced call without tools",
      ask("x", { toolConfig: { functionCallingConfig: { mode: "ANY" } } }),
      "Function calling config is set without function_declarations.",
    ],
    [
      "names for free calls",
      ask("x", { tools, toolConfig: { functionCallingConfig: { allowedFunctionNames: ["get_weather"] } } }),
      "Allowed function names should only be set when function calling mode is ANY or VALIDATED.",
    ],
    [
      "an unknown name",
      ask("x", {
        tools,
        toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
      }),
      `${star}tool_config.function_calling_config.allowed_function_names: f is not among the function declarations.\n`,
    ],
  ];
  test.each(refused)("%s", async (_name, body, message) => {
    const { status, text, headers } = await gemini.generate(body);
    expect(status).toBe(400);
    expect(headers.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(parse(text)).toEqual({ error: { code: 400, message, status: "INVALID_ARGUMENT" } });
  });

  test("names every field that it does not know, and every value of a wrong type", async () => {
    const parameters = {
      type: "OBJECT",
      properties: { a: { type: ["string"] }, b: { type: "null!", const: 1 } },
    };
    const body = {
      ...ask("x", { tools: [{ functionDeclarations: [{ name: "f", parameters }] }] }),
      max_tokens: 5,
      generationConfig: { temperature: "warm", maxTokens: 1, stopSequences: [1], responseLogprobs: "yes" },
      systemInstruction: "rule",
      toolConfig: { functionCallingConfig: { mode: "SOMETIMES" } },
    };
    const answer = await gemini.reply(body);
    const unknown = "Invalid JSON payload received. Unknown name";
    const type = "type.googleapis.com/google.ai.generativelanguage.v1beta.";
    const schema = "tools[0].function_declarations[0].parameters.properties";
    const descriptions = [
      `${unknown} "type" at '${schema}[0].value.type': Proto field is not repeating, cannot start list.`,
      `Invalid value at '${schema}[1].value.type' (${type}Type), "null!"`,
      `${unknown} "const" at '${schema}[1].value': Cannot find field.`,
      `${unknown} "max_tokens": Cannot find field.`,
      `Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "warm"`,
      `${unknown} "maxTokens" at 'generation_config': Cannot find field.`,
      `Invalid value at 'generation_config.stop_sequences[0]' (TYPE_STRING), 1`,
      `Invalid value at 'generation_config.response_logprobs' (TYPE_BOOL), "yes"`,
      `Invalid value at 'system_instruction' (${type}Content), "rule"`,
      `Invalid value at 'tool_config.function_calling_config.mode' (${type}FunctionCallingConfig.Mode), "SOMETIMES"`,
    ];
    expect(answer).toMatchObject({
      error: {
        code: 400,
        message: descriptions.join("\n"),
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            fieldViolations: descriptions.map((description) => ({ description })),
          },
        ],
      },
    });
  });

  test("is bounded in its depth", async () => {
    let parameters: object = { type: "STRING" };
    for (let depth = 0; depth < 200; depth += 1) parameters = { type: "ARRAY", items: parameters };
    expect(await gemini.reply(declared({ name: "f", parameters }))).toMatchObject({
      error: { message: "Invalid JSON payload received. JSON nesting is too deep." },
    });
  });

  test("bytes that are no base64", async () => {
    const parts = [{ inlineData: { mimeType: "image/png", data: "no base64!" } }];
    expect(await gemini.reply({ contents: [{ parts }] })).toMatchObject({
      error: {
        message: `Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), "no base64!"`,
      },
    });
  });

  test("an unknown model, cache, method or format of a stream", async () => {
    const lost = await gemini.generate(ask("x"), "gemini-0");
    expect([lost.status, parse(lost.text)]).toMatchObject([
      404,
      { error: { status: "NOT_FOUND", message: expect.stringContaining("models/gemini-0 is not found") } },
    ]);
    const cached = await gemini.generate(ask("x", { cachedContent: "cachedContents/1" }));
    expect([cached.status, parse(cached.text)]).toMatchObject([
      403,
      { error: { status: "PERMISSION_DENIED" } },
    ]);
    const models = `${upstream.url}/v1beta/models`;
    expect((await post(`${models}/demo-chat:countTokens`, {}, key)).status).toBe(404);
    expect((await post(`${upstream.url}/v1beta/files`, {}, {})).text).toContain("Method not found.");
    const array = await post(`${models}/demo-chat:streamGenerateContent`, ask("x"), key);
    expect([array.status, parse(array.text)]).toMatchObject([
      400,
      { error: { message: expect.stringContaining("?alt=sse") } },
    ]);
  });

  test("a wrong key and a missing one, in the header and in the query", async () => {
    const locked = await createDemoUpstream({ apiKey: "demo" });
    const url = `${locked.url}/v1beta/models/demo-chat:generateContent`;
    const send = async (query: string, headers: Record<string, string>): Promise<unknown> => {
      const { status, text } = await post(url + query, ask("x"), headers);
      return [status, parse(text)];
    };
    const seen = await Promise.all([
      send("", { "x-goog-api-key": "demo" }),
      send("?key=demo", {}),
      send("", { "x-goog-api-key": "other" }),
      send("?key=other", {}),
      send("", {}),
    ]).finally(() => locked.close());
    const wrong = {
      error: { status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }, {}] },
    };
    expect(seen).toMatchObject([
      [200, {}],
      [200, {}],
      [400, wrong],
      [400, wrong],
      [403, { error: { status: "PERMISSION_DENIED" } }],
    ]);
  });
});
