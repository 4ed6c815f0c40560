// What is new of a call, as rows in the order of the columns of `record-columns.ts`: lists of plain values, which
// cost a third of what objects cost on their way to the database's thread.

import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { UnwrittenBody } from "./bound-body.ts";
import { createdAtOf } from "./created-at.ts";
import { createBodyKeeper, type KeptBody } from "./kept-body.ts";
import { attemptColumns, openedColumns, type Row, settledColumns } from "./record-columns.ts";

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
  /** Undefined where nothing but attempts is new. */
  readonly createdAtMs: number | undefined;
  /** `opened`: it still runs; `settled`: its beginning was in an earlier batch; `whole`: both are in this one. */
  readonly state: "opened" | "settled" | "whole" | undefined;
  /** `openedColumns`, `settledColumns`, or the one followed by the other, as the state says. */
  readonly request: Row;
  /** `bodyColumns`; undefined: none is new. */
  readonly bodies: Row | undefined;
  readonly attempts: readonly Row[];
}

/** Makes the rows of a call, with at most so many bytes of a body's JSON text. */
export function createRowMaker(bodyKeepMaxBytes: number): (call: NewOfCall) => CallRows {
  const keep = createBodyKeeper(bodyKeepMaxBytes);
  return (call) => {
    const owner = call.opened ?? call.settlement;
    const createdAtMs = owner === undefined ? undefined : createdAtOf(owner);
    return {
      id: call.id,
      createdAtMs,
      state: stateOf(call),
      request: requestOf(call),
      bodies: bodiesOf(call, createdAtMs, keep),
      attempts: attemptsOf(call),
    };
  };
}

function stateOf({ opened, settlement }: NewOfCall): CallRows["state"] {
  if (opened === undefined) return settlement === undefined ? undefined : "settled";
  return settlement === undefined ? "opened" : "whole";
}

function requestOf({ opened, settlement, settledAtMs = 0 }: NewOfCall): Row {
  const row: Row = [];
  if (opened !== undefined) openedColumns.write(opened, row);
  if (settlement !== undefined) settledColumns.write({ settlement, settledAtMs }, row);
  return row;
}

function attemptsOf({ attempts }: NewOfCall): readonly Row[] {
  const rows: Row[] = [];
  for (const attempt of attempts) {
    const row: Row = [];
    attemptColumns.write(attempt, row);
    rows.push(row);
  }
  return rows;
}

function bodiesOf(
  { opened, settlement, requestBody, replyBody }: NewOfCall,
  createdAtMs: number | undefined,
  keep: (body: UnwrittenBody | undefined) => KeptBody,
): Row | undefined {
  const owner = opened ?? settlement;
  if (owner === undefined || createdAtMs === undefined) return undefined;
  if (requestBody === undefined && replyBody === undefined) return undefined;
  const request = keep(requestBody);
  const reply = keep(replyBody);
  return [
    owner.id,
    createdAtMs,
    owner.tenantId,
    request.text,
    Number(request.cut),
    reply.text,
    Number(reply.cut),
  ];
}
