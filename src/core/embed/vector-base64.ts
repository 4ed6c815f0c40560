// A vector as the base64 of its components, each a float32 whose lowest byte comes first.

import { type JsonForm, malformed } from "../json-form.ts";

export const vectorForm: JsonForm<Float32Array> = {
  write: base64OfVector,
  read: (json) => (typeof json === "string" ? vectorOfBase64(json) : undefined) ?? malformed,
};

const componentBytes = Float32Array.BYTES_PER_ELEMENT;

/** A call takes no more arguments than the stack has room for. */
const bytesACall = 8_192;

function base64OfVector(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.length * componentBytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < vector.length; i += 1) view.setFloat32(i * componentBytes, vector[i] ?? 0, true);
  let binary = "";
  for (let at = 0; at < bytes.length; at += bytesACall) {
    binary += charsOf(bytes.subarray(at, at + bytesACall));
  }
  return btoa(binary);
}

// Spread as arguments they would be iterated one by one, which takes seven times as long.
const charsOf = (bytes: Uint8Array): string => Reflect.apply(String.fromCharCode, undefined, bytes);

/** Undefined for what is no such text. */
function vectorOfBase64(base64: string): Float32Array | undefined {
  const binary = bytesOf(base64);
  if (binary === undefined || binary.length % componentBytes !== 0) return undefined;
  // White space and an end without its padding are read too.
  if (base64.length !== 4 * Math.ceil(binary.length / 3)) return undefined;
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let i = 0; i < binary.length; i += 1) view.setUint8(i, binary.charCodeAt(i));
  const vector = new Float32Array(binary.length / componentBytes);
  for (let i = 0; i < vector.length; i += 1) vector[i] = view.getFloat32(i * componentBytes, true);
  return vector;
}

function bytesOf(base64: string): string | undefined {
  try {
    return atob(base64);
  } catch {
    return undefined;
  }
}
