import type { BenchContext, Figure } from "./bench-context.ts";
import { compare, type Comparison } from "./compare.ts";
import { jsonLoad } from "./json-call.ts";
import { median } from "./statistics.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limitUs = 15;
const processes = 3;
const rounds = 60;
const roundMs = 300;

export const recordingCost: Figure = {
  name: "recording",
  method: [
    "CPU that recording takes of the serving thread: the JSON calls of the first figure, until all their records are",
    "written by the database's thread. Baseline: the same process, whose ledger drops every record; the median of",
    `the differences of ${rounds} rounds of ${roundMs} ms, taken in turn. The limit holds for the middle one of`,
    `${processes} processes, because two of the same code differ by some microseconds.`,
  ],
  async measure(bench) {
    const measured: Comparison[] = [];
    for (let count = 0; count < processes; count += 1) measured.push(await compareOneProcess(bench));
    const differences = measured.map(({ differenceUs }) => differenceUs.median);
    const differenceUs = median(differences);
    const middle = measured.find((each) => each.differenceUs.median === differenceUs) ?? measured[0];
    if (middle === undefined) throw new Error("Nothing was measured.");
    return {
      lines: [
        {
          ...cpuColumns(middle),
          name: "CPU of recording a call",
          ratio: `${signed(differenceUs)} µs (${differences.map(signed).join(", ")})`,
          limit: `≤ +${limitUs} µs`,
          holds: differenceUs <= limitUs,
        },
      ],
      notes: measured.flatMap((each) => loadNotes(each, "call")),
    };
  },
};

async function compareOneProcess(bench: BenchContext): Promise<Comparison> {
  const server = await bench.startGateway({ upstreamPort: bench.upstream.ports["replay"] });
  const load = (durationMs: number) => jsonLoad(server, durationMs);
  const compared = await compare(
    bench,
    { ours: { server, load }, baseline: { server, load, recording: false } },
    { rounds, roundMs, warmUpMs: 5_000, unitsPerCall: 1 },
  );
  await server.end();
  return compared;
}

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(1)}`;
