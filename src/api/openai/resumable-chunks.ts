// The chunks of a resumable stream, each with the id by which a client goes on behind it.

import type { ChatEvent } from "../../core/chat/events.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { Numbered, Reply } from "../../core/reply.ts";
import type { Caller } from "../caller.ts";
import { resumeStream } from "../resume-stream.ts";
import { eventId, type StreamPosition } from "../stream-position.ts";
import type { ChunkMapper } from "./chunk-mapping.ts";

/** The text to write for an event, often none. */
export type ChunkText = (event: Numbered<ChatEvent>) => string;

const blockEnd = "\n\n";
const done = "data: [DONE]";

/**
 * @param callId until `started` tells it
 * @param after what the client has had: nothing of it is told again, but the end that it waits for
 */
export function chunksWithIds(mapper: ChunkMapper, callId: string, after?: StreamPosition): ChunkText {
  let id = callId;
  return (event) => {
    if (event.type === "started") ({ id } = event);
    const { sequence } = event;
    // JSON text has no line ends of its own.
    const blocks = mapper.chunks(event).split(blockEnd).slice(0, -1);
    const last = blocks.length - 1;
    const had = blocksHad(blocks.length, sequence, after);
    if (event.type === "finished" && had > last) return withId(done, { callId: id, sequence });
    return blocks
      .map((block, at) => {
        if (at < had) return "";
        return withId(block, { callId: id, sequence, told: at === last ? undefined : at + 1 });
      })
      .join("");
  };
}

const withId = (block: string, position: StreamPosition): string =>
  `id: ${eventId(position)}\n${block}${blockEnd}`;

function blocksHad(blocks: number, sequence: number, after: StreamPosition | undefined): number {
  if (after === undefined || sequence > after.sequence) return 0;
  return sequence === after.sequence ? (after.told ?? blocks) : blocks;
}

/**
 * A stream from its start, as chunks depend on what came before them, of which an event was told already.
 * @throws GatewayError also where there is no such event yet
 */
export const openAgain = (
  gateway: Gateway,
  { callId: id, sequence }: StreamPosition,
  caller: Caller & { readonly signal: AbortSignal },
): Promise<Reply<Numbered<ChatEvent>>> =>
  resumeStream(gateway, { id, afterSequence: sequence, fromStart: true, header: "last-event-id" }, caller);
