// A stream's body cut into its server-sent events, without the adapters' parser: the recordings end their lines
// with a line feed, or with a carriage return and a line feed, and their events with an empty line.

import { parseJson } from "./json-view.ts";

export interface WireEvent {
  /** The `event:` field. */
  readonly name: string | undefined;
  readonly data: string;
  /** Bytes of the body up to the end of this event, its closing empty line included. */
  readonly endsAtByte: number;
}

export function wireEvents(body: string): readonly WireEvent[] {
  const events: WireEvent[] = [];
  let endsAtByte = 0;
  for (const [block] of body.matchAll(/[^]*?\r?\n\r?\n/g)) {
    endsAtByte += Buffer.byteLength(block);
    const lines = block.split(/\r?\n/);
    const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
    const name = lines
      .find((line) => line.startsWith("event:"))
      ?.slice(6)
      .trim();
    if (data.length > 0) events.push({ name, data: data.join("\n"), endsAtByte });
  }
  return events;
}

export const dataOf = (event: WireEvent): unknown => parseJson(event.data);

/** After how many bytes the first event for which this holds is complete; Infinity: it never comes. */
export const wholeFrom = (body: string, isEnd: (event: WireEvent) => boolean): number =>
  wireEvents(body).find((event) => isEnd(event))?.endsAtByte ?? Infinity;
