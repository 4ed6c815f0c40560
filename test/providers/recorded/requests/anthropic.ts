// A recorded Messages request in the core's words. Apart from the adapter: it knows what the vendor documents.

import type { ChatRequest, MediaSource, Message, Part, Tool } from "../../../../src/core/chat/request.ts";
import type { RecordedRequest } from "../../../support/fixtures.ts";
import type { JsonMap } from "../json-view.ts";
import { at, jsonObject, listOf, mapOf, numberOf, textOf } from "../json-view.ts";
import type { RequestMeaning } from "../vendor.ts";

const placed = new Set([
  "model",
  "messages",
  "max_tokens",
  "stream",
  "system",
  "tools",
  "tool_choice",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "thinking",
  "output_config",
]);

export function readAnthropicRequest({ body }: RecordedRequest): RequestMeaning | string {
  const told = mapOf(body);
  const unplaced = blockTypesOf(told).find((type) => !read.has(type));
  if (unplaced !== undefined) return `a block of type ${unplaced}`;
  const tools = listOf(told["tools"]).map((tool) => mapOf(tool));
  const vendorTools = tools.some((tool) => !isFunction(tool));
  const budgetTokens = numberOf(at(told["thinking"], "budget_tokens"));
  const plainThinking = budgetTokens !== undefined && at(told["thinking"], "display") === undefined;
  const options = {
    ...Object.fromEntries(Object.entries(told).filter(([name]) => !placed.has(name))),
    ...(vendorTools
      ? { tools, ...(told["tool_choice"] === undefined ? {} : { tool_choice: told["tool_choice"] }) }
      : {}),
    ...(told["thinking"] === undefined || plainThinking ? {} : { thinking: told["thinking"] }),
  };
  const request: ChatRequest = {
    messages: [
      ...systemOf(told["system"]),
      ...listOf(told["messages"]).flatMap((turn) => turnOf(mapOf(turn))),
    ],
    tools: vendorTools ? undefined : tools.map((tool) => toolOf(tool)),
    toolChoice: vendorTools ? undefined : choiceOf(told["tool_choice"]),
    responseFormat: formatOf(told["output_config"]),
    sampling: {
      temperature: numberOf(told["temperature"]),
      topP: numberOf(told["top_p"]),
      topK: numberOf(told["top_k"]),
    },
    maxOutputTokens: numberOf(told["max_tokens"]),
    stop: listOf(told["stop_sequences"]).map(String),
    reasoning: plainThinking ? { budgetTokens } : undefined,
    providerOptions: Object.keys(options).length === 0 ? undefined : { anthropic: jsonObject(options) },
  };
  return { request, model: textOf(told["model"]) ?? "a-model", body: equalForms(told, vendorTools) };
}

const read = new Set([
  "text",
  "image",
  "document",
  "tool_use",
  "tool_result",
  "thinking",
  "redacted_thinking",
]);

const blockTypesOf = (told: JsonMap): readonly string[] =>
  listOf(told["messages"])
    .flatMap((turn) => listOf(at(turn, "content")))
    .flatMap((block) => [block].concat(listOf(at(block, "content"))))
    .map((block) => String(at(block, "type")));

const isFunction = (tool: JsonMap): boolean =>
  (tool["type"] ?? "custom") === "custom" && tool["defer_loading"] === undefined;

const systemOf = (system: unknown): readonly Message[] =>
  system === undefined ? [] : [{ role: "system", parts: piecesOf(system) }];

/** Results of tools are a turn of their own in the core. */
function turnOf(turn: JsonMap): readonly Message[] {
  const parts = piecesOf(turn["content"]);
  if (turn["role"] === "assistant") return [{ role: "assistant", parts }];
  const results = parts.filter((part) => part.type === "tool_result");
  const others = parts.filter((part) => part.type !== "tool_result");
  return [
    ...(results.length === 0 ? [] : [{ role: "tool", parts: results } as const]),
    ...(others.length === 0 ? [] : [{ role: "user", parts: others } as const]),
  ];
}

function piecesOf(content: unknown): readonly Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return listOf(content).map((block) => pieceOf(mapOf(block)));
}

function pieceOf(block: JsonMap): Part {
  const cacheHint = hintOf(block["cache_control"]);
  switch (block["type"]) {
    case "text":
      return { type: "text", text: String(block["text"]), cacheHint };
    case "image":
      return { type: "image", source: sourceOf(block["source"]), cacheHint };
    case "document":
      return { type: "file", source: sourceOf(block["source"]), cacheHint };
    case "thinking":
      return { type: "reasoning", text: String(block["thinking"]), signature: textOf(block["signature"]) };
    case "redacted_thinking":
      return { type: "reasoning", text: "", redactedData: String(block["data"]) };
    case "tool_use": {
      const argumentsJson = JSON.stringify(block["input"]);
      return { type: "tool_call", id: String(block["id"]), name: String(block["name"]), argumentsJson };
    }
    case "tool_result": {
      const content = piecesOf(block["content"]).flatMap((part) =>
        part.type === "text" || part.type === "image" ? [part] : [],
      );
      return { type: "tool_result", toolCallId: String(block["tool_use_id"]), content };
    }
    default:
      throw new Error(`unread block: ${JSON.stringify(block)}`);
  }
}

const hintOf = (mark: unknown): "short" | "long" | undefined =>
  mark === undefined ? undefined : at(mark, "ttl") === "1h" ? "long" : "short";

const sourceOf = (source: unknown): MediaSource =>
  at(source, "type") === "url"
    ? { url: String(at(source, "url")) }
    : { mediaType: String(at(source, "media_type")), data: String(at(source, "data")) };

const toolOf = (tool: JsonMap): Tool => ({
  name: String(tool["name"]),
  description: textOf(tool["description"]),
  parameters: jsonObject(mapOf(tool["input_schema"])),
});

function choiceOf(choice: unknown): ChatRequest["toolChoice"] {
  const type = at(choice, "type");
  if (type === "auto" || type === "none") return { type };
  if (type === "any") return { type: "required" };
  return type === "tool" ? { type, name: String(at(choice, "name")) } : undefined;
}

const formatOf = (config: unknown): ChatRequest["responseFormat"] =>
  at(config, "format", "type") === "json_schema"
    ? { type: "json_schema", name: "answer", schema: jsonObject(mapOf(at(config, "format", "schema"))) }
    : undefined;

/** The recorded body, where two forms mean the same in the one that is asked for here. */
function equalForms(told: JsonMap, vendorTools: boolean): unknown {
  return {
    ...told,
    stream: told["stream"] ?? false,
    messages: listOf(told["messages"]).map((turn) =>
      Object.assign({}, mapOf(turn), { content: blocksOf(at(turn, "content")) }),
    ),
    ...(vendorTools || told["tools"] === undefined
      ? {}
      : {
          tools: listOf(told["tools"]).map((tool) =>
            Object.fromEntries(Object.entries(mapOf(tool)).filter(([name]) => name !== "type")),
          ),
        }),
  };
}

const blocksOf = (content: unknown): unknown =>
  typeof content === "string"
    ? [{ type: "text", text: content }]
    : listOf(content).map((block) => equalBlock(mapOf(block)));

/** Five minutes are what a mark without a time means. */
const equalBlock = (block: JsonMap): unknown =>
  at(block["cache_control"], "ttl") === "5m" ? { ...block, cache_control: { type: "ephemeral" } } : block;
