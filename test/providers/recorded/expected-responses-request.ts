// A recorded request of the Responses API in the core's words, and the body that we send for it: members that are
// documented as defaults are written out, instructions are the first message, ids that are optional are left out.

import type { ChatRequest, Message, Part, Tool } from "../../../src/core/chat/request.ts";
import { validateChatRequest } from "../../../src/core/chat/validate.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { isJsonArray, isJsonObject, parseJson, stringIn } from "../../../src/providers/vendor-json.ts";
import type { RecordedRequest } from "../../support/fixtures.ts";
import type { RequestMeaning } from "./vendor.ts";

/** A form of the vendor's for which the core has no words. */
class Unsaid extends Error {}

/** `kind` is that under which the core keeps the vendor's own members; `maker` is whose proofs are given back. */
export interface AskedOf {
  readonly kind: string;
  readonly maker: string;
  /** Whether it keeps answers unless told not to. */
  readonly stores: boolean;
}

/** @returns why not, where the core has no words for it */
export function askedOfResponses(request: RecordedRequest, vendor: AskedOf): RequestMeaning | string {
  const body = parseJson(JSON.stringify(request.body) ?? "");
  if (!isJsonObject(body)) return "it has no body";
  try {
    const meaning = meaningOf(body, vendor);
    validateChatRequest(meaning.request);
    return meaning;
  } catch (error) {
    if (error instanceof Unsaid) return error.message;
    if (error instanceof GatewayError) return `the core refuses it: ${error.message}`;
    throw error;
  }
}

function meaningOf(body: JsonObject, vendor: AskedOf): RequestMeaning {
  const { model, input, instructions, stream, store, include, tools, text, reasoning, ...rest } = body;
  const { tool_choice: choice, max_output_tokens: maxOutputTokens, temperature, ...others } = rest;
  if (others["background"] === true && stream !== true) throw new Unsaid("background mode is not served");
  const items = typeof input === "string" ? [{ role: "user", content: input }] : listOf(input);
  const system = stringIn(instructions) ?? "";
  const all = system === "" ? items : [{ role: "system", content: system }, ...items];
  const wireTools = listOf(tools).map((tool) => plainTool(tool));
  const told: Told = { all, tools: wireTools, choice, reasoning: objectOf(reasoning), others };
  const stored = vendor.stores ? store !== false : store;
  const own = ownMembers(told, { stores: vendor.stores && store !== false, include });
  const normal: Record<string, unknown> = {
    ...others,
    model,
    input: all.map((item) => plainItem(item)),
    store: stored,
    stream: stream === true ? true : undefined,
    include,
    text,
    tool_choice: choice,
    max_output_tokens: maxOutputTokens,
    temperature,
    tools: wireTools.length === 0 ? undefined : wireTools,
    reasoning: told.reasoning === undefined ? undefined : { summary: null, ...told.reasoning },
  };
  const sent = Object.entries(normal).filter(([, value]) => value !== undefined);
  return {
    request: {
      ...chatOf(told, vendor.maker),
      ...(typeof maxOutputTokens === "number" ? { maxOutputTokens } : {}),
      ...(typeof temperature === "number" ? { sampling: { temperature } } : {}),
      ...formatOf(objectOf(text)?.["format"]),
      ...(Object.keys(own).length === 0 ? {} : { providerOptions: { [vendor.kind]: own } }),
    },
    model: stringIn(model) ?? "",
    body: Object.fromEntries(sent),
  };
}

interface Told {
  readonly all: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
  readonly choice: JsonValue | undefined;
  readonly reasoning: JsonObject | undefined;
  /** Members that the core has no fields for. */
  readonly others: JsonObject;
}

const onlyFunctions = ({ tools }: Told): boolean => tools.every((tool) => tool["type"] === "function");

/** What the core has no field for goes by the vendor's own name. */
function ownMembers(
  told: Told,
  { stores, include }: { readonly stores: boolean; readonly include: JsonValue | undefined },
): JsonObject {
  const own: Record<string, JsonValue> = { ...told.others };
  if (stores) own["store"] = true;
  if (stores && include !== undefined) own["include"] = include;
  if (told.reasoning !== undefined) own["reasoning"] = { summary: told.reasoning["summary"] ?? null };
  if (onlyFunctions(told)) return own;
  own["tools"] = told.tools;
  if (told.choice !== undefined) own["tool_choice"] = told.choice;
  return own;
}

const efforts = ["minimal", "low", "medium", "high"] as const;

