// Measurements as whoever writes them out is given them, whatever the format.

export type Labels = Readonly<Record<string, string>>;

/** The second form is exact: 10⁻⁹ of the family's unit. */
export type MetricValue = number | { readonly nanos: bigint };

export interface MetricSample {
  readonly labels: Labels;
  readonly value: MetricValue;
}

export interface HistogramSample {
  readonly labels: Labels;
  /** Upper ends of the buckets, ascending and inclusive; one more bucket, without end, follows. */
  readonly bounds: readonly number[];
  /** Of each bucket by itself; one more than `bounds`. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Names, units and `_total` as Prometheus has them: https://prometheus.io/docs/practices/naming/ */
export type MetricFamily = { readonly name: string; readonly help: string } & (
  | { readonly type: "counter" | "gauge"; readonly samples: readonly MetricSample[] }
  | { readonly type: "histogram"; readonly samples: readonly HistogramSample[] }
);

export const gauge = (name: string, help: string, value: number): MetricFamily => ({
  name,
  help,
  type: "gauge",
  samples: [{ labels: {}, value }],
});

export const counter = (name: string, help: string, value: number): MetricFamily => ({
  name,
  help,
  type: "counter",
  samples: [{ labels: {}, value }],
});
