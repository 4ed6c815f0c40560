// Where a recorded body is cut.

const everyOffsetUpToBytes = 8 * 1024;
const offsetsOfLonger = 200;

/** Every offset inside a body of up to 8 KiB; 200 of a longer one, the same in every run. */
export function cutOffsets(length: number, seedText: string): readonly number[] {
  if (length <= everyOffsetUpToBytes) return Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);
  const next = seededNumbers(seedText);
  const offsets = new Set<number>();
  while (offsets.size < offsetsOfLonger) offsets.add(1 + Math.floor(next() * (length - 1)));
  return [...offsets].sort((a, b) => a - b);
}

/** Numbers from 0 up to 1 by mulberry32, its seed made from the text by FNV-1a: small, and enough for offsets. */
function seededNumbers(seedText: string): () => number {
  let state = 0x811c9dc5;
  for (const char of seedText) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
