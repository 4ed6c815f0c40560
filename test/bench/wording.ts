// How costs and ratios read in the table.

import type { Comparison, Cost } from "./compare.ts";

const microseconds = (value: number): string => `${value.toFixed(value < 20 ? 2 : 0)} µs`;
export const milliseconds = (value: number): string => `${value.toFixed(value < 20 ? 1 : 0)} ms`;
/** Where hundredths of it matter. */
export const finelyInMs = (value: number): string => `${value.toFixed(2)} ms`;

const ratioText = ({ ratio }: Comparison): string =>
  `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;

/** Of a line of the table. */
export const cpuColumns = (compared: Comparison) => ({
  ours: microseconds(compared.ours.cpuUs),
  baseline: microseconds(compared.baseline.cpuUs),
  ratio: ratioText(compared),
});

/** How loaded both sides were, and what the database's thread used beside the serving thread. */
export function loadNotes({ ours, baseline, recordsRefused, calls }: Comparison, unit: string): string[] {
  const rate = ({ perSecond, busy }: Cost) =>
    `${Math.round(perSecond)} ${unit}/s, serving thread ${Math.round(busy * 100)} % busy`;
  return [
    `load: ours ${rate(ours)}; baseline ${rate(baseline)}`,
    `the database's thread: ${microseconds(ours.databaseUs ?? 0)} a ${unit} beside ours; ` +
      `${recordsRefused} of ${calls} calls left without a record`,
  ];
}
