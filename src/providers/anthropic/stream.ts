// The vendor's stream as events. Source: platform.claude.com/docs/en/build-with-claude/streaming

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { StreamDecoder } from "../decode-stream.ts";
import type { SseFrame } from "../upstream/sse.ts";
import { brokenReply } from "../broken-reply.ts";
import { isJsonObject, parseJson, stringIn } from "../vendor-json.ts";
import { createNextIndex, openBlock, opaquePart } from "./blocks.ts";
import type { BlockReader, NextIndex } from "./blocks.ts";
import { readAnthropicError } from "./errors.ts";
import { finishedFor } from "./finish-reason.ts";
import { createMessageExtras } from "./message-extras.ts";
import type { MessageExtras } from "./message-extras.ts";
import { usageOf, withCounts } from "./usage.ts";
import type { Counts } from "./usage.ts";

type Events = readonly ProviderChatEvent[];

interface StreamState {
  readonly nextIndex: NextIndex;
  /** By the vendor's index, in the order in which they began. */
  readonly open: Map<number, BlockReader>;
  readonly extras: MessageExtras;
  started: boolean;
  hasBlocks: boolean;
  complete: boolean;
  messageId: string | undefined;
  counts: Counts;
  stopReason: JsonValue | undefined;
  stopSequence: JsonValue | undefined;
}

export function createAnthropicStreamDecoder(): StreamDecoder<SseFrame> {
  const state: StreamState = {
    nextIndex: createNextIndex(),
    open: new Map(),
    extras: createMessageExtras(),
    started: false,
    hasBlocks: false,
    complete: false,
    messageId: undefined,
    counts: {},
    stopReason: undefined,
    stopSequence: undefined,
  };
  return {
    decode: (frame) => (state.complete ? [] : decodeFrame(state, frame)),
    isComplete: () => state.complete,
    untoldUsage() {
      const usage = state.complete ? undefined : usageOf(state.counts);
      return usage === undefined ? undefined : { type: "usage", usage };
    },
  };
}

function decodeFrame(state: StreamState, frame: SseFrame): Events {
  if (frame.event === "ping") return [];
  if (frame.event === "error") throw readAnthropicError({ status: 200, headers: {}, text: frame.data });
  const event = parseJson(frame.data);
  if (!isJsonObject(event)) throw brokenReply("an event's data is no JSON object");
  const type = stringIn(event["type"]) ?? frame.event;
  switch (type) {
    case "ping":
      return [];
    case "error":
      throw readAnthropicError({ status: 200, headers: {}, text: frame.data });
    case "message_start":
      return startMessage(state, event);
    case undefined:
      throw brokenReply("an event without a type");
    default:
      if (!state.started) throw brokenReply("the stream does not begin with message_start");
      return decodeEvent(state, { type, event });
  }
}

function decodeEvent(state: StreamState, { type, event }: { type: string; event: JsonObject }): Events {
  switch (type) {
    case "content_block_start":
      return startBlock(state, event);
    case "content_block_delta":
      return isJsonObject(event["delta"]) ? openAt(state, event["index"]).delta(event["delta"]) : noDelta();
    case "content_block_stop":
      return stopBlock(state, event["index"]);
    case "message_delta":
      return changeMessage(state, event);
    case "message_stop":
      return stopMessage(state);
    // The vendor announces that it will add events.
    default:
      return opaquePart({ type, json: event }, state.nextIndex);
  }
}

function startMessage(state: StreamState, event: JsonObject): Events {
  const message = isJsonObject(event["message"]) ? event["message"] : {};
  const id = stringIn(message["id"]);
  if (state.started) {
    // Gateways in between send the event twice, or put a second message into the stream after they lost the
    // first one; the two must not become one answer.
    if (id === undefined || state.messageId === undefined || id === state.messageId) return [];
    throw brokenReply("a second message begins before the first one's end");
  }
  state.started = true;
  state.messageId = id;
  state.counts = withCounts(state.counts, message["usage"]);
  state.extras.add(message);
  return [{ type: "started", model: stringIn(message["model"]), usage: usageOf(state.counts) }];
}

function startBlock(state: StreamState, event: JsonObject): Events {
  const { index, content_block: block } = event;
  if (typeof index !== "number" || !isJsonObject(block))
    throw brokenReply("a block without index or content");
  if (state.open.has(index)) throw brokenReply("a block begins twice");
  const reader = openBlock(block, state.nextIndex);
  state.open.set(index, reader);
  state.hasBlocks = true;
  return reader.begin;
}

function openAt({ open }: StreamState, index: JsonValue | undefined): BlockReader {
  const reader = typeof index === "number" ? open.get(index) : undefined;
  if (reader === undefined) throw brokenReply("an event for a block that is not open");
  return reader;
}

function noDelta(): never {
  throw brokenReply("a content_block_delta without a delta");
}

function stopBlock(state: StreamState, index: JsonValue | undefined): Events {
  const events = openAt(state, index).end();
  if (typeof index === "number") state.open.delete(index);
  return events;
}

function changeMessage(state: StreamState, event: JsonObject): Events {
  state.counts = withCounts(state.counts, event["usage"]);
  state.extras.add(event);
  const delta = event["delta"];
  if (!isJsonObject(delta)) return [];
  state.stopReason = delta["stop_reason"] ?? state.stopReason;
  state.stopSequence = delta["stop_sequence"] ?? state.stopSequence;
  state.extras.add(delta);
  return [];
}

function stopMessage(state: StreamState): Events {
  if (!state.hasBlocks && stringIn(state.stopReason) === undefined) {
    throw brokenReply("the message has neither content nor a stop reason");
  }
  // A block that the token limit cut has no end of its own.
  const events = [...state.open.values()].flatMap((reader) => reader.end());
  events.push(...state.extras.parts(state.nextIndex));
  const usage = usageOf(state.counts);
  if (usage !== undefined) events.push({ type: "usage", usage });
  events.push(finishedFor(state.stopReason, state.stopSequence));
  state.complete = true;
  return events;
}
