import type { Line } from "./bench-context.ts";
import { verdictOf } from "./figure.ts";

const heads = ["figure", "ours", "baseline", "ratio (min–max)", "limit", ""];

export const tableOf = (lines: readonly Line[]): string => alignedRows([heads, ...lines.map(cells)]);

/** Columns as wide as their widest cell. */
export function alignedRows(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const cells = (line: Line): string[] => {
  const { name, ours, baseline, ratio, limit } = line;
  return [name, ours, baseline, ratio, limit ?? "", verdictOf(line)];
};
