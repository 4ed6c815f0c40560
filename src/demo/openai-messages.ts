/** Reads the conversation of a Chat Completions request. */
import type { DemoMessage } from "./demo-request.ts";
import { asText, isRecord } from "./json-value.ts";
import { refuse, refuseType } from "./openai-fields.ts";
import { countTokens } from "./token-text.ts";

const roles: Readonly<Record<string, DemoMessage["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
};
const imageTokens = 85;

export function readOpenaiMessages(messages: readonly unknown[]): DemoMessage[] {
  const calls = new Set<unknown>();
  return messages.map((message, position) => {
    const at = `messages[${position}]`;
    if (!isRecord(message)) throw refuseType(at, "an object", message);
    const role =
      typeof message["role"] === "string" && Object.hasOwn(roles, message["role"])
        ? roles[message["role"]]
        : undefined;
    if (role === undefined) {
      const supported = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";
      const complaint = `Invalid value: '${asText(message["role"])}'. Supported values are: ${supported}.`;
      throw refuse(`${at}.role`, complaint, "invalid_value");
    }
    const toolCalls = Array.isArray(message["tool_calls"]) ? message["tool_calls"].filter(isRecord) : [];
    for (const call of toolCalls) calls.add(call["id"]);
    if (message["role"] === "tool" && !calls.has(message["tool_call_id"])) {
      const text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      throw refuse(`${at}.role`, `Invalid parameter: ${text}`);
    }
    const { text, images } = readContent(message["content"] ?? "", `${at}.content`);
    const called = toolCalls.reduce(
      (sum, call) => sum + countTokens(JSON.stringify(call["function"] ?? "")),
      0,
    );
    return { role, text, images, tokens: 3 + countTokens(text) + called + images * imageTokens };
  });
}

const partTypes = ["text", "image_url", "input_audio", "refusal", "audio", "file"];

function readContent(content: unknown, at: string): { text: string; images: number } {
  if (typeof content === "string") return { text: content, images: 0 };
  if (!Array.isArray(content)) throw refuseType(at, "one of a string or array of objects", content);
  const texts: string[] = [];
  let images = 0;
  for (const [position, part] of content.entries()) {
    const type: unknown = isRecord(part) ? part["type"] : undefined;
    if (!isRecord(part) || typeof type !== "string" || !partTypes.includes(type)) {
      const supported = partTypes.map((name) => `'${name}'`).join(", ");
      const message = `Invalid value: '${asText(type)}'. Supported values are: ${supported}.`;
      throw refuse(`${at}[${position}].type`, message, "invalid_value");
    }
    if (type === "image_url") {
      if (!isRecord(part["image_url"]) || typeof part["image_url"]["url"] !== "string") {
        throw refuseType(`${at}[${position}].image_url`, "an object", part["image_url"]);
      }
      images += 1;
    }
    if (typeof part["text"] === "string") texts.push(part["text"]);
  }
  return { text: texts.join("\n"), images };
}
