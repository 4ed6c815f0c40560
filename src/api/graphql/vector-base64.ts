/** The components as little-endian float32, in base64: the form that OpenAI's `encoding_format: base64` has. */
export function vectorBase64(values: Float32Array): string {
  const bytes = Buffer.allocUnsafe(values.length * Float32Array.BYTES_PER_ELEMENT);
  let at = 0;
  for (const value of values) at = bytes.writeFloatLE(value, at);
  return bytes.toString("base64");
}
