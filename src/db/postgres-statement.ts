// The one statement that writes a batch: each kind of row as a JSON array of arrays in one parameter. It is
// whole or not at all, costs one way to the server and back, and may be run again: what stands is not written
// twice, and a call that is settled stays as it was settled.

import { priceColumns } from "./price-versions.ts";
import { attemptColumns, bodyColumns, openedColumns, settledColumns } from "./record-columns.ts";

/** In the order of the statement's parameters. */
export const rowKinds = ["opened", "whole", "settled", "attempts", "bodies", "prices"] as const;
export type RowKind = (typeof rowKinds)[number];

/** What stands before the `settledColumns` in a row of `settled`: where the call is to be found. */
export const settledKey = ["created_at", "id"];

/** The columns that hold JSON texts. */
export const jsonColumns: ReadonlySet<string> = new Set(["labels", "losses", "choice", "prices"]);

/** All others are texts. */
const columnsOfType: Readonly<Record<string, string>> = {
  uuid: "id run_id request_id",
  jsonb: [...jsonColumns].join(" "),
  boolean: "request_cut reply_cut",
  int: "message_count attempts number http_status",
  "double precision": "time_to_first_token_ms latency_ms",
  bigint: `created_at started_at settled_at first_used_at input_chars output_chars cost_nanos saved_nanos
    input_tokens input_tokens_uncached input_tokens_cache_read input_tokens_cache_write input_tokens_audio
    output_tokens output_tokens_text output_tokens_reasoning output_tokens_audio`,
};
const typeOfColumn = new Map(
  Object.entries(columnsOfType).flatMap(([type, names]) =>
    names.split(/\s+/).map((name) => [name, type] as const),
  ),
);

const whole = [...openedColumns, ...settledColumns];

/** The value of a row's column: `r` is the row, a JSON array of values in the order of the names. */
const valueAt = (index: number, name: string): string =>
  `(r->>${index})::${typeOfColumn.get(name) ?? "text"}`;
const values = (names: readonly string[]): string => names.map((name, i) => valueAt(i, name)).join();
const rowsOf = (kind: RowKind): string =>
  `jsonb_array_elements($${rowKinds.indexOf(kind) + 1}::jsonb) as rows (r)`;

// A call that another gateway's start took for left is still settled by its own.
const unsettled = "requests.status in ('open', 'interrupted')";

export const writeStatement = `with
  opened as (
    insert into requests (${openedColumns.join()}, status) select ${values(openedColumns)}, 'open' from ${rowsOf("opened")}
    on conflict (created_at, id) do nothing returning id),
  whole as (
    insert into requests (${whole.join()}) select ${values(whole)} from ${rowsOf("whole")}
    on conflict (created_at, id) do update set ${settledColumns.map((name) => `${name} = excluded.${name}`).join()}
    where ${unsettled} returning id),
  settled as (
    update requests set ${settledColumns.map((name, i) => `${name} = ${valueAt(i + settledKey.length, name)}`).join()}
    from ${rowsOf("settled")}
    where requests.created_at = ${valueAt(0, "created_at")} and requests.id = ${valueAt(1, "id")} and ${unsettled}
    returning id),
  attempt as (
    insert into provider_attempts (${attemptColumns.join()}) select ${values(attemptColumns)} from ${rowsOf("attempts")}
    on conflict (id) do nothing),
  price as (
    insert into price_versions (${priceColumns.join()}) select ${values(priceColumns)} from ${rowsOf("prices")}
    on conflict (version) do nothing),
  changed as (select id from opened union all select id from whole union all select id from settled)
  insert into request_bodies as kept (${bodyColumns.join()})
  select ${values(bodyColumns)} from ${rowsOf("bodies")}
  where ${valueAt(0, "request_id")} in (select id from changed)
  on conflict (request_id) do update set
    request = coalesce(kept.request, excluded.request),
    request_cut = kept.request_cut or excluded.request_cut,
    reply = coalesce(kept.reply, excluded.reply),
    reply_cut = kept.reply_cut or excluded.reply_cut`;
