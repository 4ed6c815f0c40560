// A record's `created_at` is its id's time, so that the order of ids is the order of time and an id is all
// that is needed to go on reading behind it.

import { epochMsOfId } from "../core/ids.ts";

const uuid7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isUuid7 = (id: string): boolean => uuid7Pattern.test(id);

/** In epoch milliseconds. */
export const createdAtOf = (record: { readonly id: string; readonly createdAtMs: number }): number =>
  isUuid7(record.id) ? epochMsOfId(record.id) : record.createdAtMs;

const latestMs = 2 ** 48 - 1;

/** Stands before every UUIDv7 of that millisecond and behind all of earlier ones. */
export function firstIdOf(epochMs: number): string {
  const time = Math.min(Math.max(epochMs, 0), latestMs).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
