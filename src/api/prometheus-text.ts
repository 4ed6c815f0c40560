// Measurements in Prometheus' text format, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/

import type { HistogramSample, Labels, MetricFamily, MetricValue } from "../core/metrics/metric-family.ts";

export const prometheusTextType = "text/plain; version=0.0.4; charset=utf-8";

/** Families without a sample have no lines. */
export function writePrometheusText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) {
    if (family.samples.length === 0) continue;
    const { name } = family;
    lines.push(`# HELP ${name} ${escapeHelp(family.help)}`, `# TYPE ${name} ${family.type}`);
    if (family.type === "histogram") {
      for (const sample of family.samples) lines.push(...histogramLines(name, sample));
    } else {
      for (const { labels, value } of family.samples)
        lines.push(line(name, writeLabels(labels), writeValue(value)));
    }
  }
  return lines.map((each) => `${each}\n`).join("");
}

function histogramLines(name: string, { labels, bounds, counts, sum }: HistogramSample): string[] {
  // Once for all lines: gateways with hundreds of providers have thousands of buckets.
  const written = writeLabels(labels);
  const beforeLast = written === "" ? "" : `${written},`;
  let count = 0;
  const buckets = counts.map((each, at) => {
    count += each;
    return line(`${name}_bucket`, `${beforeLast}le="${writeNumber(bounds[at] ?? Infinity)}"`, String(count));
  });
  return [
    ...buckets,
    line(`${name}_sum`, written, writeNumber(sum)),
    line(`${name}_count`, written, String(count)),
  ];
}

const writeLabels = (labels: Labels): string =>
  Object.entries(labels)
    .map(([label, text]) => `${label}="${escapeLabel(text)}"`)
    .join(",");

const line = (name: string, labels: string, value: string): string =>
  labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`;

const writeValue = (value: MetricValue): string =>
  typeof value === "number" ? writeNumber(value) : writeNanos(value.nanos);

/** As Go reads floats. */
const writeNumber = (value: number): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);

/** All digits: a sum of money is not rounded on its way out. */
function writeNanos(nanos: bigint): string {
  const digits = (nanos < 0n ? -nanos : nanos).toString().padStart(10, "0");
  const written = `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, "");
  return nanos < 0n ? `-${written}` : written;
}

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');
