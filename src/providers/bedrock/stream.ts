// The vendor's stream as events. `messageStop` ends the message; `metadata` with the usage comes behind it.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject } from "../../core/json.ts";
import { brokenReply } from "../broken-reply.ts";
import type { StreamDecoder } from "../decode-stream.ts";
import { createPartWriter } from "../part-writer.ts";
import type { AwsEventFrame } from "../upstream/aws-event-stream.ts";
import { objectIn, parseJson } from "../vendor-json.ts";
import { readBedrockException } from "./errors.ts";
import { traitsOf } from "./model-traits.ts";
import { finishedFor, writeExtras } from "./reply-end.ts";
import { createStreamBlocks } from "./stream-blocks.ts";
import { usageOf } from "./usage.ts";

/** `model` is the one that was asked: it tells whose proofs come. */
export function createBedrockStreamDecoder(model: string): StreamDecoder<AwsEventFrame> {
  const parts = createPartWriter("bedrock");
  const blocks = createStreamBlocks(parts, traitsOf(model).prover);
  let started = false;
  let stop: JsonObject | undefined;
  let complete = false;
  let usage: Usage | undefined;

  function endParts(): void {
    blocks.stopAll();
    parts.close();
  }

  function finish(): readonly ProviderChatEvent[] {
    if (stop === undefined) return [];
    endParts();
    const finished = finishedFor(stop, parts);
    complete = true;
    const events: ProviderChatEvent[] = [...parts.take()];
    if (usage !== undefined) events.push({ type: "usage", usage });
    events.push(finished);
    return events;
  }

  function decodeEvent(type: string, event: JsonObject): readonly ProviderChatEvent[] {
    switch (type) {
      case "messageStart":
        if (started) throw brokenReply("a message begins twice");
        started = true;
        return [{ type: "started" }];
      case "contentBlockStart":
        blocks.start(event["contentBlockIndex"], event["start"]);
        return parts.take();
      case "contentBlockDelta":
        blocks.delta(event["contentBlockIndex"], event["delta"]);
        return parts.take();
      case "contentBlockStop":
        blocks.stop(event["contentBlockIndex"]);
        return parts.take();
      case "messageStop":
        stop = event;
        endParts();
        writeExtras(event, parts);
        return parts.take();
      case "metadata":
        usage = usageOf(event["usage"]) ?? usage;
        writeExtras(event, parts);
        return stop === undefined ? parts.take() : finish();
      // The vendor adds events.
      default:
        parts.opaque(type, event);
        return parts.take();
    }
  }

  return {
    decode(frame) {
      if (complete) return [];
      const type = eventTypeOf(frame);
      const event = objectIn(parseJson(frame.body));
      if (event === undefined) throw brokenReply("an event's body is no JSON object");
      if (!started && type !== "messageStart")
        throw brokenReply("the stream does not begin with messageStart");
      return decodeEvent(type, event);
    },
    isComplete: () => complete,
    // Servers that speak for the vendor may leave the usage out.
    end: finish,
    untoldUsage: () => (usage === undefined || complete ? undefined : { type: "usage", usage }),
  };
}

/** @throws ProviderError for a message that is no event */
function eventTypeOf({ headers, body }: AwsEventFrame): string {
  const messageType = headers[":message-type"];
  if (messageType === "exception") {
    throw readBedrockException({ type: headers[":exception-type"], text: body });
  }
  if (messageType === "error") {
    throw readBedrockException({
      type: headers[":error-code"],
      text: JSON.stringify({ message: headers[":error-message"] ?? "" }),
    });
  }
  const type = headers[":event-type"];
  if (type === undefined) throw brokenReply("a message without a type");
  return type;
}
