// A recorded Converse request in the core's words. Apart from the adapter: it knows what the vendor documents.

import type { ChatRequest, Message, Part, Tool } from "../../../../src/core/chat/request.ts";
import type { RecordedRequest } from "../../../support/fixtures.ts";
import type { JsonMap } from "../json-view.ts";
import { at, jsonObject, listOf, mapOf, numberOf, parseJson, textOf } from "../json-view.ts";
import type { RequestMeaning } from "../vendor.ts";

export function readBedrockRequest({ path, body }: RecordedRequest): RequestMeaning | string {
  const told = mapOf(body);
  const blocks = listOf(told["messages"]).flatMap((turn) => listOf(at(turn, "content")));
  if (blocks.some((block) => at(block, "guardContent") !== undefined)) return "a block for guardrails alone";
  const config = told["inferenceConfig"];
  const tools = listOf(at(told["toolConfig"], "tools"));
  const request: ChatRequest = {
    messages: [
      ...systemOf(listOf(told["system"])),
      ...listOf(told["messages"]).map((turn) => turnOf(mapOf(turn))),
    ],
    tools: tools.length === 0 ? undefined : toolsOf(tools),
    toolChoice: choiceOf(at(told["toolConfig"], "toolChoice")),
    responseFormat: formatOf(at(told["outputConfig"], "textFormat", "structure", "jsonSchema")),
    sampling: { temperature: numberOf(at(config, "temperature")), topP: numberOf(at(config, "topP")) },
    maxOutputTokens: numberOf(at(config, "maxTokens")),
    stop: listOf(at(config, "stopSequences")).map(String),
  };
  const model = decodeURIComponent(/\/model\/([^/]+)\//.exec(path)?.[1] ?? "");
  return { request, model, body: equalForms(told) };
}

const systemOf = (blocks: readonly unknown[]): readonly Message[] =>
  blocks.length === 0 ? [] : [{ role: "system", parts: piecesOf(blocks) }];

/** Results of tools are a turn of their own in the core. */
function turnOf(turn: JsonMap): Message {
  const parts = piecesOf(listOf(turn["content"]));
  if (turn["role"] === "assistant") return { role: "assistant", parts };
  return { role: parts.some((part) => part.type === "tool_result") ? "tool" : "user", parts };
}

/** A cache point is a wish on what stands before it. */
function piecesOf(blocks: readonly unknown[]): readonly Part[] {
  const parts: Part[] = [];
  for (const block of blocks) {
    const last = parts.at(-1);
    if (at(block, "cachePoint") === undefined) parts.push(pieceOf(block));
    else if (last !== undefined) parts[parts.length - 1] = { ...last, cacheHint: "short" };
  }
  return parts;
}

function pieceOf(block: unknown): Part {
  const text = textOf(at(block, "text"));
  if (text !== undefined) return { type: "text", text };
  const document = at(block, "document");
  if (document !== undefined) {
    if (at(document, "format") !== "txt") throw new Error(`unread format: ${JSON.stringify(document)}`);
    return {
      type: "file",
      source: { mediaType: "text/plain", data: String(at(document, "source", "bytes")) },
      filename: `${textOf(at(document, "name"))}.txt`,
    };
  }
  const call = at(block, "toolUse");
  if (call !== undefined) {
    return {
      type: "tool_call",
      id: String(at(call, "toolUseId")),
      name: String(at(call, "name")),
      argumentsJson: JSON.stringify(at(call, "input")),
    };
  }
  const result = at(block, "toolResult");
  if (result === undefined) throw new Error(`unread block: ${JSON.stringify(block)}`);
  return {
    type: "tool_result",
    toolCallId: String(at(result, "toolUseId")),
    content: listOf(at(result, "content")).map((inner) => ({
      type: "text",
      text: String(at(inner, "text")),
    })),
  };
}

function toolsOf(entries: readonly unknown[]): readonly Tool[] {
  const tools: Tool[] = [];
  for (const entry of entries) {
    const spec = at(entry, "toolSpec");
    const last = tools.at(-1);
    if (spec !== undefined) tools.push(toolOf(spec));
    else if (last !== undefined) tools[tools.length - 1] = { ...last, cacheHint: "short" };
  }
  return tools;
}

const toolOf = (spec: unknown): Tool => ({
  name: String(at(spec, "name")),
  description: textOf(at(spec, "description")),
  parameters: jsonObject(mapOf(at(spec, "inputSchema", "json"))),
});

function choiceOf(choice: unknown): ChatRequest["toolChoice"] {
  if (at(choice, "auto") !== undefined) return { type: "auto" };
  if (at(choice, "any") !== undefined) return { type: "required" };
  const name = textOf(at(choice, "tool", "name"));
  return name === undefined ? undefined : { type: "tool", name };
}

const formatOf = (schema: unknown): ChatRequest["responseFormat"] =>
  schema === undefined
    ? undefined
    : {
        type: "json_schema",
        name: String(at(schema, "name")),
        description: textOf(at(schema, "description")),
        schema: jsonObject(mapOf(parseJson(String(at(schema, "schema"))))),
      };

/** The recorded body without members that say nothing, and with the schema's JSON text as ours is spaced. */
function equalForms(told: JsonMap): unknown {
  const schema = at(told["outputConfig"], "textFormat", "structure", "jsonSchema");
  const { system, inferenceConfig, outputConfig, ...others } = told;
  return {
    ...others,
    ...(listOf(system).length === 0 ? {} : { system }),
    ...(Object.keys(mapOf(inferenceConfig)).length === 0 ? {} : { inferenceConfig }),
    ...(schema === undefined
      ? outputConfig === undefined
        ? {}
        : { outputConfig }
      : {
          outputConfig: {
            textFormat: {
              type: "json_schema",
              structure: {
                jsonSchema: {
                  ...mapOf(schema),
                  schema: JSON.stringify(parseJson(String(at(schema, "schema")))),
                },
              },
            },
          },
        }),
  };
}
