// Writes batches of records by one prepared statement, in pieces of a bounded size.

import { isAboutTheValues } from "./postgres-failure.ts";
import type { NativeClient } from "./postgres-native.ts";
import { jsonColumns, type RowKind, rowKinds, settledKey, writeStatement } from "./postgres-statement.ts";
import { mayBeUnstorable, storableJson, storableText } from "./storable-text.ts";
import { priceColumns, rowOfPrice } from "./price-versions.ts";
import {
  attemptColumns,
  bodyColumns,
  openedColumns,
  type Row,
  settledColumns,
  type SqlValue,
} from "./record-columns.ts";
import type { CallRows } from "./record-rows.ts";
import type { RejectedCall, UsedPrice } from "./record-store.ts";

export interface PostgresBatch {
  readonly calls: readonly CallRows[];
  readonly prices: readonly UsedPrice[];
}

type Piece = Record<RowKind, Row[]>;

/** Of the texts in one statement: what is longer holds the thread for too long at a time. */
const pieceMaxChars = 512 * 1024;

/**
 * Each piece is a transaction: one that fails rejects, and those before it stand. A statement is given up after
 * `timeoutMs`; the server ends it before.
 */
export function createPostgresWriter(
  timeoutMs: number,
): (client: NativeClient, batch: PostgresBatch) => Promise<RejectedCall[]> {
  const send = (client: NativeClient, piece: Piece) =>
    client.query({
      name: "sluice_write",
      text: writeStatement,
      values: rowKinds.map((kind) => parameterOf(kind, piece[kind])),
      query_timeout: timeoutMs,
    });

  /** One call that cannot be written must not keep the others out: each alone. */
  async function writeSingly(client: NativeClient, calls: readonly CallRows[]): Promise<RejectedCall[]> {
    const rejected: RejectedCall[] = [];
    for (const call of calls) {
      const piece = emptyPiece();
      addCall(call, piece);
      try {
        await send(client, piece);
      } catch (error) {
        if (!isAboutTheValues(error)) throw error;
        rejected.push({ id: call.id, message: error.message });
      }
    }
    return rejected;
  }

  async function writePiece(client: NativeClient, calls: readonly CallRows[], piece: Piece) {
    try {
      await send(client, piece);
      return [];
    } catch (error) {
      if (!isAboutTheValues(error)) throw error;
    }
    await send(client, { ...emptyPiece(), prices: piece.prices });
    return writeSingly(client, calls);
  }

  return async (client, { calls, prices }) => {
    const rejected: RejectedCall[] = [];
    let piece = emptyPiece();
    for (const price of prices) addRow(rowOfPrice(price), piece.prices);
    let chars = 0;
    let written = 0;
    for (const [index, call] of calls.entries()) {
      chars += addCall(call, piece);
      if (chars < pieceMaxChars && index < calls.length - 1) continue;
      rejected.push(...(await writePiece(client, calls.slice(written, index + 1), piece)));
      piece = emptyPiece();
      chars = 0;
      written = index + 1;
    }
    return rejected;
  };
}

/** Adds a call's rows to a piece; returns the characters of their texts. */
function addCall({ id, createdAtMs, opened, settled, bodies, attempts }: CallRows, piece: Piece): number {
  let chars = 0;
  if (opened !== undefined && settled !== undefined) chars += addRow([...opened, ...settled], piece.whole);
  else if (opened !== undefined) chars += addRow(opened, piece.opened);
  else if (settled !== undefined) chars += addRow([createdAtMs, id, ...settled], piece.settled);
  for (const attempt of attempts) chars += addRow(attempt, piece.attempts);
  return bodies === undefined ? chars : chars + addRow(bodies, piece.bodies);
}

const emptyPiece = (): Piece => ({
  opened: [],
  whole: [],
  settled: [],
  attempts: [],
  bodies: [],
  prices: [],
});

/** Adds a row, with texts in place of what JSON has no numbers for; returns the characters of its texts. */
function addRow(row: Row, rows: Piece[RowKind]): number {
  let chars = 0;
  for (const [index, value] of row.entries()) {
    if (typeof value === "string") chars += value.length;
    else if (typeof value === "bigint") row[index] = value.toString();
  }
  rows.push(row);
  return chars;
}

const columnsOf: Readonly<Record<RowKind, readonly string[]>> = {
  opened: openedColumns,
  whole: [...openedColumns, ...settledColumns],
  settled: [...settledKey, ...settledColumns],
  attempts: attemptColumns,
  bodies: bodyColumns,
  prices: priceColumns,
};

function parameterOf(kind: RowKind, rows: Piece[RowKind]): string {
  if (rows.length === 0) return "[]";
  const json = JSON.stringify(rows);
  if (!mayBeUnstorable(json)) return json;
  const columns = columnsOf[kind];
  const storable = (value: SqlValue, index: number): SqlValue => {
    if (typeof value !== "string") return value;
    return jsonColumns.has(columns[index] ?? "") ? storableJson(value) : storableText(value);
  };
  return JSON.stringify(rows.map((row) => row.map(storable)));
}
