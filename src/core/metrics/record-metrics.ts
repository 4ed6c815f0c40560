import { counter, gauge, type MetricFamily } from "./metric-family.ts";

/** What becomes of records on their way to the database. */
export const recordFamilies = (queue: {
  readonly waiting: number;
  readonly refused: number;
}): readonly MetricFamily[] => [
  gauge("sluice_records_waiting", "Calls whose records wait to be written.", queue.waiting),
  counter("sluice_records_refused_total", "Calls that have no whole record.", queue.refused),
];
