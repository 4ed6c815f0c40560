// What a load test measured: counts, and times in histograms of bounded size.

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { CallEnd } from "./load-caller.ts";

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadFigures {
  readonly sent: number;
  readonly ok: number;
  /** Calls that came while too many were open. */
  readonly notSent: number;
  /** Whole answers a second, from the first call to the last answer. */
  readonly answersPerSecond: number;
  /** Of whole answers, from the moment when the call was due. Absent: there are none. */
  readonly latencyMs: Percentiles | undefined;
  /** Of streamed answers, from the moment when the call was due. */
  readonly firstTokenMs: Percentiles | undefined;
  /** How long after they were due calls were sent: what the load test itself adds. */
  readonly sentLateMs: Percentiles | undefined;
  readonly errors: Readonly<Record<string, number>>;
  /** What was said with the first error of each code. */
  readonly errorMessages: Readonly<Record<string, string>>;
  readonly byProvider: Readonly<Record<string, number>>;
  /** Whole answers that needed more than one attempt, of all whole answers, 0 to 1. */
  readonly fallbackShare: number;
}

export interface LoadMeasuring {
  sent(dueMs: number, atMs: number): void;
  notSent(): void;
  ended(dueMs: number, end: CallEnd & { readonly atMs: number }): void;
  figures(): LoadFigures;
}

export function createLoadMeasuring(beganMs: number): LoadMeasuring {
  const latency = createHistogram();
  const firstToken = createHistogram();
  const late = createHistogram();
  const errors = new Map<string, number>();
  const errorMessages = new Map<string, string>();
  const byProvider = new Map<string, number>();
  let [sent, ok, notSent, fellBack, lastMs] = [0, 0, 0, 0, beganMs];

  return {
    sent(dueMs, atMs) {
      sent += 1;
      record(late, atMs - dueMs);
    },
    notSent() {
      notSent += 1;
    },
    ended(dueMs, { code, message, firstTokenAtMs, provider, attempts, atMs }) {
      if (code !== "ok") {
        count(errors, code);
        if (message !== undefined && !errorMessages.has(code)) errorMessages.set(code, message);
        return;
      }
      ok += 1;
      lastMs = Math.max(lastMs, atMs);
      record(latency, atMs - dueMs);
      if (firstTokenAtMs !== undefined) record(firstToken, firstTokenAtMs - dueMs);
      if (provider !== undefined) count(byProvider, provider);
      if (attempts !== undefined && attempts > 1) fellBack += 1;
    },
    figures: () => ({
      sent,
      ok,
      notSent,
      answersPerSecond: lastMs === beganMs ? 0 : (ok * 1_000) / (lastMs - beganMs),
      latencyMs: percentiles(latency),
      firstTokenMs: percentiles(firstToken),
      sentLateMs: percentiles(late),
      errors: Object.fromEntries(errors),
      errorMessages: Object.fromEntries(errorMessages),
      byProvider: Object.fromEntries(byProvider),
      fallbackShare: ok === 0 ? 0 : fellBack / ok,
    }),
  };
}

const count = (counts: Map<string, number>, key: string): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + 1);

/** In whole microseconds, as the histogram takes them. */
const record = (histogram: RecordableHistogram, ms: number): void =>
  histogram.record(Math.max(1, Math.round(ms * 1_000)));

function percentiles(histogram: RecordableHistogram): Percentiles | undefined {
  if (histogram.count === 0) return undefined;
  const at = (share: number): number => histogram.percentile(share) / 1_000;
  return { p50: at(50), p95: at(95), p99: at(99), max: histogram.max / 1_000 };
}
