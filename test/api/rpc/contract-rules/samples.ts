// Valid requests in which every field stands that a request can have.

import { fromJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import { chatRequest, embedRequest, resumeRequest } from "./verdicts.ts";

const tool = { name: "look", cacheHint: "CACHE_HINT_SHORT", parameters: { type: "object" } };
export const plainChat = { messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }] };

const chats: readonly JsonValue[] = [
  plainChat,
  {
    model: "auto",
    messages: [
      { role: "ROLE_SYSTEM", parts: [{ text: "Be kind.", cacheHint: "CACHE_HINT_LONG" }] },
      {
        role: "ROLE_USER",
        name: "ann",
        parts: [
          { text: "" },
          { image: { source: { data: "AQID", mediaType: "image/png" }, detail: "IMAGE_DETAIL_LOW" } },
          { image: { source: { url: "https://example.com/a.png" } } },
          { file: { source: { url: "http://example.com/a", mediaType: "text/plain" }, filename: "a.txt" } },
        ],
      },
      {
        role: "ROLE_ASSISTANT",
        parts: [
          { reasoning: { text: "Hm", signature: "sig", vendor: "anthropic" } },
          { toolCall: { id: "c1", name: "look", argumentsJson: "{}" } },
        ],
      },
      {
        role: "ROLE_TOOL",
        parts: [
          {
            toolResult: {
              toolCallId: "c1",
              content: [{ text: "seen" }, { image: { source: { data: "AQID", mediaType: "image/png" } } }],
            },
          },
        ],
      },
    ],
    tools: [tool, { name: "hear" }],
    toolChoice: { mode: "TOOL_CHOICE_MODE_AUTO" },
    parallelToolCalls: false,
    responseFormat: { jsonSchema: { name: "answer", schema: { type: "object" }, strict: true } },
    sampling: { temperature: 0, topP: 1, topK: 5, seed: "-7", frequencyPenalty: -1, presencePenalty: 0.5 },
    maxOutputTokens: 9,
    stop: ["END"],
    reasoning: { effort: "REASONING_EFFORT_LOW", budgetTokens: 100 },
    labels: { use_case: "greeting" },
    providerOptions: { groq: { service_tier: "flex" } },
    cache: { mode: "CACHE_WISH_MODE_NO_CACHE", ttlSeconds: 60, maxAgeSeconds: 5 },
    idempotencyKey: "order 7",
    resumable: true,
  },
  { ...plainChat, tools: [tool], toolChoice: { mode: "TOOL_CHOICE_MODE_TOOL", name: "look" } },
  { ...plainChat, responseFormat: { text: {} } },
];

const embeds: readonly JsonValue[] = [
  { inputs: [{ text: "a" }] },
  {
    model: "m",
    inputs: [{ text: "a" }, { tokens: { ids: [0, 1] } }],
    dimensions: 8,
    purpose: "EMBED_PURPOSE_QUERY",
    labels: { a: "" },
    providerOptions: { openai: {} },
    cache: { mode: "CACHE_WISH_MODE_ONLY_IF_CACHED", ttlSeconds: 0, maxAgeSeconds: 0 },
    idempotencyKey: "k",
  },
];

const resumes: readonly JsonValue[] = [{ id: "019a0000-0000-7000-8000-000000000000", afterSequence: "3" }];

export const chatOf = (json: JsonValue): Message => fromJson(chatRequest, json);

export const samples: readonly Message[] = [
  ...chats.map(chatOf),
  ...embeds.map((json) => fromJson(embedRequest, json)),
  ...resumes.map((json) => fromJson(resumeRequest, json)),
];

const message = (role: string, part: JsonValue) => ({
  messages: [{ role: `ROLE_${role}`, parts: [{ text: "a" }, part] }],
});
const text = { text: "b" };
const image = { image: { source: { url: "https://example.com/a.png" } } };
const call = { toolCall: { id: "c", name: "f" } };
const result = { toolResult: { toolCallId: "c" } };
const inTool = (content: JsonValue) => ({
  messages: [{ role: "ROLE_TOOL", parts: [{ toolResult: { toolCallId: "c", content: [content] } }] }],
});
const choose = (mode: string, name: string, tools: readonly string[]) => ({
  ...plainChat,
  tools: tools.map((each) => ({ name: each })),
  toolChoice: { mode: `TOOL_CHOICE_MODE_${mode}`, name },
});
const withSource = (source: JsonValue) => message("USER", { image: { source } });

/** Both sides of every rule that stands in CEL, by its id. */
export const casesInCel: Readonly<Record<string, { taken: JsonValue[]; refused: JsonValue[] }>> = {
  "tool_choice.tools": { taken: [choose("REQUIRED", "", ["f"])], refused: [choose("REQUIRED", "", [])] },
  "tool_choice.name.known": {
    taken: [choose("TOOL", "g", ["f", "g"])],
    refused: [choose("TOOL", "g", ["f"]), choose("TOOL", "", ["f"]), choose("TOOL", "f", [])],
  },
  "tools.names": {
    taken: [choose("AUTO", "", ["f", "F"])],
    refused: [choose("AUTO", "", ["f", "g", "f"])],
  },
  "name.mode": {
    taken: [choose("NONE", "", ["f"])],
    refused: [
      choose("AUTO", "f", ["f"]),
      choose("UNSPECIFIED", "f", ["f"]),
      choose("NONE", "f", ["f"]),
      choose("REQUIRED", "f", ["f"]),
    ],
  },
  "parts.system": {
    taken: [message("SYSTEM", text)],
    refused: [message("SYSTEM", image), message("SYSTEM", call), message("SYSTEM", result)],
  },
  "parts.user": {
    taken: [message("USER", image)],
    refused: [message("USER", call), message("USER", result), message("USER", { reasoning: {} })],
  },
  "parts.assistant": {
    taken: [message("ASSISTANT", call), message("ASSISTANT", { reasoning: {} })],
    refused: [message("ASSISTANT", image), message("ASSISTANT", result)],
  },
  "parts.tool": {
    taken: [{ messages: [{ role: "ROLE_TOOL", parts: [result] }] }],
    refused: [message("TOOL", text), message("TOOL", result)],
  },
  "content.kinds": {
    taken: [inTool(text), inTool(image), inTool({ text: "" })],
    refused: [inTool(call), inTool(result), inTool({ reasoning: {} }), inTool({})],
  },
  "media_type.data": {
    taken: [withSource({ data: "AQID", mediaType: "a/b" }), withSource({ url: "https://a.test/" })],
    refused: [withSource({ data: "AQID" })],
  },
};
