// A request in the core's words as the schema's ChatInput.

import type { ChatRequest, Part, ResponseFormat } from "../../../../src/core/chat/request.ts";

export function graphqlInput(request: ChatRequest): object {
  const { model, messages, tools, toolChoice, responseFormat, reasoning, ...same } = request;
  return {
    ...same,
    model,
    messages: messages.map(({ role, parts, name }) => ({
      role: role.toUpperCase(),
      parts: parts.map(partOf),
      name,
    })),
    tools: tools?.map(({ name, description, parameters, strict, cacheHint }) => ({
      name,
      description,
      parameters,
      strict,
      cacheHint: cacheHint?.toUpperCase(),
    })),
    toolChoice:
      toolChoice === undefined
        ? undefined
        : {
            mode: toolChoice.type.toUpperCase(),
            name: toolChoice.type === "tool" ? toolChoice.name : undefined,
          },
    responseFormat: responseFormat === undefined ? undefined : formatOf(responseFormat),
    reasoning:
      reasoning === undefined ? undefined : { ...reasoning, effort: reasoning.effort?.toUpperCase() },
  };
}

function formatOf({ type, ...schema }: ResponseFormat): object {
  return type === "json_schema" ? { jsonSchema: schema } : { [type]: {} };
}

function partOf(part: Part): object {
  const cacheHint = part.cacheHint?.toUpperCase();
  switch (part.type) {
    case "text":
      return { text: part.text, cacheHint };
    case "image":
      return { image: { source: part.source, detail: part.detail?.toUpperCase() }, cacheHint };
    case "file":
      return { file: { source: part.source, filename: part.filename }, cacheHint };
    case "tool_call": {
      const { id, name, argumentsJson, signature, vendor } = part;
      return { toolCall: { id, name, argumentsJson, signature, vendor }, cacheHint };
    }
    case "tool_result": {
      const { toolCallId, content, isError } = part;
      return { toolResult: { toolCallId, content: content.map(partOf), isError }, cacheHint };
    }
    case "reasoning": {
      const { text, signature, redactedData, vendor } = part;
      return { reasoning: { text, signature, redactedData, vendor }, cacheHint };
    }
  }
}
