import type { Line } from "./bench-context.ts";

const heads = ["figure", "ours", "baseline", "ratio (min–max)", "limit", ""];

/** Columns as wide as their widest cell. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [heads, ...lines.map(cells)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const cells = ({ name, ours, baseline, ratio, limit, holds }: Line): string[] => [
  name,
  ours,
  baseline,
  ratio,
  limit ?? "",
  holds === undefined ? "for information" : holds ? "holds" : "MISSES",
];
