import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { isRecord } from "../../src/demo/json-value.ts";
import {
  answered,
  ask,
  candidateOf,
  createGeminiClient,
  type GeminiClient,
  key,
  partsOf,
  readEvents,
  textOf,
  thinkingConfig,
  tools,
  weather,
} from "./gemini-client.ts";
import { parse, post } from "./post.ts";

let upstream: DemoUpstream;
let gemini: GeminiClient;
beforeEach(async () => {
  upstream = await createDemoUpstream();
  gemini = createGeminiClient(upstream);
});
afterEach(() => upstream.close());

describe("generateContent", () => {
  test("is answered in words that name the prompt, streamed as whole", async () => {
    const whole = await gemini.reply(ask("Grüß dich 👋🏽 世界"));
    expect(whole).toMatchObject({
      candidates: [{ content: { role: "model" }, finishReason: "STOP", index: 0 }],
      modelVersion: "demo-chat-2026-01-01",
      responseId: expect.stringMatching(/^\w{22}$/u),
    });
    const { text, headers } = await gemini.streamed(ask("Grüß dich 👋🏽 世界"));
    const events = readEvents(text);
    expect(textOf([whole])).toContain("Grüß dich 👋🏽 世界");
    expect(textOf(events)).toBe(textOf([whole]));
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/u);
    expect(text).not.toMatch(/^event:|\[DONE\]/mu);
    expect(events.map((event) => candidateOf(event)["finishReason"]).filter(Boolean)).toEqual(["STOP"]);
    expect(candidateOf(events.at(-1))["finishReason"]).toBe("STOP");
  });

  test("takes names in camelCase and snake_case, and single values for lists", async () => {
    const camel = {
      systemInstruction: { parts: [{ text: "rule" }] },
      generationConfig: { maxOutputTokens: 3 },
    };
    const snake = {
      system_instruction: { parts: { text: "rule" } },
      generation_config: { max_output_tokens: 3 },
    };
    const [one, other] = await Promise.all([gemini.reply(ask("x", camel)), gemini.reply(ask("x", snake))]);
    expect(one).toMatchObject({ usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 3 } });
    expect(textOf([one])).toBe(textOf([other]));
    expect(other).toMatchObject({ usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 3 } });
  });

  test("ends at its token limit or stop sequence", async () => {
    const short = ask("[demo tokens=50]", { generationConfig: { maxOutputTokens: 7 } });
    expect(await gemini.reply(short)).toMatchObject({
      candidates: [{ finishReason: "MAX_TOKENS" }],
      usageMetadata: { candidatesTokenCount: 7 },
    });
    expect((await gemini.stream(short)).at(-1)).toMatchObject({
      candidates: [{ finishReason: "MAX_TOKENS" }],
    });
    const stopped = await gemini.reply(ask("alpha beta", { generationConfig: { stopSequences: [" beta"] } }));
    expect(candidateOf(stopped)["finishReason"]).toBe("STOP");
    expect(textOf([stopped])).toMatch(/alpha$/u);
  });

  test("whose limit is reached while thinking has no parts", async () => {
    const generationConfig = { maxOutputTokens: 2, thinkingConfig: { thinkingLevel: "low" } };
    expect(candidateOf(await gemini.reply(ask("x", { generationConfig })))).toEqual({
      content: { role: "model" },
      finishReason: "MAX_TOKENS",
      index: 0,
    });
  });

  test("gives a call whose arguments the limit cut not at all", async () => {
    const cut = { tools, generationConfig: { maxOutputTokens: 2 } };
    expect(candidateOf(await gemini.reply(ask("[demo tool=get_weather]", cut)))).toMatchObject({
      content: { role: "model" },
      finishReason: "MAX_TOKENS",
    });
    expect(textOf(await gemini.stream(ask("[demo tool=get_weather]", cut)))).toBe("");
  });

  test("counts its tokens: those of the cache in the prompt's, thoughts beside the others", async () => {
    const system = { systemInstruction: { parts: [{ text: "rule ".repeat(80) }] } };
    const first = await gemini.reply(ask("x", system));
    expect(first).not.toHaveProperty("usageMetadata.cachedContentTokenCount");
    expect(await gemini.reply(ask("x", system))).toMatchObject({
      usageMetadata: { promptTokenCount: 91, cachedContentTokenCount: 81 },
    });
    const counted = await gemini.reply(ask("x", { generationConfig: { thinkingConfig } }));
    expect(counted).toMatchObject({
      usageMetadata: {
        promptTokenCount: 7,
        thoughtsTokenCount: 9,
        candidatesTokenCount: 8,
        totalTokenCount: 24,
      },
    });
    const events = await gemini.stream(ask("x", { generationConfig: { thinkingConfig } }));
    const { usageMetadata } = isRecord(counted) ? counted : {};
    expect(events.at(-1)).toMatchObject({ usageMetadata });
    expect(events[0]).toMatchObject({ usageMetadata: { thoughtsTokenCount: 1, totalTokenCount: 8 } });
    expect(events[0]).not.toHaveProperty("usageMetadata.candidatesTokenCount");
  });

  test("is shown images, and counts them apart", async () => {
    const parts = [
      { text: "Look" },
      { inlineData: { mimeType: "image/png", data: "AAAA" } },
      { fileData: { mimeType: "image/png", fileUri: "https://example.com/a.png" } },
      { inlineData: { mimeType: "application/pdf", data: "AAAA" } },
    ];
    const answer = await gemini.reply({ contents: [{ role: "user", parts }] });
    expect(textOf([answer])).toContain("2 images.");
    expect(answer).toMatchObject({
      usageMetadata: {
        promptTokenCount: 523,
        promptTokensDetails: [
          { modality: "TEXT", tokenCount: 7 },
          { modality: "IMAGE", tokenCount: 516 },
        ],
      },
    });
  });

  test.each([
    ["responseSchema", { type: "OBJECT", properties: { age: { type: "INTEGER", nullable: true } } }],
    ["responseJsonSchema", { type: "object", properties: { age: { type: "integer" } }, $comment: "x" }],
  ])("gives JSON that fits its %s", async (name, schema) => {
    const generationConfig = { responseMimeType: "application/json", [name]: schema };
    expect(textOf([await gemini.reply(ask("A person", { generationConfig }))])).toBe('{"age":1}');
  });

  test("gives JSON of its own when there is no schema", async () => {
    const generationConfig = { responseMimeType: "application/json" };
    expect(textOf([await gemini.reply(ask("hello", { generationConfig }))])).toBe('{"answer":"hello"}');
  });
});

