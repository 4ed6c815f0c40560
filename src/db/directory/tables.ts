// The columns of the directory's tables, how a statement asks for them and how it writes them.

import type { StatementValue } from "../database-access.ts";

/** Columns that no driver may make numbers or values of by itself. */
const readAsText = new Set([
  "budget_hard_nanos",
  "budget_soft_nanos",
  "allowed_models",
  "allowed_providers",
  "permissions",
  "scopes",
  "roles_of_groups",
  "before",
  "after",
]);

/** The columns of a table, as `t_name`, in a statement that knows it as `t`. */
export const selected = (alias: string, columns: readonly string[]): string =>
  columns
    .map((name) => {
      const column = `${alias}.${name}`;
      return `${readAsText.has(name) ? `cast(${column} as text)` : column} as ${alias}_${name}`;
    })
    .join();

/** By the columns' names. */
export type RowValues = Readonly<Record<string, StatementValue>>;

export const orNull = <T extends StatementValue>(value: T | undefined): T | null => value ?? null;

export const nanosValue = (nanos: bigint | undefined): string | null => nanos?.toString() ?? null;

/** Of an object or a list. */
export const jsonValue = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

/** What is looked through when something is searched for, in any case. */
export const searchText = (...texts: readonly (string | undefined)[]): string =>
  [...new Set(texts.map((text) => text?.toLowerCase() ?? ""))].filter((text) => text !== "").join("\n");
