// Puts the events of a Messages stream together to the message that a unary call would have given
// (platform.claude.com/docs/en/build-with-claude/streaming).

import type { JsonMap } from "./json-view.ts";
import { argumentsOf, at, listOf, mapOf, textOf } from "./json-view.ts";
import type { WireEvent } from "./wire-events.ts";
import { dataOf } from "./wire-events.ts";

/** The stream is whole when this event has come with its empty line. */
export const isAnthropicEnd = (event: WireEvent): boolean => at(dataOf(event), "type") === "message_stop";

interface Assembled {
  /** As far as it came; undefined before `message_start`. */
  readonly message: JsonMap | undefined;
  /** Whether `message_stop` was reached. */
  readonly whole: boolean;
  /** The `error` event's, or why two messages in one stream cannot be one answer. */
  readonly error: unknown;
}

export function assembleMessage(events: readonly WireEvent[]): Assembled {
  const blocks: JsonMap[] = [];
  let message: JsonMap | undefined;
  const soFar = (whole: boolean, error: unknown): Assembled => ({
    message: message === undefined ? undefined : { ...message, content: blocks.map((b) => closed(b)) },
    whole,
    error,
  });
  for (const event of events) {
    const data = dataOf(event);
    const index = Number(at(data, "index"));
    switch (at(data, "type")) {
      case "message_start": {
        const next = mapOf(at(data, "message"));
        // The same start twice is harmless; another message would mix two answers into one.
        if (message !== undefined && message.id !== next.id) return soFar(false, "spliced");
        message ??= next;
        break;
      }
      case "content_block_start":
        blocks[index] = mapOf(at(data, "content_block"));
        break;
      case "content_block_delta":
        blocks[index] = grown(mapOf(blocks[index]), at(data, "delta"));
        break;
      case "message_delta": {
        // Cumulative: what is told here replaces what was told at the start.
        const { type: _type, delta, usage: counts, ...beside } = mapOf(data);
        const usage = { ...mapOf(message?.usage), ...mapOf(counts) };
        message = { ...message, ...mapOf(delta), ...beside, usage };
        break;
      }
      case "message_stop":
        return soFar(true, undefined);
      case "error":
        return soFar(false, at(data, "error"));
      case "content_block_stop":
      case "ping":
        break;
      default:
        throw new Error(`unread event: ${event.data}`);
    }
  }
  return soFar(false, undefined);
}

function grown(block: JsonMap, delta: unknown): JsonMap {
  const joined = (key: string, piece: unknown): JsonMap => ({
    ...block,
    [key]: (textOf(block[key]) ?? "") + (textOf(piece) ?? ""),
  });
  switch (at(delta, "type")) {
    case "text_delta":
      return joined("text", at(delta, "text"));
    case "thinking_delta":
      return joined("thinking", at(delta, "thinking"));
    case "signature_delta":
      return joined("signature", at(delta, "signature"));
    case "input_json_delta":
      return joined("written", at(delta, "partial_json"));
    case "citations_delta":
      return { ...block, citations: [...listOf(block.citations), at(delta, "citation")] };
    default:
      throw new Error(`unread delta: ${JSON.stringify(delta)}`);
  }
}

/** The input that was streamed takes the place of the empty one at the start. */
function closed(block: JsonMap): JsonMap {
  const { written, ...rest } = block;
  return typeof written !== "string" || written === "" ? rest : { ...rest, input: argumentsOf(written) };
}
