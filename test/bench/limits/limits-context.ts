// How figures of limits are told; they need nothing that is started for all of them.

import { verdictOf } from "../figure.ts";
import type { FigureContext } from "../run-figures.ts";
import { alignedRows } from "../table.ts";

export interface LimitLine {
  readonly name: string;
  readonly measured: string;
  readonly limit: string;
  readonly holds: boolean;
}

export type LimitsContext = FigureContext;

export const createLimitsContext = (): Promise<LimitsContext> =>
  Promise.resolve({ endServers: () => Promise.resolve(), close: () => Promise.resolve() });

export const tableOfLimits = (lines: readonly LimitLine[]): string =>
  alignedRows([
    ["figure", "measured", "limit", ""],
    ...lines.map((line) => [line.name, line.measured, line.limit, verdictOf(line)]),
  ]);
