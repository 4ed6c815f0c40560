// Vectors as vendors send them: lists of numbers, or their bytes as base64.

import type { JsonValue } from "../core/json.ts";
import { brokenReply } from "./broken-reply.ts";
import { isJsonArray } from "./vendor-json.ts";

/** What base64 holds for each dimension: four bytes, little-endian, or one. */
export type PackedNumbers = "float32" | "int8";

/** The values of int8 stay as they are, from -128 to 127. @throws ProviderError `broken_reply` */
export function readVector(told: JsonValue | undefined, packed: PackedNumbers): Float32Array {
  if (typeof told === "string") return unpack(told, packed);
  if (!isJsonArray(told)) throw brokenReply("an embedding is no list of numbers");
  const vector = new Float32Array(told.length);
  for (let i = 0; i < told.length; i += 1) {
    const value = told[i];
    vector[i] = typeof value === "number" ? value : Number.NaN;
  }
  return whole(vector);
}

function unpack(base64: string, packed: PackedNumbers): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  // What is no base64 is passed over there.
  const digits = base64.length - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
  if (bytes.length !== Math.floor((digits * 3) / 4)) throw brokenReply("an embedding is no base64");
  if (packed === "int8") {
    return whole(Float32Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)));
  }
  if (bytes.length % 4 !== 0) throw brokenReply("an embedding's bytes are no float32 numbers");
  const vector = new Float32Array(bytes.length / 4);
  for (let i = 0; i < vector.length; i += 1) vector[i] = bytes.readFloatLE(4 * i);
  return whole(vector);
}

function whole(vector: Float32Array): Float32Array {
  if (vector.length === 0) throw brokenReply("an embedding is empty");
  for (const value of vector) {
    if (!Number.isFinite(value)) throw brokenReply("an embedding holds something else than finite numbers");
  }
  return vector;
}

/** @throws ProviderError `broken_reply` unless there is one for each input, all of one length */
export function checkVectors(vectors: readonly Float32Array[], inputs: number): void {
  if (vectors.length !== inputs) {
    throw brokenReply(`it has ${vectors.length} embeddings for ${inputs} inputs`);
  }
  const length = vectors[0]?.length;
  if (vectors.some((vector) => vector.length !== length)) {
    throw brokenReply("its embeddings are of several lengths");
  }
}
