// How the baselines ask the upstream: connections set as the gateway sets its own, the answer read as it comes.

import { type Dispatcher, Pool } from "undici";
import type { ToldChunk } from "./openai-wire.ts";
import { createSseReader } from "./sse-reader.ts";

const pool = new Pool(process.env["UPSTREAM"] ?? "", {
  allowH2: false,
  connect: { timeout: 10_000 },
  headersTimeout: 600_000,
  bodyTimeout: 300_000,
  keepAliveTimeout: 30_000,
});

const headers = {
  "accept-encoding": "identity",
  "content-type": "application/json",
  authorization: "Bearer not-a-secret",
};

export type Body = Dispatcher.ResponseData["body"];

/** Asks for a completion; resolves with the body of an answer that is good. */
export async function askUpstream(body: string): Promise<Body> {
  const answer = await pool.request({ path: "/v1/chat/completions", method: "POST", headers, body });
  if (answer.statusCode !== 200) throw new Error(`The upstream answers ${answer.statusCode}.`);
  return answer.body;
}

export interface ChunkReader {
  /** The chunks that one read of the socket completed. */
  feed(piece: Buffer): readonly ToldChunk[];
  /** Throws when the stream's last event did not come. */
  end(): void;
}

export function createChunkReader(): ChunkReader {
  let done = false;
  let chunks: ToldChunk[] = [];
  const reader = createSseReader((data) => {
    if (data === "[DONE]") done = true;
    else chunks.push(JSON.parse(data));
  });
  return {
    feed(piece) {
      chunks = [];
      reader.feed(piece);
      return chunks;
    },
    end() {
      if (!done) throw new Error("The upstream's stream ended before its end.");
    },
  };
}

/** Hands the chunks of each read on at once, without an iterator's steps; resolves at the stream's end. */
export function eachRead(body: Body, onChunks: (chunks: readonly ToldChunk[]) => void): Promise<void> {
  const reader = createChunkReader();
  return new Promise((resolve, reject) => {
    const orReject = (step: () => void) => {
      try {
        step();
      } catch (error) {
        body.destroy();
        reject(error);
      }
    };
    body.on("data", (piece: Buffer) => orReject(() => onChunks(reader.feed(piece))));
    body.on("error", reject);
    body.on("end", () =>
      orReject(() => {
        reader.end();
        resolve();
      }),
    );
  });
}