describe("function calls", () => {
  const asked = ask("Weather? [demo tools=2]", { tools });

  test("come whole, in parallel, and end with STOP; their results are quoted", async () => {
    const whole = await gemini.reply(asked);
    const calls = [
      { functionCall: { name: "get_weather", args: { city: "demo city" } } },
      { functionCall: { name: "get_weather", args: { city: "demo city 2" } } },
    ];
    expect(partsOf(whole)).toEqual(calls);
    expect(candidateOf(whole)["finishReason"]).toBe("STOP");
    const events = await gemini.stream(asked);
    expect(events.flatMap(partsOf)).toEqual([...calls, { text: "" }]);
    expect(candidateOf(events.at(-1))["finishReason"]).toBe("STOP");
    expect(textOf([await gemini.reply(answered("Weather? [demo tools=2]", calls))])).toBe(
      'The tool answered: "20 degrees". The tool answered: "20 degrees".',
    );
  });

  test("are read from a JSON schema as well", async () => {
    const { parameters, name } = weather;
    const parametersJsonSchema = { ...parameters, type: "object", additionalProperties: false };
    const declared = [{ functionDeclarations: [{ name, parametersJsonSchema }] }];
    expect(partsOf(await gemini.reply(ask("[demo tool=get_weather]", { tools: declared })))).toHaveLength(1);
  });

  test.each<[object, string[]]>([
    [{ mode: "ANY" }, ["get_weather"]],
    [{ mode: "any", allowedFunctionNames: ["second"] }, ["second"]],
    [{ mode: "NONE" }, []],
    [{ mode: "AUTO" }, []],
  ])("obey the mode %j", async (functionCallingConfig, expected) => {
    const two = [{ functionDeclarations: [weather, { name: "second", description: null }] }];
    const body = ask("x", { tools: two, toolConfig: { functionCallingConfig } });
    const names = partsOf(await gemini.reply(body)).flatMap(({ functionCall: call }) =>
      isRecord(call) ? [call["name"]] : [],
    );
    expect(names).toEqual(expected);
  });
});

