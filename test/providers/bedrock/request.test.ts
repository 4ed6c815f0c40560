import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatRequest, Message, Part } from "../../../src/core/chat/request.ts";
import { buildBedrockRequest } from "../../../src/providers/bedrock/request.ts";

const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const nova = "us.amazon.nova-2-lite-v1:0";
const gptOss = "openai.gpt-oss-120b-1:0";
const nova2 = (maxReasoningEffort: string) => ({ type: "enabled", maxReasoningEffort });

const user = (...parts: readonly Part[]): Message => ({ role: "user", parts });
const text = (words: string, cacheHint?: "short" | "long"): Part => ({
  type: "text",
  text: words,
  cacheHint,
});
const hello: ChatRequest = { messages: [user(text("Hello"))] };

const built = (request: Partial<ChatRequest>, model = claude) =>
  buildBedrockRequest({ ...hello, ...request }, model);
const lost = (request: Partial<ChatRequest>, model = claude) =>
  built(request, model).losses.map(({ field }) => field);

const call: Message = {
  role: "assistant",
  parts: [{ type: "tool_call", id: "call:1", name: "weather", argumentsJson: '{"city":"Bern"}' }],
};
const result: Message = {
  role: "tool",
  parts: [
    { type: "tool_result", toolCallId: "call:1", content: [{ type: "text", text: "4°" }], isError: true },
  ],
};

/** The id of a call, and the one that its result has. */
const idsSent = (id: string, model = claude): readonly (string | undefined)[] => {
  const messages: readonly Message[] = [
    { role: "assistant", parts: [{ type: "tool_call", id, name: "f", argumentsJson: "{}" }] },
    { role: "tool", parts: [{ type: "tool_result", toolCallId: id, content: [] }] },
  ];
  return built({ messages }, model).body.messages.map(({ content: [block] }) =>
    block === undefined
      ? undefined
      : "toolUse" in block
        ? block.toolUse.toolUseId
        : "toolResult" in block
          ? block.toolResult.toolUseId
          : undefined,
  );
};

const blankResult = (model: string): unknown => {
  const content = [{ type: "text", text: " " }] as const;
  const messages: readonly Message[] = [
    { role: "tool", parts: [{ type: "tool_result", toolCallId: "1", content }] },
  ];
  return built({ messages }, model).body.messages[0]?.content;
};

