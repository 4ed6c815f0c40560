// From the core's names of a request's fields to OpenAI's, for the errors that the core raises.

import type { ChatRequest, Message } from "../../core/chat/request.ts";
import { GatewayError } from "../../core/errors.ts";

const plainNames: ReadonlyMap<string, string> = new Map([
  ["sampling.temperature", "temperature"],
  ["sampling.topP", "top_p"],
  ["sampling.topK", "top_k"],
  ["sampling.seed", "seed"],
  ["sampling.frequencyPenalty", "frequency_penalty"],
  ["sampling.presencePenalty", "presence_penalty"],
  ["maxOutputTokens", "max_completion_tokens"],
  ["toolChoice", "tool_choice"],
  ["toolChoice.name", "tool_choice.function.name"],
  ["responseFormat.name", "response_format.json_schema.name"],
  ["responseFormat.schema", "response_format.json_schema.schema"],
]);

/** The same error with its field, there and in the message, as the caller wrote it. */
export function inOpenAiWords(error: GatewayError, fieldOf: (field: string) => string): GatewayError {
  const { field, code, retryAfterMs, attempts, meta, cause } = error;
  if (field === undefined) return error;
  const theirs = fieldOf(field);
  if (theirs === field) return error;
  const message = error.message.startsWith(field)
    ? theirs + error.message.slice(field.length)
    : error.message;
  return new GatewayError({ code, message, field: theirs, retryAfterMs, attempts, meta, cause });
}

/** A field that requests of every endpoint have. */
function commonField(field: string): string | undefined {
  if (field === "providerOptions.openai_family") return "body";
  return field.startsWith("labels") ? `metadata${field.slice("labels".length)}` : undefined;
}

/** A field of a request for embeddings; `single`: its `input` is one text, not a list of them. */
export function embeddingField(field: string, single: boolean): string {
  const common = commonField(field);
  if (common !== undefined || !field.startsWith("inputs")) return common ?? field;
  return single ? "input" : `input${field.slice("inputs".length)}`;
}

/** A field of a request for a chat. */
export function chatField(field: string, request: ChatRequest): string {
  const plain = plainNames.get(field) ?? commonField(field);
  if (plain !== undefined) return plain;
  const tool = /^(tools\[\d+\])\.(.+)$/.exec(field);
  if (tool !== null) return `${tool[1]}.function.${tool[2]}`;
  const part = /^messages\[(\d+)\]\.parts(?:\[(\d+)\])?(.*)$/.exec(field);
  const message = request.messages[Number(part?.[1])];
  if (part === null || message === undefined) return field;
  const inMessage = part[2] === undefined ? "content" : partField(message, Number(part[2]), part[3] ?? "");
  return `messages[${part[1]}].${inMessage}`;
}

/** The mapping puts an assistant's reasoning before its content, and its tool calls after it. */
function partField(message: Message, index: number, rest: string): string {
  const before = message.parts.slice(0, index);
  const part = message.parts[index];
  switch (part?.type) {
    case "tool_call": {
      const place = before.filter(({ type }) => type === "tool_call").length;
      return `tool_calls[${place}]${rest.replace(".name", ".function.name")}`;
    }
    case "tool_result": {
      if (rest === ".toolCallId") return "tool_call_id";
      const inner = /^\.content\[(\d+)\](.*)$/.exec(rest);
      const content = part.content[Number(inner?.[1])];
      return inner === null
        ? "content"
        : `content[${inner[1]}]${contentField(content?.type, inner[2] ?? "")}`;
    }
    case "reasoning":
      return "reasoning_content";
    case "text":
    case "image":
    case "file":
    case undefined: {
      const place = before.filter(({ type }) => type !== "reasoning").length;
      return `content[${place}]${contentField(part?.type, rest)}`;
    }
  }
}

function contentField(type: string | undefined, rest: string): string {
  if (!rest.startsWith(".source")) return rest;
  return type === "file" ? ".file.file_data" : ".image_url.url";
}
