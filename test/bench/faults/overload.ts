import { median } from "../statistics.ts";
import { milliseconds } from "../wording.ts";
import { arriveAt } from "./arrive-at.ts";
import { behave, type FaultFigure } from "./faults-context.ts";
import type { ArrivalReport } from "./messages.ts";

const places = 20;
const answersAfterMs = 100;
const capacityPerSecond = (places * 1_000) / answersAfterMs;
const times = 3;
const deadlineMs = 2_000;
const rounds = 3;
const roundMs = 5_000;
/** The line before the places is as long as it gets. */
const settleMs = 1_500;
const warmUpMs = 1_000;
const leastShare = 0.9;
/** `CALL_QUEUE_MS` by default, and what a busy machine adds. */
const refusedAtMostMs = 1_250;

export const overload: FaultFigure = {
  name: "overload",
  method: [
    `Goodput under overload: MAX_CONCURRENT_CALLS=${places} and an upstream that answers after ${answersAfterMs} ms make a capacity of`,
    `${capacityPerSecond} calls/s; offered are ${capacityPerSecond} and ${capacityPerSecond * times}, each with ${deadlineMs} ms of time (x-sluice-timeout-ms). Good answers a second,`,
    `median of ${rounds} rounds of ${roundMs / 1000} s, the first ${settleMs / 1000} s of each not counted. Those beyond it have to get a 503 with`,
    "retry-after, at the latest when they have waited CALL_QUEUE_MS, 1 s by default.",
  ],
  async measure(bench) {
    const upstream = await bench.startUpstream(["only"]);
    await behave(upstream, "only", { kind: "answer", afterMs: answersAfterMs });
    const gateway = await bench.startGateway({
      targets: upstream.ports,
      environment: { MAX_CONCURRENT_CALLS: String(places) },
    });
    const offer = (callsPerSecond: number, durationMs: number) =>
      arriveAt(
        gateway,
        {
          streamed: false,
          headers: { "x-sluice-timeout-ms": String(deadlineMs) },
          callsPerSecond,
          durationMs,
          settleMs: Math.min(settleMs, durationMs / 2),
        },
        bench,
      );
    await offer(capacityPerSecond, warmUpMs);
    const once: ArrivalReport[] = [];
    const beyond: ArrivalReport[] = [];
    for (let round = 0; round < rounds; round += 1) {
      once.push(await offer(capacityPerSecond, roundMs));
      beyond.push(await offer(capacityPerSecond * times, roundMs));
    }
    return resultOf(once, beyond);
  },
};

const goodput = (reports: readonly ArrivalReport[]): number =>
  median(reports.map((report) => report.goodPerSecond));

function resultOf(once: readonly ArrivalReport[], beyond: readonly ArrivalReport[]) {
  const share = goodput(beyond) / goodput(once);
  const sum = (of: (report: ArrivalReport) => number) => beyond.reduce((all, report) => all + of(report), 0);
  const failed = sum((report) => report.failed);
  const refusedMs = median(beyond.map(({ refusedMs: { p99 = Number.NaN } }) => p99));
  const goodMs = median(beyond.map(({ goodMs: { p99 = Number.NaN } }) => p99));
  return {
    lines: [
      {
        name: `goodput at ${times} times the capacity ÷ at the capacity`,
        measured: `${(share * 100).toFixed(0)} % (${goodput(beyond).toFixed(0)} ÷ ${goodput(once).toFixed(0)} calls/s)`,
        limit: `≥ ${leastShare * 100} %`,
        holds: share >= leastShare,
      },
      {
        name: `refused at ${times} times the capacity: p99`,
        measured: milliseconds(refusedMs),
        limit: `≤ ${refusedAtMostMs} ms`,
        holds: refusedMs <= refusedAtMostMs,
      },
      {
        name: "neither answered nor refused with retry-after",
        measured: `${failed} of ${sum((report) => report.calls)}`,
        limit: "0",
        holds: failed === 0,
      },
    ],
    notes: [
      `at ${times} times the capacity: good answers' p99 ${milliseconds(goodMs)}, ${sum((report) => report.refused)} refused`,
      ...beyond.flatMap(({ failures }) => failures).slice(0, 3),
    ],
  };
}