describe("messages", () => {
  test("a plain question is a message alone", () => {
    expect(built({})).toEqual({
      body: { messages: [{ role: "user", content: [{ text: "Hello" }] }] },
      losses: [],
    });
  });

  test("system text goes to the front, neighbours of one role are one turn, names are lost", () => {
    const messages: readonly Message[] = [
      { role: "system", parts: [{ type: "text", text: "Be brief." }] },
      { ...user(text("One")), name: "Ada" },
      user(text("Two"), text("")),
      { role: "system", parts: [{ type: "text", text: "Be kind." }] },
    ];
    expect(built({ messages })).toMatchObject({
      body: {
        system: [{ text: "Be brief." }, { text: "Be kind." }],
        messages: [{ role: "user", content: [{ text: "One" }, { text: "Two" }] }],
      },
      losses: [{ field: "messages[3]" }, { field: "messages[1].name" }],
    });
  });

  test("a call and its result keep the same id in the vendor's characters; results come first", () => {
    const { body } = built({
      messages: [hello.messages[0] ?? user(), call, user(text("And?")), result],
      tools: [{ name: "weather" }],
    });
    expect(body.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [{ toolUse: { toolUseId: "call_3a1", name: "weather", input: { city: "Bern" } } }],
      },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "call_3a1", content: [{ text: "4°" }], status: "error" } },
          { text: "And?" },
        ],
      },
    ]);
  });

  test("an id of a call is as long as the vendor takes it, and stays apart from others", () => {
    const long = `call:${"x".repeat(80)}`;
    const [called, answered] = idsSent(`${long}1`);
    expect(called).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(answered).toBe(called);
    expect(idsSent(`${long}2`)[0]).not.toBe(called);
    const mistral = "us.mistral.pixtral-large-2502-v1:0";
    const [short, shortAnswered] = idsSent("tooluse_bpe71yCfRu2b5i-nKGDr5g", mistral);
    expect(short).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(shortAnswered).toBe(short);
    expect(idsSent("aBc123dEf", mistral)).toEqual(["aBc123dEf", "aBc123dEf"]);
  });

  test("text of whitespace alone is refused by the vendor, and left out but where a user wrote it", () => {
    const messages: readonly Message[] = [
      { role: "system", parts: [{ type: "text", text: "\n" }] },
      user(text("Hi"), text(" ")),
      { role: "assistant", parts: [text("\n\n"), ...call.parts] },
      { role: "tool", parts: [{ type: "tool_result", toolCallId: "call:1", content: [] }] },
    ];
    const { body, losses } = built({ messages, tools: [{ name: "weather" }] });
    expect(body).not.toHaveProperty("system");
    expect(body.messages.map(({ content }) => content.length)).toEqual([2, 1, 1]);
    expect(losses.map(({ field }) => field)).toEqual(["messages[0].parts[0]", "messages[2].parts[0]"]);
  });

  test("a result of nothing says so to other models than Claude", () => {
    expect(blankResult(claude)).toEqual([{ toolResult: { toolUseId: "1", content: [] } }]);
    expect(blankResult(nova)).toEqual([{ toolResult: { toolUseId: "1", content: [{ text: "(empty)" }] } }]);
  });

  test("arguments that are no object are sent inside of one", () => {
    const parts: readonly Part[] = [{ type: "tool_call", id: "1", name: "f", argumentsJson: "[1]" }];
    const { body, losses } = built({ messages: [{ role: "assistant", parts }], tools: [{ name: "f" }] });
    expect(body.messages[0]?.content).toEqual([
      { toolUse: { toolUseId: "1", name: "f", input: { arguments: "[1]" } } },
    ]);
    expect(losses[0]?.field).toBe("messages[0].parts[0].argumentsJson");
  });

  test("reasoning goes back with its maker's proof alone", () => {
    const parts: readonly Part[] = [
      { type: "reasoning", text: "Hm.", signature: "s1", vendor: "anthropic" },
      { type: "reasoning", text: "Hm.", signature: "s2", vendor: "gemini" },
      { type: "reasoning", text: "", redactedData: "cmVk", vendor: "bedrock" },
      { type: "reasoning", text: "", redactedData: "cmVk", vendor: "anthropic" },
      { type: "reasoning", text: "Unsigned." },
    ];
    const messages: readonly Message[] = [{ role: "assistant", parts }];
    const { body, losses } = built({ messages });
    expect(body.messages[0]?.content).toEqual([
      { reasoningContent: { reasoningText: { text: "Hm.", signature: "s1" } } },
      { reasoningContent: { redactedContent: "cmVk" } },
    ]);
    expect(losses.map(({ field }) => field)).toEqual([1, 3, 4].map((i) => `messages[0].parts[${i}]`));
    expect(lost({ messages }, nova)).toEqual([0, 1, 3, 4].map((i) => `messages[0].parts[${i}]`));
  });

  test("an answer that is begun for Claude ends without whitespace", () => {
    const messages: readonly Message[] = [user(text("Hi")), { role: "assistant", parts: [text("So: ")] }];
    expect(built({ messages }).body.messages[1]?.content).toEqual([{ text: "So:" }]);
    expect(built({ messages }, nova).body.messages[1]?.content).toEqual([{ text: "So: " }]);
  });
});

