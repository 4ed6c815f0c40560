import type { Page } from "../../core/directory/directory-store.ts";
import { entityFields, type RowFields } from "./row-fields.ts";

/** @param rows one more than asked for tells whether there are more */
export const pageOf = <T>(
  rows: readonly object[],
  first: number,
  entryOf: (fields: RowFields) => T,
): Page<T> => ({
  entries: rows.slice(0, first).map((row) => entryOf(entityFields(row))),
  hasMore: rows.length > first,
});
