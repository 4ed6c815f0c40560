// The operation `chat`: what stages ask of it.

import type { CachedAnswer } from "../cache/answer-cache.ts";
import { questionOf } from "../cache/semantic/question-of.ts";
import type { Operation } from "../operation.ts";
import { ChatAnswerKeeper } from "./answer-keeper.ts";
import { answerText } from "./answer-text.ts";
import { estimateChatTokens, tokensOfDelta } from "./estimate-tokens.ts";
import { chatEventJson, providerChatEventJson } from "./event-json.ts";
import { createPartGatherer } from "./gather.ts";
import { chatEventMemory } from "./event-memory.ts";
import type { ProviderChatEvent } from "./events.ts";
import { fixedChatAnswer } from "./fixed-answer.ts";
import { chatIdentity } from "./identity.ts";
import { chatMidStream } from "./mid-stream.ts";
import type { ChatRequest, Part } from "./request.ts";
import type { ChatShape } from "./shape.ts";

const charsOf = (part: Part): number => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text.length;
    case "tool_call":
      return part.argumentsJson.length;
    case "tool_result":
      return part.content.reduce((sum, content) => sum + charsOf(content), 0);
    case "image":
    case "file":
      return 0;
  }
};

export const chatOperation: Operation<ChatShape> = {
  name: "chat",
  invoke: (provider, request, context) => provider.chat(request, context),
  interchangeable: () => true,

  commits(event) {
    switch (event.type) {
      case "part_delta":
        return event.text !== "";
      case "part_started":
        return event.part.kind !== "text" && event.part.kind !== "reasoning" && event.part.kind !== "refusal";
      case "finished":
        return true;
      case "started":
      case "seam":
      case "part_finished":
      case "usage":
        return false;
    }
  },

  facts(event) {
    switch (event.type) {
      case "started":
        return { modelServed: event.model, usage: event.usage };
      case "usage":
        return { usage: event.usage };
      case "finished":
        return { ends: true, finishReason: event.reason };
      case "part_started":
      case "part_delta":
      case "part_finished":
        return undefined;
    }
  },

  // Written out, not spread: this runs for every event, and V8 copies objects of many shapes slowly.
  stamp(event, stamp) {
    switch (event.type) {
      case "part_delta":
        return { type: "part_delta", index: event.index, text: event.text, logprobs: event.logprobs };
      case "part_started":
        return { type: "part_started", index: event.index, part: event.part };
      case "part_finished": {
        const { index, signature, redactedData, vendor } = event;
        return { type: "part_finished", index, signature, redactedData, vendor };
      }
      case "usage":
        return { type: "usage", usage: event.usage };
      case "started":
        return {
          type: "started",
          id: stamp.callId,
          provider: stamp.provider,
          model: event.model ?? stamp.model,
          createdAtMs: stamp.createdAtMs,
          meta: stamp.meta(),
        };
      case "finished": {
        const { reason, rawReason, stopSequence } = event;
        return { type: "finished", reason, rawReason, stopSequence, meta: stamp.wholeMeta() };
      }
    }
  },

  ends: (event) => event.type === "finished",
  modelAsked: (request) => request.model,
  midStream: chatMidStream,

  size(request) {
    let inputChars = 0;
    for (const message of request.messages) {
      for (const part of message.parts) inputChars += charsOf(part);
    }
    return { messages: request.messages.length, inputChars, maxOutputTokens: request.maxOutputTokens };
  },

  estimate: estimateChatTokens,
  answerTokens: (event) => (event.type === "part_delta" ? tokensOfDelta(event.text) : 0),

  deterministic: (request) => request.sampling?.temperature === 0,
  identity: chatIdentity,
  keeper: (request, maxBytes) => new ChatAnswerKeeper(request, maxBytes),
  events: chatEventJson,
  keptEvents: providerChatEventJson,
  bytesOf: chatEventMemory,
  isAnswer: (answer): answer is CachedAnswer<ProviderChatEvent> => answer.operation === "chat",
  words: { asked: questionOf, answered: answerText },
  fixedAnswer: fixedChatAnswer,

  restamp(event, stamp) {
    const { callId: id, createdAtMs } = stamp;
    if (event.type === "started") return { ...event, id, createdAtMs, meta: stamp.meta() };
    return event.type === "finished" ? { ...event, meta: stamp.wholeMeta() } : { ...event };
  },

  withMeta: (event, meta) => ({ ...event, meta }),
  metaOf: (event) => (event.type === "started" || event.type === "finished" ? event.meta : undefined),

  // Labels have a column of their own.
  requestBody: (request) =>
    ({
      model: request.model,
      messages: request.messages,
      tools: request.tools,
      toolChoice: request.toolChoice,
      parallelToolCalls: request.parallelToolCalls,
      responseFormat: request.responseFormat,
      sampling: request.sampling,
      maxOutputTokens: request.maxOutputTokens,
      stop: request.stop,
      reasoning: request.reasoning,
      providerOptions: request.providerOptions,
    }) satisfies { readonly [Member in keyof Required<Omit<ChatRequest, "labels">>]: unknown },

  gatherer(keepMaxChars) {
    const gatherer = createPartGatherer(keepMaxChars);
    return {
      add: (event) => gatherer.add(event),
      outputChars: () => gatherer.chars(),
      body: () => ({ parts: gatherer.parts() }),
    };
  },
};