describe("media", () => {
  const data = "aGFsbG8=";
  const file = (mediaType: string, filename?: string): Part => ({
    type: "file",
    source: { data, mediaType },
    filename,
  });

  test("images go as bytes of the four formats; addresses, other formats and details are lost", () => {
    const { body, losses } = built({
      messages: [
        user(
          { type: "image", source: { data, mediaType: "image/JPEG" }, detail: "high" },
          { type: "image", source: { data, mediaType: "image/tiff" } },
          { type: "image", source: { url: "https://example.com/a.png" } },
          file("image/png"),
        ),
      ],
    });
    expect(body.messages[0]?.content).toEqual([
      { image: { format: "jpeg", source: { bytes: data } } },
      { image: { format: "png", source: { bytes: data } } },
    ]);
    expect(losses.map(({ field }) => field)).toEqual([
      "messages[0].parts[0].detail",
      "messages[0].parts[1]",
      "messages[0].parts[2]",
    ]);
  });

  test("documents have a format and a name in the vendor's characters, none twice", () => {
    const { body, losses } = built({
      messages: [
        user(
          text("Read"),
          file("application/pdf", "report_v1.2  (final).pdf"),
          file("text/markdown", "Notes.md"),
          file("application/json", "Notes.json"),
          file("text/csv", "数据.csv"),
          file("text/plain"),
          file("application/zip"),
        ),
      ],
    });
    expect(
      body.messages[0]?.content.map((block) =>
        "document" in block ? [block.document.format, block.document.name] : block,
      ),
    ).toEqual([
      { text: "Read" },
      ["pdf", "report-v1-2 (final)"],
      ["md", "Notes"],
      ["txt", "Notes (2)"],
      ["csv", "Document"],
      ["txt", "Document (2)"],
    ]);
    expect(losses.map(({ field }) => field)).toEqual([
      "messages[0].parts[1].filename",
      "messages[0].parts[3].source.mediaType",
      "messages[0].parts[3].filename",
      "messages[0].parts[4].filename",
      "messages[0].parts[6]",
    ]);
  });

  test("a document alone is given a text beside it", () => {
    const { body, losses } = built({ messages: [user(file("application/pdf", "Report.pdf"))] });
    expect(body.messages[0]?.content).toEqual([
      { document: { format: "pdf", name: "Report", source: { bytes: data } } },
      { text: "See the attached document." },
    ]);
    expect(losses.map(({ field }) => field)).toEqual(["messages"]);
    expect(lost({ messages: [user(text("Sum it up"), file("application/pdf"))] })).toEqual([]);
  });

  test("videos go as bytes", () => {
    const { body, losses } = built({ messages: [user(file("Video/MP4", "a.mp4"))] }, nova);
    expect(body.messages[0]?.content).toEqual([{ video: { format: "mp4", source: { bytes: data } } }]);
    expect(losses.map(({ field }) => field)).toEqual(["messages[0].parts[0].filename"]);
  });

  test("a tool's result may hold an image", () => {
    const content = [{ type: "image", source: { data, mediaType: "image/webp" } }] as const;
    const { body } = built({
      messages: [call, { role: "tool", parts: [{ type: "tool_result", toolCallId: "1", content }] }],
    });
    expect(body.messages[1]?.content).toEqual([
      { toolResult: { toolUseId: "1", content: [{ image: { format: "webp", source: { bytes: data } } }] } },
    ]);
  });
});

describe("tools", () => {
  const tools = [
    { name: "a", description: "", parameters: { properties: {} }, strict: true },
    { name: "b", description: "B" },
  ];

  test("have a schema of type object; only a wish for strictness is told", () => {
    expect(built({ tools, toolChoice: { type: "required" } }).body.toolConfig).toEqual({
      tools: [
        { toolSpec: { name: "a", inputSchema: { json: { properties: {}, type: "object" } }, strict: true } },
        {
          toolSpec: {
            name: "b",
            description: "B",
            inputSchema: { json: { properties: {}, type: "object" } },
          },
        },
      ],
      toolChoice: { any: {} },
    });
  });

  test("the choice of one, and auto", () => {
    expect(built({ tools, toolChoice: { type: "tool", name: "b" } }).body.toolConfig?.toolChoice).toEqual({
      tool: { name: "b" },
    });
    expect(built({ tools, toolChoice: { type: "auto" } }).body.toolConfig?.toolChoice).toEqual({ auto: {} });
  });

  test("the choice of none leaves them out, unless earlier calls need them", () => {
    const none = { tools, toolChoice: { type: "none" } } as const;
    expect(built(none).body.toolConfig).toBeUndefined();
    expect(lost(none)).toEqual(["tools"]);
    const later = { ...none, messages: [call, result] };
    expect(built(later).body.toolConfig?.tools).toHaveLength(2);
    expect(lost(later)).toEqual(["toolChoice"]);
  });

  test("earlier calls in a request without tools name theirs", () => {
    const { body, losses } = built({ messages: [call, result] });
    expect(body.toolConfig).toEqual({
      tools: [{ toolSpec: { name: "weather", inputSchema: { json: { type: "object" } } } }],
    });
    expect(losses.map(({ field }) => field)).toEqual(["tools"]);
  });

  test("one call at a time cannot be asked for", () => {
    expect(lost({ tools, parallelToolCalls: false })).toEqual(["parallelToolCalls"]);
  });
});

