// A recorded `generateContent` request in the core's words. Apart from the adapter: it knows what the vendor
// documents, not how the adapter writes it.

import type { ChatRequest, Message, Part, ResponseFormat, Tool } from "../../../../src/core/chat/request.ts";
import type { RecordedRequest } from "../../../support/fixtures.ts";
import type { JsonMap } from "../json-view.ts";
import { at, jsonObject, listOf, mapOf, numberOf, textOf } from "../json-view.ts";
import type { RequestMeaning } from "../vendor.ts";

export function readGemini({ path, body }: RecordedRequest): RequestMeaning | string {
  const model = /\/models\/([^/:]+):/.exec(path)?.[1];
  if (model === undefined || at(body, "contents") === undefined) return "no chat";
  const told = mapOf(equalForm(body));
  const contents = withIds(listOf(told.contents).map(mapOf));
  const obstacle = obstacleTo(contents);
  if (obstacle !== undefined) return obstacle;
  const config = mapOf(told.generationConfig);
  const { tools, vendorTools } = toolsOf(listOf(told.tools));
  const reasoning = reasoningOf(config);
  const isPlaced = (name: string): boolean =>
    name === "thinkingConfig" ? reasoning !== undefined : placedSettings.has(name);
  const ownConfig = Object.entries(config).filter(([name]) => !isPlaced(name));
  const own = {
    ...Object.fromEntries(Object.entries(told).filter(([name]) => !placed.has(name))),
    ...(ownConfig.length === 0 ? {} : { generationConfig: Object.fromEntries(ownConfig) }),
    ...(vendorTools.length === 0 ? {} : { tools: vendorTools }),
  };
  const system = listOf(at(told.systemInstruction, "parts")).map((part) => textPart(part));
  const request: ChatRequest = {
    messages: [
      ...(system.length === 0 ? [] : [{ role: "system" as const, parts: system }]),
      ...contents.map((content) => messageOf(content)),
    ],
    tools: tools.length === 0 ? undefined : tools,
    sampling: { temperature: numberOf(config.temperature) },
    maxOutputTokens: numberOf(config.maxOutputTokens),
    stop: listOf(config.stopSequences).map(String),
    responseFormat: formatOf(config),
    reasoning,
    providerOptions: Object.keys(own).length === 0 ? undefined : { gemini: jsonObject(own) },
  };
  return { request, model, body: sent({ told, contents, config, system }) };
}

/** Members that the core has a place for. */
const placed = new Set(["contents", "systemInstruction", "tools", "generationConfig"]);

const placedSettings: ReadonlySet<string> = new Set([
  "temperature",
  "maxOutputTokens",
  "stopSequences",
  "responseMimeType",
  "responseJsonSchema",
]);

function sent(from: {
  readonly told: JsonMap;
  readonly contents: readonly JsonMap[];
  readonly config: JsonMap;
  readonly system: readonly Part[];
}): unknown {
  const { systemInstruction: _, generationConfig: __, ...body } = from.told;
  return {
    ...body,
    contents: from.contents,
    ...(from.system.length === 0
      ? {}
      : { systemInstruction: { parts: listOf(at(from.told.systemInstruction, "parts")) } }),
    ...(Object.keys(from.config).length === 0 ? {} : { generationConfig: from.config }),
  };
}

function obstacleTo(contents: readonly JsonMap[]): string | undefined {
  for (const part of contents.flatMap((content) => listOf(content.parts))) {
    if (at(part, "functionResponse", "parts", 0, "fileData") !== undefined)
      return "files in results, Vertex AI alone";
  }
  return undefined;
}

function messageOf({ role, parts }: JsonMap): Message {
  const read = listOf(parts).map((part) => partOf(part));
  if (read.some((part) => part.type === "tool_result")) return { role: "tool", parts: read };
  return { role: role === "model" ? "assistant" : "user", parts: read };
}

const textPart = (part: unknown): Part => ({ type: "text", text: String(at(part, "text")) });

function partOf(part: unknown): Part {
  const call = at(part, "functionCall");
  if (call !== undefined) {
    return {
      type: "tool_call",
      id: String(at(call, "id")),
      name: String(at(call, "name")),
      argumentsJson: JSON.stringify(at(call, "args")),
      signature: textOf(at(part, "thoughtSignature")),
      vendor: "gemini",
    };
  }
  const result = at(part, "functionResponse");
  if (result !== undefined) {
    const error = textOf(at(result, "response", "error"));
    const text = error ?? JSON.stringify(at(result, "response"));
    return {
      type: "tool_result",
      toolCallId: String(at(result, "id")),
      content: [{ type: "text", text }],
      isError: error === undefined ? undefined : true,
    };
  }
  const blob = at(part, "inlineData");
  if (blob === undefined) return textPart(part);
  const source = { data: String(at(blob, "data")), mediaType: String(at(blob, "mimeType")) };
  return { type: "image", source };
}

