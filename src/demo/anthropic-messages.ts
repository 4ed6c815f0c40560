/** Reads the conversation of a Messages request; a block list can hold several of the demo model's messages. */
import { hash } from "node:crypto";

import { Refusal, type DemoMessage } from "./demo-request.ts";
import { asText, isRecord, type JsonRecord } from "./json-value.ts";
import { countTokens } from "./token-text.ts";

const imageTokens = 85;
const blockTypes = new Set([
  "text",
  "image",
  "document",
  "search_result",
  "tool_use",
  "tool_result",
  "thinking",
  "redacted_thinking",
]);

/** The seal on a thinking block: a vendor takes the block back only with the one that it gave out. */
export function signThinking(thinking: string): string {
  return hash("sha512", `demo thinking\n${thinking}`, "base64");
}

export function readSystem(system: unknown): DemoMessage[] {
  if (system === undefined || system === null) return [];
  const { text, images } = readBlocks(system, "system");
  return [message("system", text, images)];
}

export function readAnthropicMessages(messages: unknown): DemoMessage[] {
  if (!Array.isArray(messages)) throw refuse("messages: Input should be a valid list");
  if (messages.length === 0) throw refuse("messages: at least one message is required");
  let called: ReadonlySet<unknown> = new Set();
  return messages.flatMap((item, position) => {
    const at = `messages.${position}`;
    const role = isRecord(item) ? item["role"] : undefined;
    if (!isRecord(item) || (role !== "user" && role !== "assistant")) {
      throw refuse(`${at}.role: Input should be 'user' or 'assistant'`);
    }
    const { content } = item;
    if (content === undefined) throw refuse(`${at}.content: Field required`);
    const last = position === messages.length - 1;
    if (
      (content === "" || (Array.isArray(content) && content.length === 0)) &&
      !(last && role === "assistant")
    ) {
      throw refuse(
        `${at}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
    if (last && role === "assistant") checkBegun(content);
    const blocks = Array.isArray(content) ? content.filter(isRecord) : [];
    const results = readToolResults(content, called, at);
    called = new Set(blocks.filter((block) => block["type"] === "tool_use").map((block) => block["id"]));
    const { text, images } = readBlocks(content, `${at}.content`);
    const own = text === "" && images === 0 && results.length > 0 ? [] : [message(role, text, images)];
    return [...results, ...own];
  });
}

/** An answer that the request begins. */
function checkBegun(content: unknown): void {
  const end: unknown = Array.isArray(content) ? content.at(-1) : content;
  const text = isRecord(end) && end["type"] === "text" ? end["text"] : end;
  if (typeof text !== "string" || text === text.trimEnd()) return;
  throw refuse("messages: final assistant content cannot end with trailing whitespace");
}

/** Where the model is to think, an answer that the request begins has to begin with thoughts. */
export function checkBegunThinking(messages: unknown): void {
  if (!Array.isArray(messages)) return;
  const last: unknown = messages.at(-1);
  if (!isRecord(last) || last["role"] !== "assistant") return;
  const first: unknown = Array.isArray(last["content"]) ? last["content"][0] : { type: "text" };
  const type = isRecord(first) ? first["type"] : "thinking";
  if (type === "thinking" || type === "redacted_thinking") return;
  const found = `Expected \`thinking\` or \`redacted_thinking\`, but found \`${asText(type)}\`.`;
  const rule = "When `thinking` is enabled, a final `assistant` message must start with a thinking block.";
  throw refuse(`messages.${messages.length - 1}.content.0.type: ${found} ${rule}`);
}

function readToolResults(content: unknown, called: ReadonlySet<unknown>, at: string): DemoMessage[] {
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [];
  return blocks.flatMap((block, position): DemoMessage[] => {
    if (!isRecord(block) || block["type"] !== "tool_result") return [];
    if (!called.has(block["tool_use_id"])) {
      const found = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${asText(block["tool_use_id"])}.`;
      const rule =
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
      throw refuse(`${at}.content.${position}: ${found} ${rule}`);
    }
    const { text, images } = readBlocks(
      block["content"] ?? "",
      `${at}.content.${position}.tool_result.content`,
    );
    return [message("tool", text, images)];
  });
}

function readBlocks(content: unknown, at: string): { text: string; images: number } {
  if (typeof content === "string") return { text: content, images: 0 };
  if (!Array.isArray(content)) throw refuse(`${at}: Input should be a valid string or list`);
  const texts: string[] = [];
  let images = 0;
  for (const [position, block] of content.entries()) {
    const type: unknown = isRecord(block) ? block["type"] : undefined;
    if (!isRecord(block) || typeof type !== "string" || !isBlockType(type)) {
      const expected = [...blockTypes].map((name) => `'${name}'`).join(", ");
      const found = `Input tag '${asText(type)}' found using 'type'`;
      throw refuse(`${at}.${position}: ${found} does not match any of the expected tags: ${expected}`);
    }
    checkBlock(block, `${at}.${position}`);
    if (type === "image") images += 1;
    if (type === "text" && typeof block["text"] === "string") texts.push(block["text"]);
  }
  return { text: texts.join("\n"), images };
}

/** Blocks of the vendor's own tools come back as they were given. */
function isBlockType(type: string): boolean {
  return blockTypes.has(type) || type === "server_tool_use" || type.endsWith("_tool_result");
}

function checkBlock(block: JsonRecord, at: string): void {
  if (block["type"] === "text") {
    if (typeof block["text"] !== "string") throw refuse(`${at}.text.text: Field required`);
    if (block["text"] === "") throw refuse("messages: text content blocks must be non-empty");
  }
  if (block["type"] === "image" && !isRecord(block["source"]))
    throw refuse(`${at}.image.source: Field required`);
  if (block["type"] === "tool_use" && !isRecord(block["input"])) {
    throw refuse(`${at}.tool_use.input: Input should be a valid dictionary`);
  }
  if (block["type"] === "thinking" && block["signature"] !== signThinking(asText(block["thinking"]))) {
    throw refuse(`${at}: Invalid \`signature\` in \`thinking\` block`);
  }
}

function message(role: DemoMessage["role"], text: string, images: number): DemoMessage {
  return { role, text, images, tokens: 3 + countTokens(text) + images * imageTokens };
}

function refuse(text: string): Refusal {
  return new Refusal({ status: 400, message: text });
}
