/** What the demo model understands of a request for embeddings, and how its vectors are made. */
import { hash } from "node:crypto";

import type { Refusal } from "./demo-request.ts";
import type { Address } from "./address.ts";

export interface EmbeddingInput {
  /** What the vector is made from; a directive is looked for in it. */
  readonly text: string;
  readonly tokens: number;
  readonly dimensions: number;
}

/** What the path of a request for embeddings says. */
export interface EmbeddingPath {
  readonly model?: string;
  /** Whether several inputs are sent, and a list is answered. */
  readonly batch: boolean;
}

export interface EmbeddingRequest {
  readonly model: string;
  readonly inputs: readonly EmbeddingInput[];
  /** Whether the vectors are sent as base64 of little-endian float32. */
  readonly base64: boolean;
  readonly batch: boolean;
}

export interface EmbeddingContext {
  readonly request: EmbeddingRequest;
  /** One for each input. */
  readonly vectors: readonly Float32Array[];
  /** The model as the vendor names it in its answer. */
  readonly servedModel: string;
  readonly inputTokens: number;
}

/** The embeddings of a vendor that has some. */
export interface VendorEmbeddings {
  /** Undefined when the path is that of no embeddings. */
  pathOf(address: Address): EmbeddingPath | undefined;
  /** @throws {Refusal} where the vendor would answer 400. */
  readRequest(body: unknown, path: EmbeddingPath): EmbeddingRequest;
  /** For embeddings of a model that chats. */
  noEmbeddings(model: string): Refusal;
  /** For a chat with a model that embeds. */
  noChats(model: string): Refusal;
  reply(context: EmbeddingContext): string;
}

export const defaultDimensions = 256;
export const maxDimensions = 3072;
/** Of one input. */
export const maxInputTokens = 8192;

/** The same unit vector for the same model and text; a shorter one is the longer one's beginning, stretched. */
export function vectorOf(model: string, { text, dimensions }: EmbeddingInput): Float32Array {
  const next = createRandom(hash("sha256", `${model}\n${text}`, "buffer"));
  const values = Array.from({ length: dimensions }, next);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(values, (value) => value / length);
}

/** Numbers from -1 to 1 that hang on the seed alone: the generator sfc32. */
function createRandom(seed: Buffer): () => number {
  let a = seed.readInt32LE(0);
  let b = seed.readInt32LE(4);
  let c = seed.readInt32LE(8);
  let counter = seed.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum / 0x8000_0000;
  };
}