function chatOf(told: Told, maker: string): ChatRequest {
  const effort = efforts.find((each) => each === told.reasoning?.["effort"]);
  const functions = onlyFunctions(told) && told.tools.length > 0;
  return {
    messages: messagesOf(told.all, maker),
    ...(functions ? { tools: told.tools.map((tool) => toolOf(tool)) } : {}),
    ...(functions && told.choice === "auto" ? { toolChoice: { type: "auto" } } : {}),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
  };
}

const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  isJsonArray(value) ? value.filter((each) => isJsonObject(each)) : [];

const objectOf = (value: JsonValue | undefined): JsonObject | undefined =>
  isJsonObject(value) ? value : undefined;

/** `strict` is true where nothing is said; a description may be null. */
function plainTool(tool: JsonObject): JsonObject {
  if (tool["type"] !== "function" || tool["defer_loading"] !== undefined) return tool;
  const { description, ...rest } = tool;
  return {
    ...rest,
    ...(typeof description === "string" ? { description } : {}),
    strict: tool["strict"] ?? true,
  };
}

function toolOf(tool: JsonObject): Tool {
  const parameters = objectOf(tool["parameters"]);
  return {
    name: stringIn(tool["name"]) ?? "",
    ...(typeof tool["description"] === "string" ? { description: tool["description"] } : {}),
    ...(parameters === undefined ? {} : { parameters }),
    strict: tool["strict"] === true,
  };
}

function formatOf(format: JsonValue | undefined): Pick<ChatRequest, "responseFormat"> {
  const told = objectOf(format);
  const schema = objectOf(told?.["schema"]);
  if (told?.["type"] !== "json_schema" || schema === undefined) return {};
  const strict = told["strict"] === true;
  return { responseFormat: { type: "json_schema", name: stringIn(told["name"]) ?? "", schema, strict } };
}

function plainItem(item: JsonObject): JsonObject {
  if (item["type"] === "reasoning") return { ...item, summary: item["summary"] ?? [] };
  const { id: _id, status: _status, ...rest } = item;
  if (rest["type"] !== "message") return rest;
  const { type: _type, ...message } = rest;
  return message;
}

function messagesOf(items: readonly JsonObject[], maker: string): readonly Message[] {
  const messages: { role: Message["role"]; parts: Part[] }[] = [];
  for (const item of items) {
    const role = roleOf(item);
    const last = messages.at(-1);
    // What the model wrote in one turn is one message.
    if (last?.role === "assistant" && role === "assistant") last.parts.push(...partsOf(item, maker));
    else messages.push({ role, parts: [...partsOf(item, maker)] });
  }
  return messages;
}

function roleOf(item: JsonObject): Message["role"] {
  const { role, type } = item;
  if (role === "user" || role === "system" || role === "assistant") return role;
  if (type === "function_call" || type === "reasoning") return "assistant";
  if (type === "function_call_output") return "tool";
  throw new Unsaid(`the core has no words for an item ${stringIn(type) ?? stringIn(role)}`);
}

function partsOf(item: JsonObject, maker: string): readonly Part[] {
  if (item["type"] === "function_call") {
    const { call_id: id, name, arguments: written } = item;
    return [
      {
        type: "tool_call",
        id: stringIn(id) ?? "",
        name: stringIn(name) ?? "",
        argumentsJson: stringIn(written) ?? "",
      },
    ];
  }
  if (item["type"] === "reasoning") {
    const [first] = listOf(item["summary"]);
    return [
      {
        type: "reasoning",
        text: stringIn(first?.["text"]) ?? "",
        signature: stringIn(item["id"]),
        redactedData: stringIn(item["encrypted_content"]),
        vendor: maker,
      },
    ];
  }
  if (item["type"] === "function_call_output") {
    const content = piecesOf(item["output"]);
    const plain = content.filter((piece) => piece.type === "text" || piece.type === "image");
    return [{ type: "tool_result", toolCallId: stringIn(item["call_id"]) ?? "", content: plain }];
  }
  return piecesOf(item["content"]);
}

function piecesOf(content: JsonValue | undefined): readonly Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return listOf(content).map((piece): Part => {
    const { type, text, image_url: url, ...others } = piece;
    const marks = Object.keys(others);
    if (marks.length > 0) throw new Unsaid(`the core has no words for ${marks.join(", ")} there`);
    if (type === "input_text" && typeof text === "string") return { type: "text", text };
    const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(stringIn(url) ?? "") ?? [];
    if (type === "input_image" && mediaType !== undefined && data !== undefined) {
      return { type: "image", source: { data, mediaType } };
    }
    throw new Unsaid(`the core has no words for ${stringIn(type)} there`);
  });
}
