// A whole reply as OpenAI's `chat.completion`.
// https://platform.openai.com/docs/api-reference/chat/object

import type { ChatReply, ReplyPart } from "../../core/chat/gather.ts";
import {
  annotationJson,
  createdSeconds,
  finishReasons,
  imageJson,
  type LogprobsJson,
  logprobsJson,
  type ToldLogprobs,
  usageJson,
  wordlessRefusal,
} from "./answer-words.ts";
import { extraContent, reasoningDetails, type ToldReasoning } from "./proof-format.ts";
import { sluiceJson, type UnplacedPart } from "./sluice-meta.ts";

/** The answer's JSON text; with `withMeta` it has a member `sluice`. */
export function completionJson(reply: ChatReply, withMeta: boolean): string {
  const { message, logprobs, unplaced } = messageOf(reply);
  return JSON.stringify({
    id: reply.id,
    object: "chat.completion",
    created: createdSeconds(reply.createdAtMs),
    model: reply.model,
    choices: [{ index: 0, message, logprobs, finish_reason: finishReasons[reply.finishReason] }],
    usage: reply.usage === undefined ? undefined : usageJson(reply.usage),
    sluice: withMeta ? sluiceJson(reply.meta, { parts: unplaced }) : undefined,
  });
}

interface MessageJson {
  readonly role: "assistant";
  content: string | null;
  refusal: string | null;
  reasoning_content?: string;
  reasoning_details?: readonly object[];
  tool_calls?: object[];
  annotations?: object[];
  images?: object[];
}

interface GatheredMessage {
  readonly message: MessageJson;
  readonly logprobs: LogprobsJson | null;
  readonly unplaced: readonly UnplacedPart[];
}

function messageOf(reply: ChatReply): GatheredMessage {
  const message: MessageJson = { role: "assistant", content: null, refusal: null };
  const logprobs: ToldLogprobs[] = [];
  const unplaced: UnplacedPart[] = [];
  const reasoning: ToldReasoning[] = [];
  for (const part of reply.parts) {
    if (part.kind === "reasoning") reasoning.push(part);
    if (part.kind === "text" || part.kind === "refusal") {
      const kind = part.kind === "text" ? "content" : "refusal";
      for (const told of part.logprobs ?? []) logprobs.push({ kind, told });
    }
    addPart(message, part, unplaced);
  }
  const details = reasoningDetails(reasoning);
  if (details !== undefined) message.reasoning_details = details;
  if (reply.finishReason === "refusal") message.refusal ??= wordlessRefusal;
  return { message, logprobs: logprobs.length === 0 ? null : logprobsJson(logprobs), unplaced };
}

function addPart(message: MessageJson, part: ReplyPart, unplaced: UnplacedPart[]): void {
  switch (part.kind) {
    case "text":
      message.content = (message.content ?? "") + part.text;
      return;
    case "refusal":
      message.refusal = (message.refusal ?? "") + part.text;
      return;
    case "reasoning":
      if (part.text !== "") message.reasoning_content = (message.reasoning_content ?? "") + part.text;
      return;
    case "tool_call":
      (message.tool_calls ??= []).push({
        id: part.id,
        type: "function",
        function: { name: part.name, arguments: part.argumentsJson },
        extra_content: extraContent(part.signature, part.vendor),
      });
      return;
    case "image":
      (message.images ??= []).push(imageJson(part.source));
      return;
    case "citation": {
      const annotation = annotationJson(part.citation);
      if (annotation === undefined) unplaced.push(part);
      else (message.annotations ??= []).push(annotation);
      return;
    }
    case "opaque":
      unplaced.push(part);
  }
}
