// From the core's whole reply to protobuf's.

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  ChatResponse,
  ReplyPart as ReplyPartMessage,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ChatReply, ReplyPart } from "../../core/chat/gather.ts";
import { finishReasons, fromJson, fromWholePart } from "./content-mapping.ts";
import { fromReplyMeta, fromUsage } from "./meta-mapping.ts";

export const fromChatReply = (reply: ChatReply): ChatResponse => ({
  $typeName: "sluice.v1.ChatResponse",
  id: reply.id,
  provider: reply.provider,
  model: reply.model,
  createdAt: timestampFromMs(reply.createdAtMs),
  parts: reply.parts.map(fromReplyPart),
  finishReason: finishReasons[reply.finishReason],
  rawReason: reply.rawReason ?? "",
  stopSequence: reply.stopSequence ?? "",
  usage: reply.usage === undefined ? undefined : fromUsage(reply.usage),
  meta: fromReplyMeta(reply.meta),
});

const fromReplyPart = (part: ReplyPart): ReplyPartMessage => ({
  $typeName: "sluice.v1.ReplyPart",
  content: fromContent(part),
  logprobs: "logprobs" in part ? (part.logprobs ?? []).map(fromJson) : [],
});

function fromContent(part: ReplyPart): ReplyPartMessage["content"] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return { case: part.kind, value: part.text };
    case "reasoning":
      return {
        case: "reasoning",
        value: {
          $typeName: "sluice.v1.Reasoning",
          text: part.text,
          signature: part.signature ?? "",
          redactedData: part.redactedData ?? "",
          vendor: part.vendor ?? "",
        },
      };
    case "tool_call":
      return {
        case: "toolCall",
        value: {
          $typeName: "sluice.v1.ToolCall",
          id: part.id,
          name: part.name,
          argumentsJson: part.argumentsJson,
          signature: part.signature ?? "",
          vendor: part.vendor ?? "",
        },
      };
    case "citation":
    case "image":
    case "opaque":
      return fromWholePart(part);
  }
}
