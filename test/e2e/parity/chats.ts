// The chats of the suite: what is asked, and what the demo model's answer to it is known to hold. The rest of
// an answer is compared among the clients.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { ChatRequest, Message, Tool } from "../../../src/core/chat/request.ts";

export const adapters = ["openai", "anthropic"] as const;
export type AdapterName = (typeof adapters)[number];

export const models = { openai: "gpt-4.1-mini", anthropic: "claude-haiku-4-5" } as const;

/** OpenAI's models reason, or take all settings. */
export const reasoningModels = { ...models, openai: "gpt-5-mini" } as const;

export const modelOf = ({ reasons }: ParityChat, adapter: AdapterName): string =>
  (reasons === true ? reasoningModels : models)[adapter];

export interface ParityChat {
  readonly name: string;
  /** Absent: both. */
  readonly only?: AdapterName;
  /** Without a model: the suite names each adapter's. */
  readonly request: ChatRequest;
  /** Asks a model that reasons. */
  readonly reasons?: true;
  /** Sends no model: the route is chosen otherwise. */
  readonly unnamedModel?: true;
  readonly known: Known;
}

/** What the answer must hold, by hand. */
interface Known {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly reasoning?: string;
  /** Each as its name and its arguments. */
  readonly toolCalls?: readonly (readonly [name: string, argumentsJson: string])[];
  /** The fields that each adapter has to drop or change. */
  readonly losses?: Readonly<Record<AdapterName, readonly string[]>>;
}

const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });
const said = (text: string) => `This is the demo model; you wrote: "${text}".`;

const weather: Tool = {
  name: "get_weather",
  description: "The weather of a place",
  parameters: {
    type: "object",
    properties: { place: { type: "string" }, days: { type: "integer" } },
    required: ["place", "days"],
  },
};

const clock: Tool = {
  name: "get_time",
  parameters: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
};

/** One pixel. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const manyVoices = "Grüße, 世界! 👩‍👩‍👧‍👦 \u{1F9D1}\u{1F3FD}‍\u{1F680} naïve e\u0301 \u202Bשלום\u202C «…»";

export const chats: readonly ParityChat[] = [
  {
    name: "plain text",
    request: { messages: [user("Hello there")] },
    known: { text: said("Hello there"), finishReason: "stop" },
  },
  {
    name: "text of many scripts",
    request: { messages: [user(manyVoices)] },
    known: { text: said(manyVoices), finishReason: "stop" },
  },
  {
    name: "instructions and a history",
    request: {
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be short. ".repeat(80) }] },
        user("My name is Ada."),
        { role: "assistant", parts: [{ type: "text", text: "Hello Ada." }] },
        user("What is my name?"),
      ],
      sampling: { temperature: 0.5 },
    },
    known: { text: said("What is my name?"), finishReason: "stop" },
  },
  {
    name: "a tool call",
    request: {
      messages: [user("[demo tool=get_weather] Weather?")],
      tools: [weather, clock],
      toolChoice: { type: "auto" },
    },
    known: {
      text: "",
      finishReason: "tool_calls",
      toolCalls: [["get_weather", '{"place":"demo place","days":1}']],
    },
  },
  {
    name: "parallel tool calls",
    request: {
      messages: [user("[demo tools=3] Weather and time?")],
      tools: [weather, clock],
      parallelToolCalls: true,
    },
    known: {
      text: "",
      finishReason: "tool_calls",
      toolCalls: [
        ["get_weather", '{"place":"demo place","days":1}'],
        ["get_time", '{"zone":"demo zone"}'],
        ["get_weather", '{"place":"demo place 2","days":2}'],
      ],
    },
  },
  {
    name: "the results of tools",
    request: {
      messages: [
        user("Weather and time?"),
        {
          role: "assistant",
          parts: [
            { type: "text", text: "I shall look." },
            {
              type: "tool_call",
              id: "call_1",
              name: "get_weather",
              argumentsJson: '{"place":"Ulm","days":1}',
            },
            { type: "tool_call", id: "call_2", name: "get_time", argumentsJson: '{"zone":"CET"}' },
          ],
        },
        {
          role: "tool",
          parts: [
            { type: "tool_result", toolCallId: "call_1", content: [{ type: "text", text: "Rain, 7 °C" }] },
          ],
        },
        {
          role: "tool",
          parts: [{ type: "tool_result", toolCallId: "call_2", content: [{ type: "text", text: "noon" }] }],
        },
      ],
      tools: [weather, clock],
    },
    known: {
      text: 'The tool answered: "Rain, 7 °C". The tool answered: "noon".',
      finishReason: "stop",
    },
  },
  {
    name: "images",
    request: {
      messages: [
        {
          role: "user",
          parts: [
            { type: "text", text: "What is it?" },
            { type: "image", source: { data: png, mediaType: "image/png" }, detail: "low" },
            { type: "image", source: { url: "https://images.example/cat.png" } },
          ],
        },
      ],
    },
    known: {
      text: `${said("What is it?")} I was shown 2 images.`,
      finishReason: "stop",
      losses: { openai: [], anthropic: ["messages[0].parts[1].detail"] },
    },
  },
  {
    name: "reasoning",
    reasons: true,
    request: { messages: [user("Think of it")], reasoning: { effort: "low" } },
    known: {
      text: said("Think of it"),
      reasoning: 'The user wrote "Think of it". I shall say it back.',
      finishReason: "stop",
    },
  },
  {
    name: "an answer cut at its limit",
    request: { messages: [user("[demo tokens=50] Go on")], maxOutputTokens: 4 },
    known: { text: "This is the demo", finishReason: "length" },
  },
  {
    name: "a stop text",
    request: { messages: [user("one two three")], stop: ["never", " two"] },
    known: { text: 'This is the demo model; you wrote: "one', finishReason: "stop" },
  },
  {
    name: "JSON of a schema",
    request: {
      messages: [user("Give me a person")],
      responseFormat: {
        type: "json_schema",
        name: "person",
        schema: {
          type: "object",
          properties: { name: { type: "string" }, age: { type: "integer" } },
          required: ["name", "age"],
          additionalProperties: false,
        },
        strict: true,
      },
    },
    known: { text: '{"name":"demo name","age":1}', finishReason: "stop" },
  },
  {
    name: "wishes that a provider does not know",
    request: {
      messages: [user("Roll the dice")],
      sampling: { topK: 5, seed: 42, topP: 0.9, presencePenalty: 0.5 },
      stop: ["a1", "b2", "c3", "d4", "e5"],
    },
    known: {
      text: said("Roll the dice"),
      finishReason: "stop",
      losses: {
        openai: ["sampling.topK", "stop"],
        anthropic: ["sampling.seed", "sampling.presencePenalty"],
      },
    },
  },
  {
    name: "a use case that chooses the route",
    only: "anthropic",
    unnamedModel: true,
    request: { messages: [user("Summarize")], labels: { use_case: "summaries", team: "blue" } },
    known: { text: said("Summarize"), finishReason: "stop" },
  },
];

/** The chat as it is sent to one adapter. */
export const requestFor = (chat: ParityChat, adapter: AdapterName): ChatRequest =>
  chat.unnamedModel === true
    ? chat.request
    : { ...chat.request, model: `${adapter}/${modelOf(chat, adapter)}` };