const isOurs = (tool: unknown): boolean => at(tool, "functionDeclarations") !== undefined;

function toolsOf(told: readonly unknown[]): {
  readonly tools: readonly Tool[];
  readonly vendorTools: readonly unknown[];
} {
  const tools = told.filter(isOurs).flatMap((tool) => listOf(at(tool, "functionDeclarations")));
  return {
    tools: tools.map((tool) => ({
      name: String(at(tool, "name")),
      description: textOf(at(tool, "description")),
      parameters: jsonObject(mapOf(at(tool, "parametersJsonSchema"))),
    })),
    vendorTools: told.filter((tool) => !isOurs(tool)),
  };
}

function formatOf(config: JsonMap): ResponseFormat | undefined {
  if (config.responseMimeType !== "application/json") return undefined;
  const schema = config.responseJsonSchema;
  return schema === undefined
    ? { type: "json" }
    : { type: "json_schema", name: "answer", schema: jsonObject(mapOf(schema)) };
}

/** To ask for thoughts without saying how many is the vendor's own. */
function reasoningOf({ thinkingConfig: thinking }: JsonMap): ChatRequest["reasoning"] {
  if (at(thinking, "thinkingBudget") === 0) return { effort: "none" };
  return at(thinking, "thinkingLevel") === "low" ? { effort: "low" } : undefined;
}

/** Calls have ids in the core, and their results name them: where the recording leaves them out, any will do. */
function withIds(contents: readonly JsonMap[]): readonly JsonMap[] {
  const counts = { functionCall: 0, functionResponse: 0 };
  const withId = (part: unknown): unknown => {
    for (const name of ["functionCall", "functionResponse"] as const) {
      const named = at(part, name);
      if (named === undefined) continue;
      counts[name] += 1;
      return { ...mapOf(part), [name]: { id: `call_${counts[name]}`, ...mapOf(named) } };
    }
    return part;
  };
  return contents.map(({ role, parts }) => ({ role, parts: listOf(parts).map((part) => withId(part)) }));
}

/**
 * What the vendor documents as equal, in the one form that we send: camel case (protobuf's JSON takes the other
 * too), a JSON Schema for the older dialect with its types in capitals or as numbers, plain base64, `low` for `LOW`.
 */
function equalForm(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => equalForm(entry));
  if (typeof value === "string") return equalText(value, key);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, member]): readonly (readonly [string, unknown])[] => {
    const known = camelCase.get(name) ?? name;
    if (member === null || (known === "role" && key === "systemInstruction")) return [];
    if (known === "parameters") return [["parametersJsonSchema", schemaForm(member)]];
    // Only these are the vendor's own names; the rest belongs to the caller.
    const isOpaque = known === "args" || known === "response" || known === "parametersJsonSchema";
    return [[known, isOpaque ? member : equalForm(member, known)]];
  });
  return Object.fromEntries(entries);
}

const camelCase: ReadonlyMap<string, string> = new Map([
  ["parameters_json_schema", "parametersJsonSchema"],
  ["function_call", "functionCall"],
  ["function_response", "functionResponse"],
  ["thought_signature", "thoughtSignature"],
  ["file_data", "fileData"],
  ["thinking_budget", "thinkingBudget"],
  ["thinking_level", "thinkingLevel"],
  ["include_thoughts", "includeThoughts"],
]);

function equalText(text: string, key: string): string {
  if (key === "thinkingLevel") return text.toLowerCase();
  return key === "data" ? text.replaceAll("-", "+").replaceAll("_", "/") : text;
}

const typeNumbers = ["", "string", "number", "integer", "boolean", "array", "object"];

function schemaForm(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const { type, properties, ...rest } = mapOf(schema);
  const inner = Object.entries(mapOf(properties)).map(([name, member]) => [name, schemaForm(member)]);
  const word = typeof type === "number" ? typeNumbers[type] : textOf(type)?.toLowerCase();
  return {
    ...(word === undefined ? {} : { type: word }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(inner) }),
    ...rest,
  };
}
