// A batch as rows, in the order of the columns of `record-columns.ts`: lists of plain values, which cost a third
// of what objects cost on their way to the database's thread.

import { createdAtOf } from "./created-at.ts";
import { attemptColumns, openedColumns, type Row, settledColumns } from "./record-columns.ts";
import type { QueuedBody, QueuedCall } from "./record-store.ts";

/** What is new of one call. */
export interface CallRows {
  readonly id: string;
  /** `opened`: it still runs; `settled`: its beginning was in an earlier batch; `whole`: both are in this one. */
  readonly state: "opened" | "settled" | "whole" | undefined;
  /** `openedColumns`, `settledColumns`, or the one followed by the other, as the state says. */
  readonly request: Row;
  readonly bodies: BodyRow | undefined;
  readonly attempts: readonly Row[];
}

export interface BodyRow {
  readonly createdAtMs: number;
  readonly tenantId: string;
  readonly request: QueuedBody | undefined;
  readonly reply: QueuedBody | undefined;
}

export function rowsOfCall(call: QueuedCall): CallRows {
  const attempts = call.attempts.map(attemptColumns.rowOf);
  return { id: call.id, state: stateOf(call), request: requestOf(call), bodies: bodiesOf(call), attempts };
}

function stateOf({ opened, settlement }: QueuedCall): CallRows["state"] {
  if (opened === undefined) return settlement === undefined ? undefined : "settled";
  return settlement === undefined ? "opened" : "whole";
}

function requestOf({ opened, settlement, settledAtMs = 0 }: QueuedCall): Row {
  const first = opened === undefined ? [] : openedColumns.rowOf(opened);
  if (settlement === undefined) return first;
  const last = settledColumns.rowOf({ settlement, settledAtMs });
  return opened === undefined ? last : first.concat(last);
}

function bodiesOf({ opened, settlement, requestBody, replyBody }: QueuedCall): BodyRow | undefined {
  const owner = opened ?? settlement;
  if (owner === undefined || (requestBody === undefined && replyBody === undefined)) return undefined;
  return {
    createdAtMs: createdAtOf(owner),
    tenantId: owner.tenantId,
    request: requestBody,
    reply: replyBody,
  };
}
