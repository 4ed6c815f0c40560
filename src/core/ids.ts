// Ids are UUIDv7 (RFC 9562, 5.7): ordered by time, so that database indexes grow at their end.

import type { Clock } from "./clock.ts";

export type NewId = () => string;

const randomBytesAnId = 10;
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * A source of UUIDv7 ids. Those of one millisecond count up in the 12 bits after the version (RFC 9562,
 * 6.2, method 1), so that ids of one source never go back, even if the clock does.
 */
export function createIdSource(options: { clock: Clock; fillRandom: (bytes: Uint8Array) => void }): NewId {
  const { clock, fillRandom } = options;
  // One call of the random source serves many ids; asking for ten bytes each time costs ten times as much.
  const pool = new Uint8Array(randomBytesAnId * 128);
  let used = pool.length;
  let lastMs = 0;
  let counter = 0;
  /** Of `lastMs`, with the dashes on both sides of its last four digits. */
  let time = "";

  const byte = () => pool[used++] ?? 0;
  const hex = () => hexOfByte[byte()] ?? "00";

  return () => {
    if (used === pool.length) {
      fillRandom(pool);
      used = 0;
    }
    const seed = ((byte() << 8) | byte()) & 0x7ff;
    const nowMs = clock.epochMs();
    if (nowMs > lastMs || counter === 0xfff) {
      counter = nowMs > lastMs ? seed : 0;
      lastMs = Math.max(nowMs, lastMs + 1);
      const digits = lastMs.toString(16).padStart(12, "0");
      time = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
    } else {
      counter += 1;
    }
    const variant = (0x80 | (byte() & 0x3f)).toString(16);
    const count = counter.toString(16).padStart(3, "0");
    // Joined, not added up: V8 keeps a sum of strings as the tree of its pieces, for as long as the id lives.
    return [time, count, "-", variant, hex(), "-", hex(), hex(), hex(), hex(), hex(), hex()].join("");
  };
}

/** The time that a UUIDv7 carries, in milliseconds since 1970. */
export const epochMsOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
