/** Reads a Chat Completions request; refuses it in OpenAI's words (platform.openai.com/docs/api-reference/chat). */
import {
  Refusal,
  type DemoFormat,
  type DemoRequest,
  type DemoTool,
  type DemoToolChoice,
} from "./demo-request.ts";
import { readOpenaiMessages } from "./openai-messages.ts";
import { isRecord, isStringArray, type JsonRecord } from "./json-value.ts";
import { checkDecimal, readFlag, readLimit, refuse, refuseType } from "./openai-fields.ts";

export function readOpenaiRequest(body: unknown): DemoRequest {
  if (!isRecord(body)) throw refuseType("body", "an object", body);
  const { model, messages } = body;
  if (typeof model !== "string" || model === "") {
    throw new Refusal({ status: 400, message: "you must provide a model parameter" });
  }
  if (messages === undefined) {
    const code = "missing_required_parameter";
    throw refuse("messages", "Missing required parameter: 'messages'.", code);
  }
  if (!Array.isArray(messages)) throw refuseType("messages", "an array of objects", messages);
  if (messages.length === 0) {
    const expected = "Expected an array with minimum length 1, but got an empty array instead.";
    throw refuse("messages", `Invalid 'messages': empty array. ${expected}`, "empty_array");
  }
  const stream = readFlag(body, "stream") === true;
  const options = body["stream_options"] ?? undefined;
  if (options !== undefined && !stream) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    throw refuse("stream_options", message);
  }
  if ((body["n"] ?? 1) !== 1) {
    throw refuse(
      "n",
      "Unsupported value: 'n' does not support more than one choice with this model.",
      "unsupported_value",
    );
  }
  checkDecimal(body, "temperature", 2);
  checkDecimal(body, "top_p", 1);
  const tools = readTools(body);
  const effort = body["reasoning_effort"] ?? undefined;
  return {
    model,
    stream,
    includeUsage: isRecord(options) && options["include_usage"] === true,
    messages: readOpenaiMessages(messages),
    tools,
    toolChoice: readToolChoice(body, tools),
    parallelTools: readFlag(body, "parallel_tool_calls") !== false,
    maxTokens: readLimit(body, "max_completion_tokens") ?? readLimit(body, "max_tokens"),
    stop: readStop(body["stop"] ?? undefined),
    format: readFormat(body["response_format"] ?? undefined),
    reasoning: (effort !== undefined && effort !== "none") || isRecord(body["reasoning"]),
  };
}

function readTools(body: JsonRecord): DemoTool[] {
  const tools = body["tools"] ?? [];
  if (!Array.isArray(tools)) throw refuseType("tools", "an array of objects", tools);
  return tools.map((tool, position) => {
    const definition = isRecord(tool) ? tool["function"] : undefined;
    const name = isRecord(definition) ? definition["name"] : undefined;
    if (!isRecord(definition) || typeof name !== "string") {
      const param = `tools[${position}].function`;
      throw refuse(param, `Missing required parameter: '${param}'.`, "missing_required_parameter");
    }
    if (!/^[\w-]{1,64}$/u.test(name)) {
      const param = `tools[${position}].function.name`;
      const expected = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
      throw refuse(param, `Invalid '${param}': string does not match pattern. ${expected}`, "invalid_value");
    }
    return { name, schema: definition["parameters"] };
  });
}

function readToolChoice(body: JsonRecord, tools: readonly DemoTool[]): DemoToolChoice {
  const choice = body["tool_choice"] ?? undefined;
  if (choice === undefined) return { kind: "auto" };
  if (tools.length === 0) {
    throw refuse(
      "tool_choice",
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    );
  }
  if (choice === "auto" || choice === "none" || choice === "required") return { kind: choice };
  const named = isRecord(choice) && isRecord(choice["function"]) ? choice["function"]["name"] : undefined;
  if (typeof named !== "string") {
    throw refuse(
      "tool_choice",
      "Invalid value for 'tool_choice'. Supported values are: 'none', 'auto', 'required'.",
      "invalid_value",
    );
  }
  if (!tools.some((tool) => tool.name === named)) {
    throw refuse(
      "tool_choice",
      `Invalid value for 'tool_choice': the function '${named}' is not among 'tools'.`,
    );
  }
  return { kind: "named", name: named };
}

function readFormat(format: unknown): DemoFormat {
  const type = isRecord(format) ? format["type"] : undefined;
  if (format === undefined || type === "text") return { kind: "text" };
  if (type === "json_object") return { kind: "json" };
  const wrapped = isRecord(format) ? format["json_schema"] : undefined;
  if (type === "json_schema" && isRecord(wrapped) && typeof wrapped["name"] === "string") {
    return { kind: "json_schema", schema: wrapped["schema"] };
  }
  const param = type === "json_schema" ? "response_format.json_schema" : "response_format.type";
  throw refuse(param, `Missing or invalid parameter: '${param}'.`, "invalid_value");
}

function readStop(stop: unknown): readonly string[] {
  if (stop === undefined) return [];
  if (typeof stop === "string") return [stop];
  if (!isStringArray(stop)) throw refuseType("stop", "one of a string or array of strings", stop);
  if (stop.length <= 4) return stop;
  const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`;
  throw refuse("stop", message, "array_above_max_length");
}
