// Where the records of a time begin: their order is that of their ids, which begin with the time.

const latestMs = 2 ** 48 - 1;

/** Stands before every UUIDv7 of that millisecond and behind all of earlier ones. */
export function firstIdOf(epochMs: number): string {
  const time = Math.min(Math.max(epochMs, 0), latestMs).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
