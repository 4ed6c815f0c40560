// A request in the core's words as the contract's message.

import { create } from "@bufbuild/protobuf";
import {
  CacheHint,
  type ChatRequest as ChatRequestMessage,
  ChatRequestSchema,
  ImageDetail,
  type Part as PartMessage,
  PartSchema,
  ReasoningEffort,
  type ResponseFormat as ResponseFormatMessage,
  ResponseFormatSchema,
  Role,
  ToolChoiceMode,
} from "../../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ChatRequest, MediaSource, Part, ResponseFormat } from "../../../../src/core/chat/request.ts";

const roles = { system: Role.SYSTEM, user: Role.USER, assistant: Role.ASSISTANT, tool: Role.TOOL } as const;
const hints = { short: CacheHint.SHORT, long: CacheHint.LONG } as const;
const details = { auto: ImageDetail.AUTO, low: ImageDetail.LOW, high: ImageDetail.HIGH } as const;
const modes = {
  auto: ToolChoiceMode.AUTO,
  none: ToolChoiceMode.NONE,
  required: ToolChoiceMode.REQUIRED,
  tool: ToolChoiceMode.TOOL,
} as const;
const efforts = {
  none: ReasoningEffort.NONE,
  minimal: ReasoningEffort.MINIMAL,
  low: ReasoningEffort.LOW,
  medium: ReasoningEffort.MEDIUM,
  high: ReasoningEffort.HIGH,
  xhigh: ReasoningEffort.XHIGH,
} as const;

export function protobufRequest(request: ChatRequest): ChatRequestMessage {
  const { toolChoice, sampling, reasoning, responseFormat } = request;
  const message = create(ChatRequestSchema, {
    model: request.model ?? "",
    messages: request.messages.map(({ role, parts, name }) => ({
      role: roles[role],
      parts: parts.map(partOf),
      name: name ?? "",
    })),
    tools: (request.tools ?? []).map(({ name, description, parameters, strict }) => ({
      name,
      description: description ?? "",
      parameters: parameters === undefined ? undefined : structOf(parameters),
      strict,
    })),
    toolChoice:
      toolChoice === undefined
        ? undefined
        : { mode: modes[toolChoice.type], name: toolChoice.type === "tool" ? toolChoice.name : "" },
    parallelToolCalls: request.parallelToolCalls,
    sampling:
      sampling === undefined
        ? undefined
        : { ...sampling, seed: sampling.seed === undefined ? undefined : BigInt(sampling.seed) },
    maxOutputTokens: request.maxOutputTokens,
    stop: [...(request.stop ?? [])],
    reasoning:
      reasoning === undefined
        ? undefined
        : {
            effort: reasoning.effort === undefined ? undefined : efforts[reasoning.effort],
            budgetTokens: reasoning.budgetTokens,
          },
    labels: { ...request.labels },
  });
  if (responseFormat !== undefined) message.responseFormat = formatOf(responseFormat);
  return message;
}

type Struct = NonNullable<ChatRequestMessage["tools"][number]["parameters"]>;

const structOf = (value: object): Struct => JSON.parse(JSON.stringify(value));

function formatOf(format: ResponseFormat): ResponseFormatMessage {
  if (format.type !== "json_schema") {
    return create(ResponseFormatSchema, { format: { case: format.type, value: {} } });
  }
  const { name, description = "", schema, strict } = format;
  const value = { name, description, schema: structOf(schema), strict };
  return create(ResponseFormatSchema, { format: { case: "jsonSchema", value } });
}

function partOf(part: Part): PartMessage {
  const cacheHint = part.cacheHint === undefined ? CacheHint.UNSPECIFIED : hints[part.cacheHint];
  switch (part.type) {
    case "text":
      return create(PartSchema, { cacheHint, content: { case: "text", value: part.text } });
    case "image": {
      const detail = part.detail === undefined ? ImageDetail.UNSPECIFIED : details[part.detail];
      const value = { source: mediaOf(part.source), detail };
      return create(PartSchema, { cacheHint, content: { case: "image", value } });
    }
    case "file": {
      const value = { source: mediaOf(part.source), filename: part.filename ?? "" };
      return create(PartSchema, { cacheHint, content: { case: "file", value } });
    }
    case "tool_call": {
      const { id, name, argumentsJson, signature = "", vendor = "" } = part;
      return create(PartSchema, {
        cacheHint,
        content: { case: "toolCall", value: { id, name, argumentsJson, signature, vendor } },
      });
    }
    case "tool_result": {
      const { toolCallId, content, isError = false } = part;
      const value = { toolCallId, content: content.map(partOf), isError };
      return create(PartSchema, { cacheHint, content: { case: "toolResult", value } });
    }
    case "reasoning": {
      const { text, signature = "", redactedData = "", vendor = "" } = part;
      const value = { text, signature, redactedData, vendor };
      return create(PartSchema, { cacheHint, content: { case: "reasoning", value } });
    }
  }
}

const mediaOf = (source: MediaSource) => ({
  mediaType: source.mediaType ?? "",
  source:
    "url" in source
      ? { case: "url" as const, value: source.url }
      : { case: "data" as const, value: new Uint8Array(Buffer.from(source.data, "base64")) },
});
