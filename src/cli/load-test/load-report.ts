import type { LoadFigures, Percentiles } from "./load-figures.ts";
import type { LoadOptions } from "./load-options.ts";

/** The figures for a person. */
export function loadReport({ frontEnd, rate, seconds, stream }: LoadOptions, figures: LoadFigures): string {
  const { sent, ok, notSent, answersPerSecond, errors, byProvider, fallbackShare, sentLateMs } = figures;
  const late = sentLateMs === undefined ? "" : `; sent late by ${ms(sentLateMs.p99)} at p99`;
  const lines: (readonly [string, string])[] = [
    ["load", `${rate} calls/s for ${seconds} s by ${frontEnd}${stream ? ", streamed" : ""}${late}`],
    ["calls", `${sent} sent, ${ok} answered whole, ${sent - ok} failed, ${notSent} not sent`],
    ["throughput", `${answersPerSecond.toFixed(1)} whole answers/s`],
    ["latency", told(figures.latencyMs)],
    ...(stream ? [["first token", told(figures.firstTokenMs)] as const] : []),
    ["errors", counted(errors)],
    ...Object.entries(figures.errorMessages).map(([code, said]) => ["", `${code}: ${shown(said)}`] as const),
    ["answered by", counted(byProvider)],
    ["by fallback", `${(fallbackShare * 100).toFixed(1)} % of the whole answers took more than one attempt`],
  ];
  return lines.map(([name, text]) => `${name.padEnd(12)} ${text}\n`).join("");
}

const told = (percentiles: Percentiles | undefined): string =>
  percentiles === undefined
    ? "no whole answer"
    : `p50 ${ms(percentiles.p50)}, p95 ${ms(percentiles.p95)}, p99 ${ms(percentiles.p99)}, longest ${ms(percentiles.max)}`;

const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;

const longestMessage = 300;

/** What a gateway says is foreign text: no control character of it reaches the terminal. */
const shown = (message: string): string => message.replaceAll(/\p{Cc}+/gu, " ").slice(0, longestMessage);

function counted(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return entries.length === 0 ? "none" : entries.map(([name, n]) => `${name} ${n}`).join(", ");
}
