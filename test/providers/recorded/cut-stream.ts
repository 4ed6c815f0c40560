// Plays one recorded stream whole and in pieces through the framing's parser and an adapter's decoder. A decoder
// sees frames only, so each cut is parsed anew, and decoded anew only where its frames come in batches not seen
// before.

import { isDeepStrictEqual } from "node:util";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { decodeStream } from "../../../src/providers/decode-stream.ts";
import type { StreamDecoder } from "../../../src/providers/decode-stream.ts";
import type { Framing } from "../../../src/providers/upstream/upstream.ts";
import { runOf } from "./run.ts";
import type { Run } from "./run.ts";

const maxFrameBytes = 1024 * 1024;

/** Whether the body was cut off, as a transport tells it, or ended as if that were all. */
export type End = "clean" | "cut";

export interface CutStream {
  readonly whole: Run;
  readonly oneByteAtATime: () => Promise<Run>;
  readonly splitAt: (offset: number) => Promise<Run>;
  readonly truncatedAt: (offset: number, end: End) => Promise<Run>;
}

export async function cutStream<F>({
  bytes,
  framing,
  decoder,
}: {
  readonly bytes: Uint8Array;
  readonly framing: Framing<F>;
  readonly decoder: () => StreamDecoder<F>;
}): Promise<CutStream> {
  type Frames = readonly F[];
  const decode = (batches: readonly Frames[], end: End): Promise<Run> =>
    runOf(async () => decodeStream(inTurn(batches, end), decoder()));
  const batchesOf = (pieces: readonly Uint8Array[], end: End): readonly Frames[] => {
    const parser = framing.createParser({ maxFrameBytes });
    const batches = pieces.map((piece) => parser.push(piece));
    const last = end === "clean" ? parser.end() : [];
    return last.length === 0 ? batches : [...batches, last];
  };
  const wholeFrames = batchesOf([bytes], "clean").flat();
  const known = new Map<string, Promise<Run>>();

  // Frames are compared with those of the whole body, so that their number alone says which they are.
  const decodeOnce = (batches: readonly Frames[], { key, end }: { key: string; end: End }): Promise<Run> => {
    const run = known.get(key) ?? decode(batches, end);
    known.set(key, run);
    return run;
  };

  return {
    whole: await decode([wholeFrames], "clean"),
    oneByteAtATime: () => {
      const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
      return decode(batchesOf(pieces, "clean"), "clean");
    },
    splitAt(offset) {
      const batches = batchesOf([bytes.subarray(0, offset), bytes.subarray(offset)], "clean");
      checkFrames(batches.flat(), wholeFrames, wholeFrames.length);
      return decodeOnce(batches, { key: `split ${batches[0]?.length}`, end: "clean" });
    },
    truncatedAt(offset, end) {
      const pieces = [bytes.subarray(0, offset)];
      const [frames = []] = batchesOf(pieces, "cut");
      checkFrames(frames, wholeFrames, frames.length);
      if (end === "cut") return decodeOnce([frames], { key: `cut ${frames.length}`, end });
      let all: Frames;
      try {
        all = batchesOf(pieces, "clean").flat();
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return Promise.resolve({ events: [], failure: error });
      }
      // What only the body's end completes differs from cut to cut.
      return all.length === frames.length
        ? decodeOnce([frames], { key: `truncated ${frames.length}`, end })
        : decode([all], end);
    },
  };
}

async function* inTurn<F>(batches: readonly (readonly F[])[], end: End): AsyncGenerator<readonly F[]> {
  yield* batches;
  if (end === "cut") throw new ProviderError({ failure: "broken_reply", message: "The answer was cut." });
}

function checkFrames(frames: readonly unknown[], whole: readonly unknown[], count: number): void {
  if (frames.length !== count) throw new Error(`${frames.length} frames where ${count} were expected`);
  for (const [i, frame] of frames.entries()) {
    if (frame === whole[i] || isDeepStrictEqual(frame, whole[i])) continue;
    throw new Error(`frame ${i} differs from that of the whole body: ${JSON.stringify(frame).slice(0, 200)}`);
  }
}

/** The events that came before an error, without the usage that is told because of it. */
export function eventsBeforeError({ events, failure }: Run): readonly ProviderChatEvent[] {
  return failure !== undefined && events.at(-1)?.type === "usage" ? events.slice(0, -1) : events;
}
