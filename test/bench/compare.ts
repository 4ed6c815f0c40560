// The gateway against its baseline: A B B A, so that what the machine does meanwhile, and what a round leaves to the
// next one, meets both.

import type { BenchContext } from "./bench-context.ts";
import type { Child } from "./child-process.ts";
import type { CpuReport, Load, LoadReport } from "./messages.ts";
import { median } from "./statistics.ts";

export interface Side {
  readonly server: Child;
  /** False: a gateway that drops its records. */
  readonly recording?: boolean;
  readonly load: (durationMs: number) => Load;
}

interface Measured {
  readonly used: CpuReport;
  readonly load: LoadReport;
}

/** Of the middle round. */
export interface Cost {
  /** Microseconds of the serving thread. */
  readonly cpuUs: number;
  readonly databaseUs: number | undefined;
  readonly perSecond: number;
  /** How much of the time the serving thread was at work, 0 to 1. */
  readonly busy: number;
}

/** Over the rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Comparison {
  readonly ours: Cost;
  readonly baseline: Cost;
  readonly ratio: Spread;
  /** Ours less the baseline's, in microseconds. */
  readonly differenceUs: Spread;
  readonly recordsRefused: number;
  readonly calls: number;
}

export interface Rounds {
  readonly rounds: number;
  readonly roundMs: number;
  /** 0: both are warm. */
  readonly warmUpMs: number;
  /** How many of what is counted (calls, events) are in one call. */
  readonly unitsPerCall: number;
}

export async function compare(
  bench: BenchContext,
  sides: { readonly ours: Side; readonly baseline: Side },
  { rounds, roundMs, warmUpMs, unitsPerCall }: Rounds,
): Promise<Comparison> {
  const measure = ({ server, recording, load }: Side, durationMs: number) =>
    bench.underLoad(server, load(durationMs), recording);
  if (warmUpMs > 0) for (const side of [sides.baseline, sides.ours]) await measure(side, warmUpMs);
  const ours: Measured[] = [];
  const baseline: Measured[] = [];
  const inTurn = [
    { side: sides.baseline, measured: baseline },
    { side: sides.ours, measured: ours },
  ];
  for (let round = 0; round < rounds; round += 1) {
    for (const { side, measured } of inTurn) measured.push(await measure(side, roundMs));
    inTurn.reverse();
  }
  const oursUs = ours.map((measured) => cpuUs(measured, unitsPerCall));
  const baselineUs = baseline.map((measured) => cpuUs(measured, unitsPerCall));
  const perRound = (f: (ours: number, baseline: number) => number): Spread =>
    spread(oursUs.map((value, round) => f(value, baselineUs[round] ?? Number.NaN)));
  return {
    ours: costOf(ours, unitsPerCall),
    baseline: costOf(baseline, unitsPerCall),
    ratio: perRound((a, b) => a / b),
    differenceUs: perRound((a, b) => a - b),
    recordsRefused: ours.at(-1)?.used.recordsRefused ?? 0,
    calls: ours.reduce((sum, { load }) => sum + load.calls, 0),
  };
}

const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

const cpuUs = ({ used, load }: Measured, unitsPerCall: number): number =>
  (used.servingCpuMs * 1000) / (load.calls * unitsPerCall);

function costOf(measured: readonly Measured[], unitsPerCall: number): Cost {
  const database = measured.flatMap(({ used, load }) =>
    used.databaseCpuMs === undefined ? [] : [(used.databaseCpuMs * 1000) / (load.calls * unitsPerCall)],
  );
  return {
    cpuUs: median(measured.map((each) => cpuUs(each, unitsPerCall))),
    databaseUs: database.length === 0 ? undefined : median(database),
    perSecond: median(measured.map(({ load }) => (load.calls * unitsPerCall * 1000) / load.wallMs)),
    busy: median(measured.map(({ used, load }) => used.servingCpuMs / load.wallMs)),
  };
}
