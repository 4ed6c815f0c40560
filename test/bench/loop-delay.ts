import type { BenchContext, Figure, Line } from "./bench-context.ts";
import type { Child } from "./child-process.ts";
import { jsonLoad } from "./json-call.ts";
import { median } from "./statistics.ts";
import { milliseconds } from "./wording.ts";

const limitMs = 10;
const rounds = 5;
const roundMs = 2_000;
const warmUpMs = 1_500;

// Both count. At full speed the processes also queue for processors, the database's thread among them; at a
// fixed pace both sides do the same work.
const paces = [
  { name: "full speed", callsPerSecond: undefined },
  { name: "1000 calls/s", callsPerSecond: 1_000 },
] as const;

type Pace = (typeof paces)[number];

interface Delay {
  readonly p999: number;
  readonly p99: number;
  readonly max: number;
  readonly callsPerSecond: number;
}

export const loopDelay: Figure = {
  name: "loop",
  method: [
    "Event-loop delay of the serving thread under JSON calls, at full speed and at a fixed pace: how late a timer",
    `of 1 ms is, at the 99.9th percentile of a round of ${roundMs / 1000} s; ${rounds} rounds, taken in turn. The limit holds for the`,
    "median of the rounds' differences (min–max).",
    "Baseline: the same process, whose ledger drops every record.",
  ],
  async measure(bench) {
    const gateway = await bench.startGateway({ upstreamPort: bench.upstream.ports["replay"] });
    const lines: Line[] = [];
    const notes: string[] = [];
    for (const pace of paces) {
      const { line, note } = await comparePace(bench, gateway, pace);
      lines.push(line);
      notes.push(note);
    }
    await gateway.end();
    return { lines, notes };
  },
};

async function comparePace(bench: BenchContext, gateway: Child, pace: Pace) {
  const delayOf = (recording: boolean, durationMs: number) =>
    measureDelay(bench, { gateway, pace, recording, durationMs });
  await delayOf(false, warmUpMs);
  await delayOf(true, warmUpMs);
  const ours: Delay[] = [];
  const baseline: Delay[] = [];
  for (let round = 0; round < rounds; round += 1) {
    baseline.push(await delayOf(false, roundMs));
    ours.push(await delayOf(true, roundMs));
  }
  const differences = ours.map(({ p999 }, round) => p999 - (baseline[round]?.p999 ?? Number.NaN));
  const difference = median(differences);
  const range = `${Math.min(...differences).toFixed(1)}–${Math.max(...differences).toFixed(1)}`;
  const line: Line = {
    name: `event-loop delay p99.9, ${pace.name}`,
    ours: milliseconds(middle(ours, "p999")),
    baseline: milliseconds(middle(baseline, "p999")),
    ratio: `${difference < 0 ? "" : "+"}${difference.toFixed(1)} ms (${range})`,
    limit: `≤ +${limitMs} ms`,
    holds: difference <= limitMs,
  };
  return { line, note: `${pace.name}: recording ${told(ours)}; not recording ${told(baseline)}` };
}

const middle = (delays: readonly Delay[], key: keyof Delay): number =>
  median(delays.map((delay) => delay[key]));

const told = (delays: readonly Delay[]): string =>
  `p99 ${milliseconds(middle(delays, "p99"))}, longest ${milliseconds(middle(delays, "max"))}, ` +
  `${Math.round(middle(delays, "callsPerSecond"))} calls/s`;

interface Measurement {
  readonly gateway: Child;
  readonly pace: Pace;
  readonly recording: boolean;
  readonly durationMs: number;
}

async function measureDelay(
  bench: BenchContext,
  { gateway, pace, recording, durationMs }: Measurement,
): Promise<Delay> {
  const asked = { ...jsonLoad(gateway, durationMs), callsPerSecond: pace.callsPerSecond };
  const { used, load } = await bench.underLoad(gateway, asked, recording);
  if (!recording && (used.databaseCpuMs ?? 0) > 0.01 * used.servingCpuMs) {
    throw new Error("The gateway that is to drop its records writes them.");
  }
  return { ...used.loopDelayMs, callsPerSecond: (load.calls * 1000) / load.wallMs };
}
