import { type BenchContext, type Figure, type Line, urlOf } from "./bench-context.ts";
import type { Child } from "./child-process.ts";
import { compare, type Comparison, type Side } from "./compare.ts";
import { jsonLoad } from "./json-call.ts";
import { median } from "./statistics.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limitUs = 15;
const processes = 3;
// Short ones: what the machine does meanwhile changes from second to second, and must meet both sides of a round.
const rounds = 120;
const roundMs = 150;

/** What records keep, and how a line of the table says it. The limit is that of a gateway in production. */
const policies = [
  { loggingPolicy: "metadata", says: "as with keys", limited: true },
  { loggingPolicy: "full", says: "with bodies, as without keys", limited: false },
] as const;
type Policy = (typeof policies)[number];

export const recordingCost: Figure = {
  name: "recording",
  method: [
    "CPU that recording takes of the serving thread: the JSON calls of the first figure, until all their records are",
    "written by the database's thread. Baseline: the same process, whose ledger drops every record; the median of",
    `the differences of ${rounds} rounds of ${roundMs} ms, taken in turn. The limit holds for the middle one of`,
    `${processes} processes, because two of the same code differ by some microseconds, and for what a gateway`,
    "with keys records, which keeps no bodies unless told to; for information: with bodies, as one without keys does.",
    "How fast the machine is at the moment is told by a call of the gateway in one file.",
  ],
  async measure(bench) {
    const measured = [];
    for (const policy of policies) measured.push(await measurePolicy(bench, policy));
    return {
      lines: measured.map(({ line }) => line),
      notes: [...measured.flatMap(({ notes }) => notes), await scaleNote(bench)],
    };
  },
};

async function measurePolicy(bench: BenchContext, { loggingPolicy, says, limited }: Policy) {
  const measured: Comparison[] = [];
  for (let count = 0; count < processes; count += 1) {
    measured.push(await compareOneProcess(bench, loggingPolicy));
  }
  const differences = measured.map(({ differenceUs }) => differenceUs.median);
  const differenceUs = median(differences);
  const middle = measured.find((each) => each.differenceUs.median === differenceUs);
  if (middle === undefined) throw new Error("The number of processes has to be odd.");
  const line: Line = {
    ...cpuColumns(middle),
    name: `CPU of recording a call, ${says}`,
    ratio: `${signed(differenceUs)} µs (${differences.map(signed).join(", ")})`,
    ...(limited ? { limit: `≤ +${limitUs} µs`, holds: differenceUs <= limitUs } : {}),
  };
  return { line, notes: loadNotes(middle, "call") };
}

const side = (server: Child): Side => ({ server, load: (durationMs) => jsonLoad(server, durationMs) });

async function compareOneProcess(
  bench: BenchContext,
  loggingPolicy: Policy["loggingPolicy"],
): Promise<Comparison> {
  const server = await bench.startGateway({ upstreamPort: bench.upstream.ports["replay"], loggingPolicy });
  const compared = await compare(
    bench,
    { ours: side(server), baseline: { ...side(server), recording: false } },
    { rounds, roundMs, warmUpMs: 5_000, unitsPerCall: 1 },
  );
  await server.end();
  return compared;
}

async function scaleNote(bench: BenchContext): Promise<string> {
  const server = await bench.startBaseline("single-file", {
    UPSTREAM: urlOf(bench.upstream.ports["replay"]),
  });
  await bench.underLoad(server, jsonLoad(server, 3_000));
  const { used, load } = await bench.underLoad(server, jsonLoad(server, 5_000));
  await server.end();
  const singleFileUs = (used.servingCpuMs * 1000) / load.calls;
  return `the machine: a call of the single file takes ${singleFileUs.toFixed(0)} µs`;
}

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(1)}`;
