// What is new of a call, as rows in the order of the columns of `record-columns.ts`: lists of plain values, which
// cost a third of what objects cost on their way to the database's thread.

import { createdAtOf } from "../core/ids.ts";
import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import { createBodyKeeper, type TextRoom } from "./kept-body.ts";
import { attemptRow, bodyRow, openedRow, type Row, settledRow } from "./record-columns.ts";

/** What is new of one call: its beginning, attempts and end, each if it has come since its last rows. */
export interface NewOfCall {
  readonly id: string;
  readonly opened: OpenedCall | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly settlement: Settlement | undefined;
}

/** The same as rows. */
export interface CallRows {
  readonly id: string;
  /** 0 where nothing but attempts is new. */
  readonly createdAtMs: number;
  /** Of `openedColumns`; alone, it is a call that still runs. */
  readonly opened: Row | undefined;
  /** Of `settledColumns`; alone, the call's beginning was in an earlier batch. */
  readonly settled: Row | undefined;
  /** Of `bodyColumns`; undefined: none is new. */
  readonly bodies: Row | undefined;
  /** Of `attemptColumns`. */
  readonly attempts: readonly Row[];
}

/** Makes the rows of a call, with at most so many bytes of a body's JSON text. */
export function createRowMaker(bodyKeepMaxBytes: number): (call: NewOfCall, room: TextRoom) => CallRows {
  const keep = createBodyKeeper(bodyKeepMaxBytes);
  return ({ id, opened, attempts, settlement }, room) => {
    const owner = opened ?? settlement;
    const createdAtMs = owner === undefined ? 0 : createdAtOf(owner.id, owner.createdAtMs);
    const request = opened?.requestBody;
    const reply = settlement?.replyBody;
    const hasBody = owner !== undefined && (request !== undefined || reply !== undefined);
    return {
      id,
      createdAtMs,
      opened: opened && openedRow(opened, createdAtMs),
      settled: settlement && settledRow(settlement),
      bodies: hasBody
        ? bodyRow({ id, createdAtMs, tenantId: owner.tenantId }, keep(request, room), keep(reply, room))
        : undefined,
      attempts: attempts.map(attemptRow),
    };
  };
}

/** Rows of one call as if they had been made at once. */
export const joinRows = (earlier: CallRows, later: CallRows): CallRows => ({
  id: earlier.id,
  createdAtMs: earlier.createdAtMs === 0 ? later.createdAtMs : earlier.createdAtMs,
  opened: earlier.opened ?? later.opened,
  settled: earlier.settled ?? later.settled,
  bodies: joinBodies(earlier.bodies, later.bodies),
  attempts: [...earlier.attempts, ...later.attempts],
});

/** A body that one has not, and is not cut there either, is taken from the other. */
function joinBodies(earlier: Row | undefined, later: Row | undefined): Row | undefined {
  if (earlier === undefined || later === undefined) return earlier ?? later;
  return earlier.map((value, i) => (value === null || value === 0 ? (later[i] ?? null) : value));
}
