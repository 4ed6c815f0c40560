/** Reads a Messages request; refuses it in Anthropic's words (docs.claude.com/en/api/messages). */
import { checkBegunThinking, readAnthropicMessages, readSystem } from "./anthropic-messages.ts";
import {
  Refusal,
  type DemoFormat,
  type DemoRequest,
  type DemoTool,
  type DemoToolChoice,
} from "./demo-request.ts";
import { isRecord, isStringArray, type JsonRecord } from "./json-value.ts";

export function readAnthropicRequest(body: unknown): DemoRequest {
  if (!isRecord(body)) throw refuse("Input should be a valid dictionary");
  for (const name of ["model", "messages", "max_tokens"]) {
    if (body[name] === undefined) throw refuse(`${name}: Field required`);
  }
  const { model, max_tokens: maxTokens } = body;
  if (typeof model !== "string") throw refuse("model: Input should be a valid string");
  if (typeof maxTokens !== "number" || !Number.isInteger(maxTokens)) {
    throw refuse("max_tokens: Input should be a valid integer");
  }
  if (maxTokens < 1) throw refuse("max_tokens: Input should be greater than or equal to 1");
  checkShare(body, "temperature");
  checkShare(body, "top_p");
  const stop = body["stop_sequences"] ?? [];
  if (!isStringArray(stop)) throw refuse("stop_sequences: Input should be a valid list");
  if (stop.some((sequence) => sequence.trim() === "")) {
    throw refuse("stop_sequences: each stop sequence must contain non-whitespace");
  }
  const tools = readTools(body);
  const choice = isRecord(body["tool_choice"]) ? body["tool_choice"] : undefined;
  const toolChoice = readToolChoice(choice, tools);
  const messages = readAnthropicMessages(body["messages"]);
  const last = messages.at(-1);
  return {
    model,
    stream: body["stream"] === true,
    includeUsage: true,
    messages: [...readSystem(body["system"]), ...messages],
    begun: last?.role === "assistant" && last.text !== "" ? last.text : undefined,
    tools,
    toolChoice,
    parallelTools: choice?.["disable_parallel_tool_use"] !== true,
    maxTokens,
    stop,
    format: readFormat(body),
    reasoning: readThinking(body, maxTokens, toolChoice),
  };
}

function readTools(body: JsonRecord): DemoTool[] {
  const tools = body["tools"] ?? [];
  if (!Array.isArray(tools)) throw refuse("tools: Input should be a valid list");
  return tools.flatMap((tool, position): DemoTool[] => {
    const type = isRecord(tool) ? (tool["type"] ?? "custom") : undefined;
    if (!isRecord(tool) || typeof tool["name"] !== "string") {
      throw refuse(`tools.${position}.custom.name: Field required`);
    }
    // The vendor's own tools have no schema, and run at its side.
    if (type !== "custom") return [];
    if (!/^[\w-]{1,128}$/u.test(tool["name"])) {
      throw refuse(`tools.${position}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    }
    const schema = tool["input_schema"];
    if (!isRecord(schema)) throw refuse(`tools.${position}.custom.input_schema: Field required`);
    if (schema["type"] !== "object") {
      throw refuse(`tools.${position}.custom.input_schema.type: Input should be 'object'`);
    }
    return [{ name: tool["name"], schema }];
  });
}

function readToolChoice(choice: JsonRecord | undefined, tools: readonly DemoTool[]): DemoToolChoice {
  const type = choice?.["type"] ?? "auto";
  if (type === "auto" || type === "none") return { kind: type };
  if (type === "any" && tools.length > 0) return { kind: "required" };
  if (type === "any") throw refuse("tool_choice.any may only be specified while providing tools");
  const name = choice?.["name"];
  if (type !== "tool" || typeof name !== "string") {
    throw refuse(
      "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
    );
  }
  if (!tools.some((tool) => tool.name === name)) throw refuse(`Tool '${name}' not found in provided tools`);
  return { kind: "named", name };
}

function readFormat(body: JsonRecord): DemoFormat {
  const config = isRecord(body["output_config"]) ? body["output_config"]["format"] : undefined;
  const format = config ?? body["output_format"];
  if (!isRecord(format)) return { kind: "text" };
  if (format["type"] === "json_schema") return { kind: "json_schema", schema: format["schema"] };
  throw refuse("output_config.format.type: Input should be 'json_schema'");
}

function readThinking(body: JsonRecord, maxTokens: number, toolChoice: DemoToolChoice): boolean {
  const thinking = body["thinking"];
  if (!isRecord(thinking) || thinking["type"] === "disabled") return false;
  if (thinking["type"] !== "enabled" && thinking["type"] !== "adaptive") {
    throw refuse(
      "thinking: Input tag does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'",
    );
  }
  if (thinking["type"] === "enabled") {
    const budget = thinking["budget_tokens"];
    if (typeof budget !== "number") throw refuse("thinking.enabled.budget_tokens: Field required");
    if (budget < 1024) {
      throw refuse("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
    }
    checkBegunThinking(body["messages"]);
    if (maxTokens <= budget) throw refuse("`max_tokens` must be greater than `thinking.budget_tokens`");
  }
  if (toolChoice.kind === "required" || toolChoice.kind === "named") {
    throw refuse("Thinking may not be enabled when tool_choice forces tool use.");
  }
  const temperature = body["temperature"] ?? 1;
  if (temperature !== 1) throw refuse("`temperature` may only be set to 1 when thinking is enabled.");
  return true;
}

function checkShare(body: JsonRecord, name: string): void {
  const value = body[name] ?? undefined;
  if (value === undefined) return;
  if (typeof value !== "number") throw refuse(`${name}: Input should be a valid number`);
  if (value < 0 || value > 1) throw refuse(`${name}: range: 0..1`);
}

function refuse(message: string): Refusal {
  return new Refusal({ status: 400, message });
}
