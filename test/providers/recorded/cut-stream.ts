// Plays one recorded stream whole and in pieces through the parser and an adapter's decoder. A decoder sees frames
// only, so each cut is parsed anew, and decoded anew only where its frames come in batches not seen before.

import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { decodeStream } from "../../../src/providers/decode-stream.ts";
import type { StreamDecoder } from "../../../src/providers/decode-stream.ts";
import { createSseParser } from "../../../src/providers/upstream/sse.ts";
import type { SseFrame } from "../../../src/providers/upstream/upstream.ts";
import { runOf } from "./run.ts";
import type { Run } from "./run.ts";

const maxLineBytes = 1024 * 1024;

type Frames = readonly SseFrame[];

export interface CutStream {
  readonly whole: Run;
  readonly oneByteAtATime: () => Promise<Run>;
  readonly splitAt: (offset: number) => Promise<Run>;
  readonly truncatedAt: (offset: number) => Promise<Run>;
}

export async function cutStream(body: string, decoder: () => StreamDecoder<SseFrame>): Promise<CutStream> {
  const bytes = new TextEncoder().encode(body);
  const decode = (batches: readonly Frames[]): Promise<Run> =>
    runOf(async () => decodeStream(inTurn(batches), decoder()));
  const [wholeFrames = []] = batchesOf([bytes]);
  const known = new Map<string, Promise<Run>>();

  // Frames are compared with those of the whole body, so that their number alone says which they are.
  const decodeOnce = (batches: readonly Frames[], key: string): Promise<Run> => {
    const run = known.get(key) ?? decode(batches);
    known.set(key, run);
    return run;
  };

  return {
    whole: await decode([wholeFrames]),
    oneByteAtATime: () => {
      const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
      return decode(batchesOf(pieces));
    },
    splitAt(offset) {
      const batches = batchesOf([bytes.subarray(0, offset), bytes.subarray(offset)]);
      checkFrames(batches.flat(), wholeFrames, wholeFrames.length);
      return decodeOnce(batches, `split ${batches[0]?.length}`);
    },
    truncatedAt(offset) {
      const [frames = []] = batchesOf([bytes.subarray(0, offset)]);
      checkFrames(frames, wholeFrames, frames.length);
      return decodeOnce([frames], `truncated ${frames.length}`);
    },
  };
}

function batchesOf(pieces: readonly Uint8Array[]): readonly Frames[] {
  const parser = createSseParser({ maxLineBytes });
  return pieces.map((piece) => parser.push(piece));
}

async function* inTurn(batches: readonly Frames[]): AsyncGenerator<Frames> {
  yield* batches;
}

function checkFrames(frames: Frames, whole: Frames, count: number): void {
  if (frames.length !== count) throw new Error(`${frames.length} frames where ${count} were expected`);
  for (const [i, frame] of frames.entries()) {
    if (frame.event !== whole[i]?.event || frame.data !== whole[i]?.data) {
      throw new Error(`frame ${i} differs from that of the whole body: ${frame.data.slice(0, 200)}`);
    }
  }
}

/** The events that came before an error, without the usage that is told because of it. */
export function eventsBeforeError({ events, failure }: Run): readonly ProviderChatEvent[] {
  return failure !== undefined && events.at(-1)?.type === "usage" ? events.slice(0, -1) : events;
}
