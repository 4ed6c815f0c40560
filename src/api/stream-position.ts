// Where a reader of server-sent events is in a resumable stream: what stands in the `id` of each event, and comes back
// in `Last-Event-ID` (HTML, 9.2). `<call id>:<sequence>` tells that all of that event has come. A core event that is
// told in several has `<call id>:<sequence>.<n>` on all but the last: all up to its n-th, counted from 0, have come.

import { invalidRequest } from "../core/errors.ts";

export interface StreamPosition {
  readonly callId: string;
  readonly sequence: number;
  /** How many server-sent events of this core event have come; absent: all. */
  readonly told?: number | undefined;
}

const position = /^([\w-]{1,64}):(\d{1,15})(?:\.(\d{1,6}))?$/;

/** Of a `Last-Event-ID`; undefined where none was sent. @throws GatewayError `invalid_request` */
export function readPosition(header: string | undefined): StreamPosition | undefined {
  if (header === undefined || header === "") return undefined;
  const [, callId, sequence, last] = position.exec(header) ?? [];
  if (callId === undefined) {
    throw invalidRequest(
      "last-event-id",
      "must be the id of an event of the stream, as `<call id>:<sequence>`",
    );
  }
  return { callId, sequence: Number(sequence), told: last === undefined ? undefined : Number(last) + 1 };
}

/** The last event of which all has come; -1: none. */
export const wholeUpTo = ({ sequence, told }: StreamPosition): number =>
  told === undefined ? sequence : sequence - 1;

export const eventId = ({ callId, sequence, told }: StreamPosition): string =>
  told === undefined ? `${callId}:${sequence}` : `${callId}:${sequence}.${told - 1}`;