describe("cache points", () => {
  test("stand behind what is to be kept, the long ones with their time", () => {
    const { body, losses } = built({
      tools: [{ name: "a", cacheHint: "long" }],
      messages: [{ role: "system", parts: [text("S", "short")] }, user(text("U", "long"))],
    });
    expect(body.toolConfig?.tools[1]).toEqual({ cachePoint: { type: "default", ttl: "1h" } });
    expect(body.system).toEqual([{ text: "S" }, { cachePoint: { type: "default" } }]);
    expect(body.messages[0]?.content).toEqual([{ text: "U" }, { cachePoint: { type: "default" } }]);
    expect(losses.map(({ field }) => field)).toEqual(["messages[1].parts[0].cacheHint"]);
  });

  test("are four at most", () => {
    const parts = ["1", "2", "3", "4", "5"].map((words) => text(words, "short"));
    expect(lost({ messages: [user(...parts)] })).toEqual(["messages[0].parts[4].cacheHint"]);
  });

  test("of a tool's result stand behind all of it", () => {
    const content = [{ type: "text", text: "4°", cacheHint: "short" }] as const;
    const { body } = built({
      messages: [call, { role: "tool", parts: [{ type: "tool_result", toolCallId: "1", content }] }],
    });
    expect(body.messages[1]?.content[1]).toEqual({ cachePoint: { type: "default" } });
  });

  test("are sent only to models that keep prompts", () => {
    const messages = [user(text("U", "long"))];
    expect(lost({ messages }, "meta.llama3-70b-instruct-v1:0")).toEqual(["messages[0].parts[0].cacheHint"]);
    expect(built({ messages }, nova).body.messages[0]?.content[1]).toEqual({
      cachePoint: { type: "default" },
    });
    expect(lost({ tools: [{ name: "a", cacheHint: "short" }] }, nova)).toEqual(["tools[0].cacheHint"]);
  });
});

describe("settings", () => {
  test("limits, sampling and stop sequences", () => {
    const { body, losses } = built(
      { maxOutputTokens: 9, sampling: { temperature: 0.5, topP: 0.9 }, stop: ["|", ""] },
      nova,
    );
    expect(body.inferenceConfig).toEqual({ maxTokens: 9, temperature: 0.5, topP: 0.9, stopSequences: ["|"] });
    expect(losses.map(({ field }) => field)).toEqual(["stop[1]"]);
  });

  test("what no field is for is lost; zero penalties say nothing", () => {
    const sampling = { temperature: 2, topK: 5, seed: 0, frequencyPenalty: 0, presencePenalty: 1 };
    expect(lost({ sampling }, nova)).toEqual([
      "sampling.seed",
      "sampling.presencePenalty",
      "sampling.temperature",
      "sampling.topK",
    ]);
    expect(built({ sampling }, nova).body.inferenceConfig).toEqual({ temperature: 1 });
  });

  test("Claude takes topK as a field of its own, and tells which sequence stopped it", () => {
    const { body } = built({ sampling: { topK: 5 }, stop: ["|"] });
    expect(body.additionalModelRequestFields).toEqual({ top_k: 5 });
    expect(body.additionalModelResponseFieldPaths).toEqual(["/stop_sequence", "/delta/stop_sequence"]);
    expect(built({ stop: ["|"] }, nova).body.additionalModelResponseFieldPaths).toBeUndefined();
  });

  test("a schema is JSON text; JSON without one is lost", () => {
    const schema = { type: "object" };
    expect(
      built({ responseFormat: { type: "json_schema", name: "x", description: "d", schema } }).body
        .outputConfig,
    ).toEqual({
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { schema: '{"type":"object"}', name: "x", description: "d" } },
      },
    });
    expect(lost({ responseFormat: { type: "json" } })).toEqual(["responseFormat"]);
  });
});

