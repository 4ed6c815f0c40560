// From the core's events to protobuf's. This runs once for every token of every stream.

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type ChatEvent as ChatEventMessage,
  type PartStarted as PartStartedMessage,
  SeamPolicy as SeamPolicyValue,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ChatEvent, PartStart, Seam } from "../../core/chat/events.ts";
import type { Numbered } from "../../core/reply.ts";
import { finishReasons, fromJson, fromWholePart } from "./content-mapping.ts";
import { fromLoss, fromReplyMeta, fromUsage } from "./meta-mapping.ts";

const seamPolicies = {
  restart: SeamPolicyValue.RESTART,
  continue: SeamPolicyValue.CONTINUE,
} as const satisfies Record<Seam["policy"], SeamPolicyValue>;

export const fromChatEvent = (event: Numbered<ChatEvent>): ChatEventMessage => ({
  $typeName: "sluice.v1.ChatEvent",
  sequence: BigInt(event.sequence),
  event: fromEvent(event),
});

function fromEvent(event: ChatEvent): ChatEventMessage["event"] {
  switch (event.type) {
    case "part_delta":
      return {
        case: "partDelta",
        value: {
          $typeName: "sluice.v1.PartDelta",
          index: event.index,
          text: event.text,
          logprobs: event.logprobs === undefined ? undefined : fromJson(event.logprobs),
        },
      };
    case "part_started":
      return {
        case: "partStarted",
        value: { $typeName: "sluice.v1.PartStarted", index: event.index, part: fromPartStart(event.part) },
      };
    case "part_finished":
      return {
        case: "partFinished",
        value: {
          $typeName: "sluice.v1.PartFinished",
          index: event.index,
          signature: event.signature ?? "",
          redactedData: event.redactedData ?? "",
          vendor: event.vendor ?? "",
        },
      };
    case "started":
      return {
        case: "started",
        value: {
          $typeName: "sluice.v1.Started",
          id: event.id,
          provider: event.provider,
          model: event.model,
          createdAt: timestampFromMs(event.createdAtMs),
          meta: fromReplyMeta(event.meta),
        },
      };
    case "usage":
      return { case: "usage", value: fromUsage(event.usage) };
    case "seam":
      return {
        case: "seam",
        value: {
          $typeName: "sluice.v1.Seam",
          provider: event.provider,
          model: event.model,
          policy: seamPolicies[event.policy],
          losses: event.losses.map(fromLoss),
        },
      };
    case "finished":
      return {
        case: "finished",
        value: {
          $typeName: "sluice.v1.Finished",
          reason: finishReasons[event.reason],
          rawReason: event.rawReason ?? "",
          stopSequence: event.stopSequence ?? "",
          meta: fromReplyMeta(event.meta),
        },
      };
  }
}

function fromPartStart(part: PartStart): PartStartedMessage["part"] {
  switch (part.kind) {
    case "text":
      return { case: "text", value: { $typeName: "sluice.v1.TextStart" } };
    case "reasoning":
      return { case: "reasoning", value: { $typeName: "sluice.v1.ReasoningStart" } };
    case "refusal":
      return { case: "refusal", value: { $typeName: "sluice.v1.RefusalStart" } };
    case "tool_call":
      return {
        case: "toolCall",
        value: { $typeName: "sluice.v1.ToolCallStart", id: part.id, name: part.name },
      };
    case "citation":
    case "image":
    case "opaque":
      return fromWholePart(part);
  }
}
