// A recorded Chat Completions request in the core's words. Apart from the adapter: it knows what the vendors
// document, not how the adapter writes it.

import type { ChatRequest, Message, Part, ResponseFormat, Tool } from "../../../../src/core/chat/request.ts";
import type { RecordedRequest } from "../../../support/fixtures.ts";
import type { JsonMap } from "../json-view.ts";
import { at, jsonObject, listOf, mapOf, numberOf, textOf } from "../json-view.ts";
import type { RequestMeaning } from "../vendor.ts";

export interface ChatCompletionsWords {
  /** The key of the provider's own options. */
  readonly kind: string;
  /** Which of the two names of the limit the vendor documents. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** Whether usage has to be asked for in a stream. */
  readonly takesStreamOptions: boolean;
  /** Under which name reasoning is given back. */
  readonly reasoningBack: string;
  /** Whether a message of the assistant's must tell its reasoning even where there is none. */
  readonly wantsReasoning?: boolean | undefined;
}

/** Members that the core has a place for; all others are the vendor's own. */
const placed = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "temperature",
  "top_p",
  "top_k",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "max_tokens",
  "max_completion_tokens",
  "stop",
  "reasoning_effort",
  "reasoning",
]);

/** Members that say what is so without them too. */
const saysNothing = (name: string, value: unknown): boolean =>
  value === null ||
  (name === "stream" && value === false) ||
  (name === "n" && value === 1) ||
  (name === "tools" && listOf(value).length === 0) ||
  (name === "response_format" && at(value, "type") === "text");

export function readChatCompletions(
  { body }: RecordedRequest,
  words: ChatCompletionsWords,
): RequestMeaning | string {
  const told = Object.fromEntries(
    Object.entries(mapOf(body)).filter(([name, value]) => !saysNothing(name, value)),
  );
  const obstacle = obstacleTo(told);
  if (obstacle !== undefined) return obstacle;
  const own = Object.entries(told).filter(([name]) => !placed.has(name));
  const tools = listOf(told["tools"]);
  const vendorTools = tools.length > 0 && tools.every((tool) => at(tool, "type") !== "function");
  const options = { ...Object.fromEntries(own), ...(vendorTools ? { tools } : {}) };
  const request: ChatRequest = {
    messages: listOf(told["messages"]).map((message) => messageOf(mapOf(message))),
    tools:
      vendorTools || tools.length === 0
        ? undefined
        : tools.map((tool) => toolOf(mapOf(at(tool, "function")))),
    toolChoice: choiceOf(told["tool_choice"]),
    responseFormat: formatOf(told["response_format"]),
    sampling: {
      temperature: numberOf(told["temperature"]),
      topP: numberOf(told["top_p"]),
      topK: numberOf(told["top_k"]),
      seed: numberOf(told["seed"]),
      frequencyPenalty: numberOf(told["frequency_penalty"]),
      presencePenalty: numberOf(told["presence_penalty"]),
    },
    maxOutputTokens: numberOf(told["max_completion_tokens"]) ?? numberOf(told["max_tokens"]),
    stop: typeof told["stop"] === "string" ? [told["stop"]] : listOf(told["stop"]).map(String),
    reasoning: reasoningOf(told),
    providerOptions: Object.keys(options).length === 0 ? undefined : { [words.kind]: jsonObject(options) },
  };
  return { request, model: textOf(told["model"]) ?? "a-model", body: equalForms(told, words) };
}

function obstacleTo(told: JsonMap): string | undefined {
  if (told["n"] !== undefined) return "several choices";
  if (told["functions"] !== undefined) return "the older functions";
  const format = told["response_format"];
  if (at(format, "json_schema") !== undefined && at(format, "json_schema", "name") === undefined) {
    return "a schema without a name";
  }
  for (const message of listOf(told["messages"])) {
    if (at(message, "role") === "user" && at(message, "tool_calls") !== undefined)
      return "tool calls of a user";
    for (const piece of listOf(at(message, "content"))) {
      if (at(piece, "type") === "input_audio") return "audio";
    }
  }
  return undefined;
}

function messageOf(message: JsonMap): Message {
  const role = message["role"];
  if (role === "tool") {
    const content = piecesOf(message["content"]).flatMap((part) => (part.type === "text" ? [part] : []));
    return { role, parts: [{ type: "tool_result", toolCallId: String(message["tool_call_id"]), content }] };
  }
  if (role !== "assistant")
    return { role: role === "user" ? role : "system", parts: piecesOf(message["content"]) };
  const reasoning = textOf(message["reasoning"]) ?? textOf(message["reasoning_content"]);
  const calls = listOf(message["tool_calls"]).map((call): Part => ({
    type: "tool_call",
    id: String(at(call, "id")),
    name: String(at(call, "function", "name")),
    argumentsJson: String(at(call, "function", "arguments")),
  }));
  const text = message["content"] === "" && calls.length > 0 ? [] : piecesOf(message["content"]);
  return {
    role,
    parts: [
      ...(reasoning === undefined ? [] : [{ type: "reasoning", text: reasoning } as const]),
      ...text,
      ...calls,
    ],
  };
}

