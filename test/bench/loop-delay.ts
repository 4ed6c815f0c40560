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

interface Recorder {
  readonly server: Child;
  readonly recording: "on" | "off";
}

interface Gateways {
  readonly on: Recorder;
  readonly off: Recorder;
}

export const loopDelay: Figure = {
  name: "loop",
  method: [
    "Event-loop delay of the serving thread under JSON calls, at full speed and at a fixed pace: how late a timer",
    `of 1 ms is, at the 99.9th percentile of a round of ${roundMs / 1000} s; ${rounds} rounds, taken in turn. The limit holds for the`,
    "median of the rounds' differences (min–max).",
    "Baseline: the same gateway with a ledger that drops every record.",
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["replay"];
    const start = async (recording: "on" | "off"): Promise<Recorder> => ({
      server: await bench.startGateway({ upstreamPort, recording }),
      recording,
    });
    const [on, off] = [await start("on"), await start("off")];
    const lines: Line[] = [];
    const notes: string[] = [];
    for (const pace of paces) {
      const { line, note } = await comparePace(bench, { on, off }, pace);
      lines.push(line);
      notes.push(note);
    }
    await Promise.all([on.server.end(), off.server.end()]);
    return { lines, notes };
  },
};

async function comparePace(bench: BenchContext, { on, off }: Gateways, pace: Pace) {
  await delayOf(bench, { gateway: off, pace, durationMs: warmUpMs });
  await delayOf(bench, { gateway: on, pace, durationMs: warmUpMs });
  const ours: Delay[] = [];
  const baseline: Delay[] = [];
  for (let round = 0; round < rounds; round += 1) {
    baseline.push(await delayOf(bench, { gateway: off, pace, durationMs: roundMs }));
    ours.push(await delayOf(bench, { gateway: on, pace, durationMs: roundMs }));
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

async function delayOf(
  bench: BenchContext,
  options: { readonly gateway: Recorder; readonly pace: Pace; readonly durationMs: number },
): Promise<Delay> {
  const { pace, durationMs } = options;
  const { server, recording } = options.gateway;
  const { used, load } = await bench.underLoad(server, {
    ...jsonLoad(server, durationMs),
    callsPerSecond: pace.callsPerSecond,
  });
  if (recording === "off" && (used.databaseCpuMs ?? 0) > 0.01 * used.servingCpuMs) {
    throw new Error("The gateway that is to drop its records writes them: createGateway takes no ledger.");
  }
  return { ...used.loopDelayMs, callsPerSecond: (load.calls * 1000) / load.wallMs };
}