describe("a directive", () => {
  test("steers the length, the model's thoughts and the tool", async () => {
    expect(await gemini.reply(ask("[demo tokens=5]"))).toMatchObject({
      usageMetadata: { candidatesTokenCount: 5 },
    });
    expect(partsOf(await gemini.reply(ask("[demo reasoning] Hi")))[0]).toMatchObject({ thought: true });
    const more = { tools: [{ functionDeclarations: [{ name: "other" }, weather] }] };
    expect(partsOf(await gemini.reply(ask("[demo tool=get_weather]", more)))).toMatchObject([
      { functionCall: { name: "get_weather" } },
    ]);
    expect(textOf([await gemini.reply(ask("[demo tool=lost]", more))])).toContain("no tool called lost");
  });

  test("steers the pace", async () => {
    const url = gemini.streamUrl;
    const body = JSON.stringify(ask("[demo delay=1 tokens=5]"));
    const response = await fetch(url, { method: "POST", body });
    let reads = 0;
    for await (const _ of response.body ?? []) reads += 1;
    expect(reads).toBeGreaterThan(1);
    expect(upstream.received).toMatchObject([{ eventsSent: 6 }]);
  });

  test("asks for a fault, so many times, on one model", async () => {
    const body = ask("[demo fault=status:503 times=1 only=demo-chat]");
    const statuses = [];
    for (const model of ["demo-mini", "demo-chat", "demo-chat"]) {
      statuses.push((await gemini.generate(body, model)).status);
    }
    expect(statuses).toEqual([200, 503, 200]);
  });
});

describe("models", () => {
  test("are listed and described", async () => {
    const models = `${upstream.url}/v1beta/models`;
    const entry = { name: "models/demo-chat", displayName: "demo-chat" };
    const list: unknown = await (await fetch(`${models}?pageSize=50`, { headers: key })).json();
    expect(list).toMatchObject({
      models: [
        entry,
        { name: "models/demo-mini" },
        { name: "models/demo-embed", supportedGenerationMethods: ["embedContent"] },
      ],
    });
    const one: unknown = await (await fetch(`${models}/demo-chat`)).json();
    expect(one).toMatchObject({ ...entry, supportedGenerationMethods: ["generateContent"] });
    expect((await fetch(`${models}/lost`)).status).toBe(404);
  });

  test("are served under their dated names, and under such as need escapes", async () => {
    expect((await gemini.generate(ask("x"), "demo-chat-2026-01-01")).status).toBe(200);
    const own = await createDemoUpstream({ models: ["org/tiny"] });
    const url = `${own.url}/v1beta/models/org%2Ftiny:generateContent`;
    const { text } = await post(url, ask("x"), key).finally(() => own.close());
    expect(parse(text)).toMatchObject({ modelVersion: "org/tiny-2026-01-01" });
  });

  test("leave the other vendors' paths to them", async () => {
    const chat = await post(`${upstream.url}/v1/chat/completions`, {}, key);
    expect(chat.text).toContain("you must provide a model parameter");
    expect((await post(`${upstream.url}/models/demo-chat`, {}, key)).text).toContain('"NOT_FOUND"');
  });
});
