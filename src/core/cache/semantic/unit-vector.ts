/** Longer ones no embedding model gives. */
export const maxDimensions = 8_192;

/** Of length 1; undefined for a vector without direction or size: none, zeros, or what is no finite number. */
export function unitVector(vector: ArrayLike<number>): Float32Array | undefined {
  const { length } = vector;
  if (length === 0 || length > maxDimensions) return undefined;
  let squares = 0;
  for (let at = 0; at < length; at += 1) squares += (vector[at] ?? 0) ** 2;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm) || norm < 1e-20) return undefined;
  const unit = new Float32Array(length);
  for (let at = 0; at < length; at += 1) unit[at] = (vector[at] ?? 0) / norm;
  return unit;
}