function piecesOf(content: unknown): readonly Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return listOf(content).map((piece): Part => {
    const cacheHint = at(piece, "cache_control") === undefined ? undefined : "short";
    if (at(piece, "type") === "text") return { type: "text", text: String(at(piece, "text")), cacheHint };
    if (at(piece, "type") !== "image_url") throw new Error(`unread content: ${JSON.stringify(piece)}`);
    const url = String(at(piece, "image_url", "url"));
    const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(url) ?? [];
    const source = mediaType === undefined || data === undefined ? { url } : { mediaType, data };
    return { type: "image", source };
  });
}

const toolOf = (tool: JsonMap): Tool => ({
  name: String(tool["name"]),
  description: textOf(tool["description"]),
  parameters: tool["parameters"] === undefined ? undefined : jsonObject(mapOf(tool["parameters"])),
  strict: typeof tool["strict"] === "boolean" ? tool["strict"] : undefined,
});

function choiceOf(choice: unknown): ChatRequest["toolChoice"] {
  if (choice === "auto" || choice === "none" || choice === "required") return { type: choice };
  if (choice === "any") return { type: "required" };
  return choice === undefined ? undefined : { type: "tool", name: String(at(choice, "function", "name")) };
}

function formatOf(format: unknown): ResponseFormat | undefined {
  if (at(format, "type") === "json_object") return { type: "json" };
  const told = mapOf(at(format, "json_schema"));
  const name = textOf(told["name"]);
  if (name === undefined) return undefined;
  return {
    type: "json_schema",
    name,
    description: textOf(told["description"]),
    schema: jsonObject(mapOf(told["schema"])),
    strict: typeof told["strict"] === "boolean" ? told["strict"] : undefined,
  };
}

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;

function reasoningOf(told: JsonMap): ChatRequest["reasoning"] {
  const effort = efforts.find(
    (each) => each === (told["reasoning_effort"] ?? at(told["reasoning"], "effort")),
  );
  const budgetTokens = numberOf(at(told["reasoning"], "max_tokens"));
  return effort === undefined && budgetTokens === undefined ? undefined : { effort, budgetTokens };
}

/** The recorded body, where two forms mean the same in the one that is asked for here. */
function equalForms(told: JsonMap, words: ChatCompletionsWords): unknown {
  const { maxTokensField, takesStreamOptions } = words;
  const { max_tokens: older, max_completion_tokens: newer, stop, ...body } = told;
  const limit = newer ?? older;
  return {
    ...body,
    messages: listOf(told["messages"]).map((message) => equalMessage(mapOf(message), words)),
    ...(limit === undefined ? {} : { [maxTokensField]: limit }),
    ...(stop === undefined ? {} : { stop: typeof stop === "string" ? [stop] : stop }),
    // Usage is always asked for where it does not come by itself.
    ...(told["stream"] === true && takesStreamOptions ? { stream_options: { include_usage: true } } : {}),
  };
}

function equalMessage(message: JsonMap, words: ChatCompletionsWords): unknown {
  const { content } = message;
  const [piece, ...more] = listOf(content);
  const plain = at(piece, "type") === "text" && more.length === 0 && at(piece, "cache_control") === undefined;
  const empty = content === undefined || content === "";
  const pieces = Array.isArray(content) ? content.map((each) => equalPiece(mapOf(each))) : content;
  return {
    ...withReasoning(message, words),
    // The newer name of the role; every server of the family takes the older one.
    ...(message["role"] === "developer" ? { role: "system" } : {}),
    content: plain ? at(piece, "text") : empty && message["tool_calls"] !== undefined ? null : pieces,
  };
}

/** Some clients give it back under two names; DeepSeek asks for it, and takes "" for none. */
function withReasoning(message: JsonMap, { reasoningBack, wantsReasoning }: ChatCompletionsWords): JsonMap {
  const { reasoning, reasoning_content: content, ...rest } = message;
  const empty = wantsReasoning === true && message["role"] === "assistant" ? "" : undefined;
  const told = reasoning ?? content ?? empty;
  return told === undefined ? rest : { ...rest, [reasoningBack]: told };
}

/** Five minutes are what a mark without a time means. */
function equalPiece(piece: JsonMap): unknown {
  if (at(piece["cache_control"], "ttl") === "5m") return { ...piece, cache_control: { type: "ephemeral" } };
  // What is so without it too.
  return at(piece["image_url"], "detail") === "auto"
    ? { ...piece, image_url: { url: at(piece["image_url"], "url") } }
    : piece;
}
