// What is new of a call, as rows in the order of the columns of `record-columns.ts`: lists of plain values, which
// cost a third of what objects cost on their way to the database's thread.

import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { UnwrittenBody } from "./bound-body.ts";
import { createdAtOf } from "./created-at.ts";
import { createBodyKeeper } from "./kept-body.ts";
import { attemptRow, type BodyOwner, bodyRow, openedRow, type Row, settledRow } from "./record-columns.ts";

/** What is new of one call: its beginning, attempts and end, each if it has come since the last batch. */
export interface NewOfCall {
  readonly id: string;
  /** Its body stands beside it, bounded. */
  readonly opened: OpenedCall | undefined;
  readonly requestBody: UnwrittenBody | undefined;
  readonly attempts: readonly AttemptRecord[];
  /** Its body stands beside it, bounded. */
  readonly settlement: Settlement | undefined;
  readonly settledAtMs: number | undefined;
  readonly replyBody: UnwrittenBody | undefined;
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
export function createRowMaker(bodyKeepMaxBytes: number): (call: NewOfCall) => CallRows {
  const keep = createBodyKeeper(bodyKeepMaxBytes);

  function bodiesOf(owner: BodyOwner, { requestBody, replyBody }: NewOfCall): Row | undefined {
    if (requestBody === undefined && replyBody === undefined) return undefined;
    return bodyRow(owner, keep(requestBody), keep(replyBody));
  }

  return (call) => {
    const { id, opened, settlement, settledAtMs = 0 } = call;
    const owner = opened ?? settlement;
    const createdAtMs = owner === undefined ? 0 : createdAtOf(owner);
    return {
      id,
      createdAtMs,
      opened: opened && openedRow(opened, createdAtMs),
      settled: settlement && settledRow(settlement, settledAtMs),
      bodies: owner && bodiesOf({ id, createdAtMs, tenantId: owner.tenantId }, call),
      attempts: call.attempts.map(attemptRow),
    };
  };
}