describe("reasoning", () => {
  test("Claude is given a budget, and room beside it", () => {
    const { body } = built({ reasoning: { budgetTokens: 2000 } });
    expect(body.additionalModelRequestFields).toEqual({ thinking: { type: "enabled", budget_tokens: 2000 } });
    expect(body.inferenceConfig).toEqual({ maxTokens: 6096 });
  });

  test("the limit halves a budget that would take it all", () => {
    const { body, losses } = built({ reasoning: { effort: "high" }, maxOutputTokens: 4000 });
    expect(body.additionalModelRequestFields).toEqual({ thinking: { type: "enabled", budget_tokens: 2000 } });
    expect(losses.map(({ field }) => field)).toEqual(["reasoning.effort"]);
    expect(lost({ reasoning: { effort: "low" }, maxOutputTokens: 1000 })).toEqual(["reasoning"]);
  });

  test("the least effort there is stands for less", () => {
    const { body, losses } = built({ reasoning: { effort: "minimal" } });
    expect(body.additionalModelRequestFields).toEqual({ thinking: { type: "enabled", budget_tokens: 1024 } });
    expect(losses.map(({ field }) => field)).toEqual(["reasoning.effort"]);
  });

  test("newer models are given an effort, and no sampling", () => {
    const { body, losses } = built(
      { reasoning: { effort: "xhigh" }, sampling: { temperature: 0.2 } },
      "global.anthropic.claude-opus-4-7",
    );
    expect(body.additionalModelRequestFields).toEqual({
      thinking: { type: "adaptive", display: "summarized" },
    });
    expect(body.outputConfig).toEqual({ effort: "xhigh" });
    expect(body.inferenceConfig).toBeUndefined();
    expect(losses.map(({ field }) => field)).toEqual(["sampling.temperature"]);
  });

  test("is lost where it cannot be: other models, a demanded call, an unsigned turn to go on from", () => {
    const wish = { reasoning: { effort: "low" } } as const;
    expect(lost(wish, "us.meta.llama4-scout-17b-instruct-v1:0")).toEqual(["reasoning"]);
    expect(lost(wish, "anthropic.claude-3-haiku-20240307-v1:0")).toEqual(["reasoning"]);
    const tools = [{ name: "weather" }];
    expect(lost({ ...wish, tools, toolChoice: { type: "required" } })).toEqual(["reasoning"]);
    expect(lost({ ...wish, tools, messages: [user(text("Hi")), call, result] })).toEqual(["reasoning"]);
    expect(lost({ reasoning: { effort: "none" } })).toEqual([]);
  });

  test.each<[string, Partial<ChatRequest>, unknown, string[]]>([
    [nova, { reasoning: { effort: "low" } }, { reasoningConfig: nova2("low") }, []],
    [nova, { reasoning: { effort: "xhigh" } }, { reasoningConfig: nova2("high") }, ["reasoning.effort"]],
    [
      nova,
      { reasoning: { effort: "high" }, maxOutputTokens: 100 },
      { reasoningConfig: nova2("medium") },
      ["reasoning.effort"],
    ],
    [
      nova,
      { reasoning: { budgetTokens: 2000 } },
      { reasoningConfig: nova2("medium") },
      ["reasoning.budgetTokens"],
    ],
    [nova, { reasoning: { effort: "none", budgetTokens: 9 } }, undefined, ["reasoning.budgetTokens"]],
    [gptOss, { reasoning: { effort: "high" } }, { reasoning_effort: "high" }, []],
    [gptOss, { reasoning: { effort: "none" } }, { reasoning_effort: "low" }, ["reasoning.effort"]],
    [gptOss, {}, undefined, []],
  ])("of %s for %o is %o in the model's own field", (model, request, fields, losses) => {
    expect(built(request, model).body.additionalModelRequestFields).toEqual(fields);
    expect(lost(request, model)).toEqual(losses);
  });

  test("is turned off beside a demanded tool call where Claude reasons unasked", () => {
    const demand = { tools: [{ name: "f" }], toolChoice: { type: "required" } } as const;
    const { body } = built(demand, "anthropic.claude-sonnet-5");
    expect(body.additionalModelRequestFields).toEqual({ thinking: { type: "disabled" } });
    expect(body.toolConfig?.toolChoice).toEqual({ any: {} });
    const refused = built(demand, "anthropic.claude-opus-5-5");
    expect(refused.body.additionalModelRequestFields).toBeUndefined();
    expect(refused.body.toolConfig?.toolChoice).toEqual({ auto: {} });
    expect(refused.losses.map(({ field }) => field)).toEqual(["toolChoice"]);
  });

  test("takes no sampling beside it", () => {
    const sampling = { temperature: 0.2, topP: 0.5, topK: 3 };
    expect(lost({ reasoning: { effort: "low" }, sampling })).toEqual([
      "sampling.temperature",
      "sampling.topP",
      "sampling.topK",
    ]);
  });
});

