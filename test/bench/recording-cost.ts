import type { Figure } from "./bench-context.ts";
import { compare, type Side } from "./compare.ts";
import type { Child } from "./child-process.ts";
import { jsonLoad, jsonRounds } from "./json-call.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limitUs = 15;

const side = (server: Child): Side => ({ server, load: (durationMs) => jsonLoad(server, durationMs) });

export const recordingCost: Figure = {
  name: "recording",
  method: [
    "CPU that recording takes of the serving thread: the JSON calls of the first figure, the records on their way to",
    "the database's thread. Baseline: the same gateway with a ledger that drops every record. The limit holds for the",
    `median of the differences of ${jsonRounds.rounds} rounds, taken in turn.`,
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["replay"];
    const on = await bench.startGateway({ upstreamPort, recording: "on" });
    const off = await bench.startGateway({ upstreamPort, recording: "off" });
    const compared = await compare(
      bench,
      { ours: side(on), baseline: side(off) },
      { ...jsonRounds, warmUpMs: 6_000, unitsPerCall: 1 },
    );
    await Promise.all([on.end(), off.end()]);
    const { median, min, max } = compared.differenceUs;
    return {
      lines: [
        {
          ...cpuColumns(compared),
          name: "CPU of recording a call",
          ratio: `${median < 0 ? "" : "+"}${median.toFixed(1)} µs (${min.toFixed(1)}–${max.toFixed(1)})`,
          limit: `≤ +${limitUs} µs`,
          holds: median <= limitUs,
        },
      ],
      notes: loadNotes(compared, "call"),
    };
  },
};
