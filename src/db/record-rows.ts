// A batch as rows, in the order of the columns of `record-columns.ts`: lists of plain values, which cost a third
// of what objects cost on their way to the database's thread.

import { createdAtOf } from "./created-at.ts";
import { createBodyKeeper, type KeptBody } from "./kept-body.ts";
import { attemptColumns, openedColumns, type Row, settledColumns } from "./record-columns.ts";
import type { QueuedBody, QueuedCall } from "./record-store.ts";

/** What is new of one call. */
export interface CallRows {
  readonly id: string;
  /** `opened`: it still runs; `settled`: its beginning was in an earlier batch; `whole`: both are in this one. */
  readonly state: "opened" | "settled" | "whole" | undefined;
  /** `openedColumns`, `settledColumns`, or the one followed by the other, as the state says. */
  readonly request: Row;
  /** `bodyColumns`; undefined: none is new. */
  readonly bodies: Row | undefined;
  readonly attempts: readonly Row[];
}

/** Makes the rows of a call, with at most so many bytes of a body's JSON text. */
export function createRowMaker(bodyKeepMaxBytes: number): (call: QueuedCall) => CallRows {
  const keep = createBodyKeeper(bodyKeepMaxBytes);
  return (call) => ({
    id: call.id,
    state: stateOf(call),
    request: requestOf(call),
    bodies: bodiesOf(call, keep),
    attempts: attemptsOf(call),
  });
}

function stateOf({ opened, settlement }: QueuedCall): CallRows["state"] {
  if (opened === undefined) return settlement === undefined ? undefined : "settled";
  return settlement === undefined ? "opened" : "whole";
}

function requestOf({ opened, settlement, settledAtMs = 0 }: QueuedCall): Row {
  const row: Row = [];
  if (opened !== undefined) openedColumns.write(opened, row);
  if (settlement !== undefined) settledColumns.write({ settlement, settledAtMs }, row);
  return row;
}

function attemptsOf({ attempts }: QueuedCall): readonly Row[] {
  const rows: Row[] = [];
  for (const attempt of attempts) {
    const row: Row = [];
    attemptColumns.write(attempt, row);
    rows.push(row);
  }
  return rows;
}

function bodiesOf(
  { opened, settlement, requestBody, replyBody }: QueuedCall,
  keep: (body: QueuedBody | undefined) => KeptBody,
): Row | undefined {
  const owner = opened ?? settlement;
  if (owner === undefined || (requestBody === undefined && replyBody === undefined)) return undefined;
  const request = keep(requestBody);
  const reply = keep(replyBody);
  return [
    owner.id,
    createdAtOf(owner),
    owner.tenantId,
    request.text,
    Number(request.cut),
    reply.text,
    Number(reply.cut),
  ];
}
