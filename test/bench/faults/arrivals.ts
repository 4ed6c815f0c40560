// Calls that come at a constant rate, whatever becomes of those before: a gateway that is slow does not slow its
// callers down. A call's time begins when it was due.

import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { quantile } from "../statistics.ts";
import type { ArrivalReport, ArrivalReports, Arrivals } from "./messages.ts";

interface Outcome {
  readonly kind: "good" | "refused" | "failed";
  readonly tookMs: number;
  readonly atMs: number;
  readonly failure?: string;
}

const failuresTold = 5;

export async function arrive(load: Arrivals): Promise<ArrivalReports> {
  return { tell: "arrived", reports: await Promise.all(load.ports.map((port) => arriveAt(port, load))) };
}

async function arriveAt(port: number, load: Arrivals): Promise<ArrivalReport> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { allowH2: false, keepAliveTimeout: 30_000 });
  const count = Math.round((load.callsPerSecond * load.durationMs) / 1_000);
  const beganMs = performance.now();
  const calls: Promise<Outcome>[] = [];
  while (calls.length < count) {
    const dueMs = beganMs + (calls.length * 1_000) / load.callsPerSecond;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 0) await wait(earlyMs);
    else calls.push(call(pool, load, dueMs));
  }
  const outcomes = await Promise.all(calls);
  await pool.close();
  return reportOf(outcomes, { from: beganMs + load.settleMs, to: beganMs + load.durationMs });
}

async function call(pool: Pool, load: Arrivals, dueMs: number): Promise<Outcome> {
  const ended = (kind: Outcome["kind"], failure?: string): Outcome => {
    const atMs = performance.now();
    return { kind, tookMs: atMs - dueMs, atMs, failure };
  };
  try {
    const { statusCode, headers, body } = await pool.request({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json", ...load.headers },
      body: load.body,
    });
    const text = await body.text();
    if (statusCode === 200 && text.includes(load.expect)) return ended("good");
    if (statusCode === 503 && headers["retry-after"] !== undefined) return ended("refused");
    return ended("failed", `${statusCode} ${text.slice(0, 300)}`);
  } catch (error) {
    return ended("failed", error instanceof Error ? error.message : String(error));
  }
}

function reportOf(
  outcomes: readonly Outcome[],
  counted: { readonly from: number; readonly to: number },
): ArrivalReport {
  const of = (kind: Outcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind);
  const good = of("good");
  const refused = of("refused");
  const failed = of("failed");
  const inTime = good.filter(({ atMs }) => atMs >= counted.from && atMs < counted.to);
  return {
    calls: outcomes.length,
    good: good.length,
    refused: refused.length,
    failed: failed.length,
    failures: failed.slice(0, failuresTold).map(({ failure = "" }) => failure),
    goodPerSecond: (inTime.length * 1_000) / (counted.to - counted.from),
    goodMs: timesOf(good),
    refusedMs: timesOf(refused),
  };
}

function timesOf(outcomes: readonly Outcome[]): ArrivalReport["goodMs"] {
  const tookMs = outcomes.map((outcome) => outcome.tookMs);
  return tookMs.length === 0 ? {} : { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99) };
}