describe("provider options", () => {
  test("go into the body where the request has not said it already", () => {
    const { body, losses } = built({
      sampling: { topK: 5 },
      maxOutputTokens: 5,
      providerOptions: {
        bedrock: {
          guardrailConfig: { guardrailIdentifier: "g" },
          inferenceConfig: { maxTokens: 1 },
          modelId: "other",
          additionalModelRequestFields: { top_k: 1, reasoning_effort: "low" },
        },
        other: { x: 1 },
      },
    });
    expect(body).toMatchObject({
      guardrailConfig: { guardrailIdentifier: "g" },
      inferenceConfig: { maxTokens: 5 },
      additionalModelRequestFields: { top_k: 5, reasoning_effort: "low" },
    });
    expect(losses.map(({ field }) => field)).toEqual([
      "providerOptions.bedrock.additionalModelRequestFields.top_k",
      "providerOptions.bedrock.inferenceConfig",
      "providerOptions.bedrock.modelId",
    ]);
    expect(Object.hasOwn(body, "modelId")).toBe(false);
  });

  test("a key like an object's own is a member like others", () => {
    const options = { bedrock: { ["__proto__"]: { x: 1 } } };
    expect(Object.hasOwn(built({ providerOptions: options }).body, "__proto__")).toBe(true);
  });
});

test("no request of the core's is refused", () => {
  const media = fc.constantFrom(
    { data: "aGFsbG8=", mediaType: "image/png" },
    { data: "aGFsbG8=", mediaType: "application/x-unknown" },
    { url: "https://example.com/x" },
  );
  const hint = fc.constantFrom(undefined, "short" as const, "long" as const);
  const words = fc.string({ unit: "grapheme", maxLength: 6 });
  const part = fc.oneof(
    fc.record({ type: fc.constant("text" as const), text: words, cacheHint: hint }),
    fc.record({ type: fc.constant("image" as const), source: media, cacheHint: hint }),
    fc.record({ type: fc.constant("file" as const), source: media, filename: words, cacheHint: hint }),
  );
  const turn = fc.oneof(
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts): Message => ({ role: "user", parts })),
    fc.tuple(words, words).map(([argumentsJson, signature]): Message => ({
      role: "assistant",
      parts: [
        { type: "reasoning", text: "Hm.", signature },
        { type: "tool_call", id: "1", name: "f", argumentsJson },
      ],
    })),
    fc.constant(result),
  );
  fc.assert(
    fc.property(
      fc.array(turn, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(claude, nova, "arn:aws:bedrock:us-east-1:1:application-inference-profile/x"),
      fc.option(fc.constantFrom("none" as const, "minimal" as const, "xhigh" as const), { nil: undefined }),
      (messages, model, effort) => {
        const { body } = buildBedrockRequest({ messages, reasoning: { effort } }, model);
        const roles = body.messages.map(({ role }) => role);
        expect(roles.filter((role, i) => role === roles[i - 1])).toEqual([]);
        expect(JSON.stringify(body).match(/"cachePoint"/g)?.length ?? 0).toBeLessThanOrEqual(4);
      },
    ),
    { numRuns: 300 },
  );
});
