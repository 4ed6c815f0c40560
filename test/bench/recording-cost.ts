import type { Figure } from "./bench-context.ts";
import { compare } from "./compare.ts";
import { jsonLoad } from "./json-call.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limitUs = 15;
const rounds = 150;
const roundMs = 300;

export const recordingCost: Figure = {
  name: "recording",
  method: [
    "CPU that recording takes of the serving thread: the JSON calls of the first figure, until all their records are",
    "written by the database's thread. Baseline: the same process, whose ledger drops every record. The limit holds",
    `for the median of the differences of ${rounds} rounds of ${roundMs} ms, taken in turn.`,
  ],
  async measure(bench) {
    const server = await bench.startGateway({ upstreamPort: bench.upstream.ports["replay"] });
    const load = (durationMs: number) => jsonLoad(server, durationMs);
    const compared = await compare(
      bench,
      { ours: { server, load }, baseline: { server, load, recording: false } },
      { rounds, roundMs, warmUpMs: 6_000, unitsPerCall: 1 },
    );
    await server.end();
    const { median, quartiles } = compared.differenceUs;
    const half = quartiles.map((value) => value.toFixed(0)).join(" to ");
    return {
      lines: [
        {
          ...cpuColumns(compared),
          name: "CPU of recording a call",
          ratio: `${median < 0 ? "" : "+"}${median.toFixed(1)} µs (half: ${half})`,
          limit: `≤ +${limitUs} µs`,
          holds: median <= limitUs,
        },
      ],
      notes: loadNotes(compared, "call"),
    };
  },
};
