// A request in the core's words as the body of a Chat Completions request.

import type {
  ChatRequest,
  MediaSource,
  Message,
  Part,
  ToolChoice,
} from "../../../../src/core/chat/request.ts";
import { detailOf, extraOf } from "./openai-proofs.ts";

export function openAiRequest(request: ChatRequest): object {
  const { sampling = {}, responseFormat, labels } = request;
  return {
    model: request.model,
    messages: request.messages.flatMap(messagesOf),
    tools: request.tools?.map(({ name, description, parameters, strict }) => ({
      type: "function",
      function: { name, description, parameters, strict },
    })),
    tool_choice: request.toolChoice === undefined ? undefined : choiceOf(request.toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
    response_format: responseFormat === undefined ? undefined : formatOf(responseFormat),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    seed: sampling.seed,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    max_completion_tokens: request.maxOutputTokens,
    stop: request.stop,
    reasoning_effort: request.reasoning?.effort,
    metadata: labels,
  };
}

const choiceOf = (choice: ToolChoice) =>
  choice.type === "tool" ? { type: "function", function: { name: choice.name } } : choice.type;

function formatOf(format: NonNullable<ChatRequest["responseFormat"]>): object {
  if (format.type !== "json_schema") return { type: format.type === "json" ? "json_object" : "text" };
  const { name, description, schema, strict } = format;
  return { type: "json_schema", json_schema: { name, description, schema, strict } };
}

function messagesOf({ role, parts, name }: Message): readonly object[] {
  if (role === "tool") {
    return parts.flatMap((part) =>
      part.type === "tool_result"
        ? [{ role, tool_call_id: part.toolCallId, content: part.content.map(contentOf) }]
        : [],
    );
  }
  const calls = parts.flatMap((part) =>
    part.type === "tool_call"
      ? [
          {
            id: part.id,
            type: "function",
            function: { name: part.name, arguments: part.argumentsJson },
            extra_content: extraOf(part),
          },
        ]
      : [],
  );
  const reasoning = parts.filter((part) => part.type === "reasoning");
  const content = parts
    .filter((part) => part.type !== "tool_call" && part.type !== "reasoning")
    .map(contentOf);
  return [
    {
      role,
      name,
      content: content.length === 0 && calls.length > 0 ? null : content,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
      ...(reasoning.length === 0 ? {} : { reasoning_details: reasoning.map(detailOf) }),
    },
  ];
}

function contentOf(part: Part): object {
  if (part.type === "text") return { type: "text", text: part.text };
  if (part.type === "image") {
    return { type: "image_url", image_url: { url: addressOf(part.source), detail: part.detail } };
  }
  throw new Error(`The suite sends no ${part.type} by this face.`);
}

const addressOf = (source: MediaSource): string =>
  "url" in source ? source.url : `data:${source.mediaType};base64,${source.data}`;
